import { clientAddpTimes } from "@tandem/cti";
import { createFakeSipServer } from "@tandem/cti/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPair, type Pair, type PairEvent } from "./pair.ts";
import { stepPair } from "./step-pair.ts";

/**
 * The pair against the fake server without sockets: whatever breaks, every event is delivered once
 * and in order, and every request has one outcome and is executed once.
 */
const times = { connectTimeoutMs: 5_000, addp: clientAddpTimes(20) };
const options = {
  token: "good",
  applicationName: "desk",
  urls: ["ws://a"],
  addpTimeoutSeconds: 20,
  addpRemoteTimeoutSeconds: 20,
};

type Action = "event" | "request" | "break" | "loseAnswers" | "wait";

test("connections break at any moment: each event once, each request executed once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<Action>("event", "request", "break", "loseAnswers", "wait"), {
        maxLength: 60,
      }),
      (actions) => {
        const bench = createBench();
        for (const action of actions) bench[action]();
        bench.wait();
        bench.wait();
        expect(bench.delivered()).toEqual(bench.published());
        expect(bench.outcomes().toSorted((a, b) => a - b)).toEqual(bench.asked());
        expect(bench.executed()).toEqual(bench.asked());
      },
    ),
  );
});

type Bench = { readonly [Name in Action]: () => void } & {
  readonly [Name in "delivered" | "published" | "outcomes" | "asked" | "executed"]: () => number[];
};

function createBench(): Bench {
  let now = 1_000;
  const server = createFakeSipServer({
    site: "site-1",
    dns: { "1001": true },
    agentLogins: {},
    nowMs: () => now,
    userOf: () => "agent-1001",
  });
  let pair: Pair = createPair(options);
  let isLosing = false;
  let open: string | null = null;
  const delivered: number[] = [];
  const outcomes: number[] = [];
  const asked: number[] = [];
  let published = 0;
  const waiting: PairEvent[] = [];

  const step = (event: PairEvent): void => {
    waiting.push(event);
    if (waiting.length > 1) return;
    for (let next = waiting[0]; next !== undefined; waiting.shift(), next = waiting[0]) {
      const result = stepPair(pair, next, { nowMs: now, entropy: 0, times, options });
      pair = result.next;
      for (const effect of result.effects) perform(effect);
    }
  };
  const perform = (effect: ReturnType<typeof stepPair>["effects"][number]): void => {
    switch (effect.kind) {
      case "open": {
        const { id } = effect;
        open = id;
        isLosing = false;
        server.connect(id, (text) => {
          if (!isLosing && open === id) step({ kind: "frame", id, text });
        });
        step({ kind: "socketOpened", id });
        return;
      }
      case "transmit":
        if (open === effect.id) server.receive(effect.id, effect.text);
        return;
      case "accepted":
        asked.push(effect.referenceID);
        return;
      case "answered":
      case "unknown":
        outcomes.push(effect.referenceID);
        return;
      case "delivered":
        if ("eventSequenceNumber" in effect.event) delivered.push(effect.event.eventSequenceNumber);
        return;
      default:
    }
  };
  step({ kind: "start" });
  step({ kind: "request", request: { request: "RequestRegisterAddress", thisDN: "1001" } });
  return {
    event: () => {
      published += 1;
      server.publish("1001", { event: "EventDNBackInService", thisDN: "1001" });
    },
    request: () => step({ kind: "request", request: { request: "RequestQueryServer" } }),
    break: () => {
      const id = open;
      if (id === null) return;
      open = null;
      server.disconnect(id);
      step({ kind: "socketClosed", id, reason: "broken" });
    },
    loseAnswers: () => {
      isLosing = true;
    },
    // Long enough for a connection that says nothing to be lost, and for the next attempt.
    wait: () => {
      for (let second = 0; second < 60; second += 1) {
        now += 1_000;
        step({ kind: "clock" });
      }
    },
    delivered: () => delivered,
    published: () => Array.from({ length: published }, (_, index) => index + 1),
    outcomes: () => outcomes,
    asked: () => asked,
    executed: () => server.requests.map((request) => request.referenceID),
  };
}
