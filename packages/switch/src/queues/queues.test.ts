import { describe, expect, test } from "vitest";
import { offerOf } from "../testing/phone.ts";
import {
  outsideCaller,
  queueConfig,
  queueDn,
  queueSite,
  readyAgent,
  watchQueue,
} from "../testing/queue-site.ts";
import { createScript, requestIn, responseIn, type Script } from "../testing/script.ts";
import { testDn } from "../testing/config.ts";

function statuses(phone: { heard: () => { first: string }[] }): string[] {
  return phone.heard().map(({ first }) => first.replace(/^SIP\/2\.0 /, "").split(" ")[0] ?? "");
}

function empty(script: Script): void {
  const { calls, queues, callsByDn, dialogs } = script.state;
  expect([calls.size, queues.waiting.size, queues.queueByCall.size]).toEqual([0, 0, 0]);
  expect([callsByDn.size, dialogs.size]).toEqual([0, 0]);
  expect([...script.state.timers.armed.keys()].filter((key) => /^(queue|call)/.test(key))).toEqual(
    [],
  );
}

describe("a call for a queue", () => {
  test("goes at once to the agent who has been available longest", () => {
    const script = createScript(queueSite());
    const second = readyAgent(script, "1002");
    const first = readyAgent(script, "1001");
    const queue = watchQueue(script);
    const caller = outsideCaller(script);
    caller.invite(queueDn);
    expect(statuses(caller)).toEqual(["100", "182"]);
    second.phone.heard();
    second.phone.respond(180);
    expect(statuses(caller)).toEqual(["180"]);
    second.phone.respond(200, offerOf("127.0.3.2", 5000));
    caller.answered(responseIn(caller.heard(), 200));
    caller.ack();
    expect(queue.heard()).toMatchObject([
      { event: "EventQueued", thisDN: queueDn, thisQueue: queueDn, otherDN: "gateway" },
      { event: "EventDiverted", thisDN: queueDn, thirdPartyDN: "1002" },
    ]);
    expect(second.desktop.heard()).toMatchObject([
      { event: "EventRinging", thisDN: "1002", thisQueue: queueDn, dnis: queueDn },
      { event: "EventEstablished", thisQueue: queueDn, otherDN: "gateway" },
    ]);
    expect(first.desktop.heard()).toEqual([]);
    caller.request("BYE");
    second.phone.reply(requestIn(second.phone.heard(), "BYE"), 200);
    script.pass(40_000);
    empty(script);
    expect([...script.state.queues.idle]).toEqual(["1001", "1002"]);
  });

  test("waits, and the oldest goes to whoever becomes Ready; who talks gets none", () => {
    const script = createScript(queueSite());
    const agent = readyAgent(script, "1001");
    agent.desktop.send({ request: "RequestAgentSetNotReady", thisDN: "1001" });
    agent.desktop.heard();
    const queue = watchQueue(script);
    const [one, two] = [outsideCaller(script), outsideCaller(script)];
    one.invite(queueDn);
    script.pass(1_000);
    two.invite(queueDn);
    queue.send({ request: "RequestQueryAddress", thisDN: queueDn });
    const [, , info] = queue.heard();
    expect(info).toMatchObject({
      address: { calls: [{ partyState: "Queued" }, { partyState: "Queued" }] },
    });
    const [oldest] = script.state.calls.keys();
    agent.desktop.send({ request: "RequestAgentSetReady", thisDN: "1001" });
    agent.phone.heard();
    agent.phone.respond(180);
    const rings = agent.desktop.heard().at(-1);
    expect(rings).toMatchObject({ event: "EventRinging", connID: oldest });
    agent.phone.respond(200, offerOf("127.0.3.1", 5000));
    script.pass(1_000);
    expect(script.state.queues.waiting.get(queueDn)?.length).toBe(1);
  });

  test("an agent who does not answer is Not Ready; the call is back at its place with its age", () => {
    const script = createScript(queueSite());
    const agent = readyAgent(script, "1001");
    const queue = watchQueue(script);
    const [one, two] = [outsideCaller(script), outsideCaller(script)];
    one.invite(queueDn);
    const [oldest] = script.state.calls.keys();
    agent.phone.heard();
    agent.phone.respond(180);
    script.pass(5_000);
    two.invite(queueDn);
    script.pass(5_000);
    expect(requestIn(agent.phone.heard(), "CANCEL").method).toBe("CANCEL");
    expect(agent.desktop.heard()).toMatchObject([
      { event: "EventRinging", connID: oldest },
      { event: "EventAgentNotReady", reasons: { ReasonCode: "no-answer" } },
      { event: "EventReleased", callState: "NoAnswer", connID: oldest },
    ]);
    const told = queue.heard().map((event) => [event.event, "connID" in event && event.connID]);
    const [, second] = [...script.state.calls.keys()];
    expect(told).toEqual([
      ["EventQueued", oldest],
      ["EventDiverted", oldest],
      ["EventQueued", second],
      ["EventQueued", oldest],
    ]);
    const rows = script.state.queues.waiting.get(queueDn) ?? [];
    expect(rows.map(({ call, since }) => [call, since])).toEqual([
      [oldest, 0],
      [second, 5_000],
    ]);
    const other = readyAgent(script, "1002");
    other.phone.heard();
    other.phone.respond(180);
    expect(other.desktop.heard().at(-1)).toMatchObject({ event: "EventRinging", connID: oldest });
  });

  test.each([
    ["the phone refuses", 486, "call-refused"],
    ["nobody is there", 480, "no-answer"],
  ])("when %s the next agent gets it", (_, status, reason) => {
    const script = createScript(queueSite());
    const one = readyAgent(script, "1001");
    const two = readyAgent(script, "1002");
    outsideCaller(script).invite(queueDn);
    one.phone.heard();
    one.phone.respond(status);
    expect(one.desktop.heard()).toMatchObject([
      { event: "EventAgentNotReady", reasons: { ReasonCode: reason } },
    ]);
    expect(requestIn(two.phone.heard(), "INVITE").method).toBe("INVITE");
  });

  test("an agent's desktop may decline; the answer is EventReleased", () => {
    const script = createScript(queueSite());
    const agent = readyAgent(script, "1001");
    outsideCaller(script).invite(queueDn);
    agent.phone.heard();
    agent.phone.respond(180);
    const [connID = ""] = script.state.calls.keys();
    agent.desktop.heard();
    agent.desktop.send({ request: "RequestReleaseCall", thisDN: "1001", connID });
    expect(agent.desktop.heard()).toMatchObject([
      { event: "EventAgentNotReady", reasons: { ReasonCode: "call-refused" } },
      { event: "EventReleased", callState: "Dropped", connID },
    ]);
    expect(script.state.queues.waiting.get(queueDn)?.length).toBe(1);
  });

  test("the caller hangs up while waiting, or while it rings", () => {
    const script = createScript(queueSite());
    const queue = watchQueue(script);
    const caller = outsideCaller(script);
    caller.invite(queueDn);
    caller.cancel();
    expect(queue.names()).toEqual(["EventQueued", "EventAbandoned"]);
    const agent = readyAgent(script, "1001");
    const second = outsideCaller(script);
    second.invite(queueDn);
    agent.phone.heard();
    agent.phone.respond(180);
    second.cancel();
    expect(queue.names()).toEqual(["EventQueued", "EventDiverted"]);
    expect(agent.desktop.names()).toEqual(["EventRinging", "EventAbandoned"]);
    script.pass(40_000);
    empty(script);
  });

  test("182 is said again each minute", () => {
    const script = createScript(queueSite({ overflowMs: 3_600_000 }));
    const caller = outsideCaller(script);
    caller.invite(queueDn);
    script.pass(120_000);
    expect(statuses(caller)).toEqual(["100", "182", "182", "182"]);
  });

  test("a desktop's call waits like any other, and its user data stay", () => {
    const script = createScript(queueSite());
    const maker = readyAgent(script, "1004");
    const thisDN = "1004";
    const userData = { account: "77" };
    maker.desktop.send({ request: "RequestMakeCall", thisDN, otherDN: queueDn, userData });
    maker.phone.heard();
    maker.phone.respond(200, offerOf("127.0.3.4", 4_000));
    expect(maker.desktop.heard()).toMatchObject([{ event: "EventDialing", otherDN: queueDn }]);
    const agent = readyAgent(script, "1001");
    agent.phone.heard();
    agent.phone.respond(180);
    agent.phone.respond(200, offerOf("127.0.3.1", 5_000));
    maker.phone.heard();
    maker.phone.respond(200, offerOf("127.0.3.4", 4_000));
    expect(maker.desktop.heard()).toMatchObject([{ event: "EventEstablished", otherDN: "1001" }]);
    expect(agent.desktop.heard()).toMatchObject([
      { event: "EventRinging", userData },
      { event: "EventEstablished", userData, thisQueue: queueDn },
    ]);
  });
});

