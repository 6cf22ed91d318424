import { parseMessage } from "@tandem/sip";
import { expect, test } from "vitest";
import type { Sent } from "../subject.ts";
import { compare, forbidden, type RoleExpectation, type Seen } from "./expectation.ts";

function answer(status: number, headers = ""): Sent {
  const text = `SIP/2.0 ${status} x\r\n${headers}Content-Length: 0\r\n\r\n`;
  const parsed = parseMessage(text);
  if (!parsed.ok) throw new Error(text);
  return { to: { transport: "UDP", host: "a", port: 1 }, text, message: parsed.value };
}

function seen(responses: readonly Sent[], own: Partial<Seen> = {}): Seen {
  return { responses, requests: [], bindingsAdded: 0, callsMade: 0, ...own };
}

const policy: RoleExpectation = { status_policy: "any-final-except-400-and-5xx" };

test.each<[string, RoleExpectation, Seen, string | null]>([
  ["a status that is wanted", { status: [400] }, seen([answer(400)]), null],
  ["one that is tolerated", { status: [400], tolerant_status: [481] }, seen([answer(481)]), null],
  ["another", { status: [400] }, seen([answer(200)]), "answered 200, expected 400"],
  ["silence where it is allowed", { status: [400], also_ok: ["no-response"] }, seen([]), null],
  ["silence where it is not", { status: [400] }, seen([]), "no answer, expected 400"],
  ["a policy kept", policy, seen([answer(404)]), null],
  [
    "a policy broken",
    policy,
    seen([answer(503)]),
    "answered 503, expected any-final-except-400-and-5xx",
  ],
  ["only provisional", policy, seen([answer(180)]), `no answer, expected ${policy.status_policy}`],
  ["two answers", policy, seen([answer(404), answer(486)]), "2 final responses"],
  ["an action that answers nothing", { action: "discard" }, seen([]), null],
  [
    "that is answered",
    { action: "discard" },
    seen([answer(481)]),
    "answered 481, expected silence",
  ],
  [
    "a header that is missing",
    { status: [405], require_header: ["Allow"] },
    seen([answer(405)]),
    "405 without Allow",
  ],
  [
    "an option that is not named",
    { status: [420], unsupported: ["one", "two"] },
    seen([answer(420, "Unsupported: one\r\n")]),
    "420 does not name two as unsupported",
  ],
  [
    "bindings",
    { status: [200], bindings_added: 2 },
    seen([answer(200)], { bindingsAdded: 1 }),
    "1 bindings added, expected 2",
  ],
])("%s", (_, expected, what, said) => {
  expect(compare(expected, what)).toBe(said);
});

test("sentences of what must not happen, as far as they can be seen from outside", () => {
  expect(forbidden(["answer 400"], seen([answer(400)]))).toBe("must not answer 400");
  expect(forbidden(["answer 400"], seen([answer(404)]))).toBe(null);
  expect(forbidden(["create a binding"], seen([], { bindingsAdded: 1 }))).toBe(
    "must not create a binding",
  );
  expect(forbidden(["read beyond the To header"], seen([answer(400)]))).toBe(null);
});
