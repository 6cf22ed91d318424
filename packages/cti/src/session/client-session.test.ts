import { describe, expect, test } from "vitest";
import type { EventAgentReady } from "../tlib/agent-messages.ts";
import type { EventLinkConnected } from "../tlib/session-messages.ts";
import {
  createClientSession,
  resumeOf,
  stepClientSession,
  unansweredMax,
  type ClientSession,
  type ClientSessionEvent,
  type ClientSessionStep,
} from "./client-session.ts";

const linked: EventLinkConnected = {
  event: "EventLinkConnected",
  referenceID: 1,
  sessionID: "s1",
  serverRole: "primary",
  epoch: 3,
  serverStartTime: 1_000,
  lastSequence: 40,
  lastReferenceID: 0,
};
const query: ClientSessionEvent = {
  kind: "request",
  request: { request: "RequestQueryServer" },
};

describe("the client's session", () => {
  test("a new session begins at the position it is told", () => {
    const { next, effects } = run([{ kind: "linked", event: linked }]);
    expect(effects).toEqual([{ kind: "opened", isResumed: false }]);
    expect(resumeOf(next)).toEqual({
      serverStartTime: 1_000,
      sessionID: "s1",
      eventSequenceNumber: 40,
    });
  });

  test("requests get growing numbers and wait for their answer", () => {
    const { next, effects } = run([{ kind: "linked", event: linked }, query, query]);
    expect(effects.slice(1)).toEqual([
      { kind: "send", request: { request: "RequestQueryServer", referenceID: 1 } },
      { kind: "send", request: { request: "RequestQueryServer", referenceID: 2 } },
    ]);
    expect(next.unanswered.map((request) => request.referenceID)).toEqual([1, 2]);
  });

  test("an answer that is an event is delivered once and ends the wait", () => {
    const event = ready(41, 1);
    const { next, effects } = run([
      { kind: "linked", event: linked },
      query,
      { kind: "received", event },
    ]);
    expect(effects.slice(2)).toEqual([
      { kind: "deliver", event },
      { kind: "answered", referenceID: 1, event },
    ]);
    expect(next.unanswered).toEqual([]);
  });

  test("an event is delivered once, and the position moves with it", () => {
    const twice: ClientSessionEvent = { kind: "received", event: ready(41) };
    const { next, effects } = run([{ kind: "linked", event: linked }, twice, twice]);
    expect(effects.slice(1)).toEqual([{ kind: "deliver", event: ready(41) }]);
    expect(next.position?.eventSequenceNumber).toBe(41);
  });

  test("resumed: what has no answer is sent again as it was, in order", () => {
    const { effects } = run([
      { kind: "linked", event: linked },
      query,
      query,
      { kind: "linkLost" },
      { kind: "linked", event: { ...linked, epoch: 4, lastReferenceID: 1 } },
    ]);
    expect(effects.slice(3)).toEqual([
      { kind: "opened", isResumed: true },
      { kind: "send", request: { request: "RequestQueryServer", referenceID: 1 } },
      { kind: "send", request: { request: "RequestQueryServer", referenceID: 2 } },
    ]);
  });

  test("an answer that is kept no longer makes the request unknown", () => {
    const event = {
      event: "EventError",
      referenceID: 1,
      errorCode: "already-done",
      errorMessage: "",
    } as const;
    const { effects } = run([
      { kind: "linked", event: linked },
      query,
      { kind: "received", event },
    ]);
    expect(effects.at(-1)).toEqual({ kind: "unknown", referenceID: 1 });
  });

  test.each([
    ["resume-too-old", { kind: "resumeRefused" }],
    ["another session", { kind: "linked", event: { ...linked, sessionID: "s2" } }],
    ["another history", { kind: "linked", event: { ...linked, serverStartTime: 2_000 } }],
  ] as const)("%s: unanswered requests are unknown and never sent again", (_why, event) => {
    const before = run([{ kind: "linked", event: linked }, query, { kind: "linkLost" }]).next;
    const { next, effects } = stepClientSession(before, event);
    expect(effects[0]).toEqual({ kind: "unknown", referenceID: 1 });
    expect(effects.filter((effect) => effect.kind === "send")).toEqual([]);
    expect(next.unanswered).toEqual([]);
    expect(next.nextReferenceID).toBe(2);
  });

  test("a request without an open session is refused, none is buffered", () => {
    const { next, effects } = run([{ kind: "linked", event: linked }, { kind: "linkLost" }, query]);
    expect(effects.at(-1)?.kind).toBe("refused");
    expect(next.unanswered).toEqual([]);
  });

  test("as many requests may wait as the server keeps answers", () => {
    const events = Array.from({ length: unansweredMax + 1 }, () => query);
    const { next, effects } = run([{ kind: "linked", event: linked }, ...events]);
    expect(next.unanswered).toHaveLength(unansweredMax);
    expect(effects.at(-1)?.kind).toBe("refused");
  });
});

function run(events: readonly ClientSessionEvent[]): ClientSessionStep {
  let next: ClientSession = createClientSession();
  const effects: ClientSessionStep["effects"][number][] = [];
  for (const event of events) {
    const step = stepClientSession(next, event);
    next = step.next;
    effects.push(...step.effects);
  }
  return { next, effects };
}

function ready(eventSequenceNumber: number, referenceID?: number): EventAgentReady {
  return {
    event: "EventAgentReady",
    thisDN: "1001",
    agentID: "1001",
    time: 5,
    serverStartTime: 1_000,
    eventSequenceNumber,
    ...(referenceID === undefined ? {} : { referenceID }),
  };
}