describe("who gets none", () => {
  test.each([
    ["one whose DN does not want to be disturbed", "RequestSetDNDOn"],
    ["one who is Not Ready", "RequestAgentSetNotReady"],
  ] as const)("%s", (_, request) => {
    const script = createScript(queueSite());
    const agent = readyAgent(script, "1001");
    agent.desktop.send({ request, thisDN: "1001" });
    outsideCaller(script).invite(queueDn);
    expect(agent.phone.heard()).toEqual([]);
    if (request !== "RequestSetDNDOn") return;
    agent.desktop.send({ request: "RequestSetDNDOff", thisDN: "1001" });
    expect(requestIn(agent.phone.heard(), "INVITE").method).toBe("INVITE");
  });

  test("one whose desktop is lost; one who is no member", () => {
    const script = createScript(queueSite());
    const agent = readyAgent(script, "1001");
    const stranger = readyAgent(script, "1004");
    agent.desktop.close();
    script.pass(10_250);
    outsideCaller(script).invite(queueDn);
    expect([agent.phone.heard(), stranger.phone.heard()]).toEqual([[], []]);
  });
});

describe("overflow", () => {
  test("after its time a call goes on to the overflow DN", () => {
    const script = createScript(queueSite({ overflowDn: "1004", overflowMs: 30_000 }));
    const queue = watchQueue(script);
    const other = readyAgent(script, "1004");
    outsideCaller(script).invite(queueDn);
    script.pass(30_250);
    other.phone.heard();
    other.phone.respond(180);
    expect(queue.heard()).toMatchObject([
      { event: "EventQueued" },
      { event: "EventDiverted", thirdPartyDN: "1004", callState: "Redirected" },
    ]);
    expect(other.desktop.heard()).toMatchObject([{ event: "EventRinging", dnis: queueDn }]);
    expect(script.state.queues.queueByCall.size).toBe(0);
  });

  test("without one the caller hears 480", () => {
    const script = createScript(queueSite({ overflowMs: 5_000 }));
    const queue = watchQueue(script);
    const caller = outsideCaller(script);
    caller.invite(queueDn);
    script.pass(5_250);
    expect(statuses(caller)).toEqual(["100", "182", "480"]);
    expect(queue.names()).toEqual(["EventQueued", "EventReleased NoAnswer"]);
    caller.ackFailure();
    script.pass(40_000);
    empty(script);
  });

  test("a full queue takes no more: the next one overflows or is refused", () => {
    const script = createScript(queueSite({ waitingMax: 1 }));
    outsideCaller(script).invite(queueDn);
    const late = outsideCaller(script);
    late.heard();
    late.invite(queueDn);
    expect(statuses(late)).toContain("480");
    const maker = readyAgent(script, "1004");
    maker.desktop.send({ request: "RequestMakeCall", thisDN: "1004", otherDN: queueDn });
    expect(maker.desktop.names()).toEqual(["EventError queue-full"]);
    expect(script.state.queues.waiting.get(queueDn)?.length).toBe(1);
  });

  test("from queue to queue the age is kept, and never in a circle", () => {
    const extensions = ["1001"].map((number) => testDn(number));
    const dns = [
      ...extensions,
      testDn("5000", { queue: queueConfig({ overflowDn: "5001", overflowMs: 10_000 }) }),
      testDn("5001", { queue: queueConfig({ overflowDn: "5000", overflowMs: 10_000 }) }),
    ];
    const script = createScript(queueSite({}, { dns }));
    const first = watchQueue(script, "5000");
    const second = watchQueue(script, "5001");
    script.pass(1_000);
    const caller = outsideCaller(script);
    caller.invite("5000");
    script.pass(10_250);
    expect(script.state.queues.waiting.get("5001")).toMatchObject([{ since: 1_000 }]);
    script.pass(10_250);
    expect([first.names(), second.names()]).toEqual([
      ["EventQueued", "EventDiverted Redirected"],
      ["EventQueued", "EventReleased NoAnswer"],
    ]);
    expect(statuses(caller)).toContain("480");
  });
});

describe("a new configuration", () => {
  test("another agent serves the queue: the call that waits goes there", () => {
    const script = createScript(queueSite({ agents: [] }));
    const agent = readyAgent(script, "1001");
    outsideCaller(script).invite(queueDn);
    expect(agent.phone.heard()).toEqual([]);
    script.step({ kind: "configured", config: queueSite({ agents: ["agent-1001"] }) });
    expect(requestIn(agent.phone.heard(), "INVITE").method).toBe("INVITE");
    script.step({ kind: "configured", config: queueSite({ agents: [] }) });
    expect(script.state.queues.readyHere.get(queueDn)).toBe(undefined);
  });

  test("the queue is gone: whoever waits is let go", () => {
    const script = createScript(queueSite());
    const caller = outsideCaller(script);
    caller.invite(queueDn);
    script.step({ kind: "configured", config: queueSite({}, { dns: [testDn("1001")] }) });
    expect(statuses(caller)).toEqual(["100", "182", "480"]);
    caller.ackFailure();
    script.pass(40_000);
    empty(script);
  });
});
