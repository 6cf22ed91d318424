import { expect, test } from "vitest";
import type { Flow, FlowStep } from "./flow.ts";
import { partsOf, scriptOf } from "./participants.ts";

function step(name: string, from: string, to: string, method: string, status = 0): FlowStep {
  const kind = status === 0 ? "request" : "response";
  const rest = { hasBody: false, message: null, callId: "", hasToTag: false };
  return { name, from, to, kind, method, status, ...rest };
}

const flow: Flow = {
  id: "flow",
  title: "",
  steps: [
    step("F1", "Alice", "Redirect Server", "INVITE"),
    step("F2", "Redirect Server", "Alice", "INVITE", 302),
    step("F3", "Alice", "Proxy 1", "INVITE"),
    step("F4", "Alice", "atlanta.com proxy", "INVITE"),
    step("F5", "atlanta.com proxy", "biloxi.com proxy", "INVITE"),
    step("F6", "biloxi.com proxy", "Bob", "INVITE"),
    step("F7", "Bob", "biloxi.com proxy", "INVITE", 200),
    step("F8", "Alice", "Bob", "ACK"),
    step("F9", "Music Server", "Alice", "INVITE"),
  ],
};

test("proxies collapse into the server, media servers are user agents", () => {
  expect([...partsOf(flow)]).toEqual([
    ["Alice", "agent"],
    ["Redirect Server", "redirect"],
    ["Proxy 1", "silent"],
    ["atlanta.com proxy", "server"],
    ["biloxi.com proxy", "server"],
    ["Bob", "agent"],
    ["Music Server", "agent"],
  ]);
});

test("what user agents send and expect; between each other they meet the server", () => {
  const { events, leftOut } = scriptOf(flow);
  expect(events.map(({ kind, agent, step: { name } }) => `${name} ${agent} ${kind}`)).toEqual([
    "F4 Alice send",
    "F6 Bob expect",
    "F7 Bob send",
    "F8 Alice send",
    "F8 Bob expect",
    "F9 Music Server send",
    "F9 Alice expect",
  ]);
  expect(leftOut).toEqual(["redirect-server", "dead-element"]);
});
