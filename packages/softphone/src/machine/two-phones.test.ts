import fc from "fast-check";
import { expect, test } from "vitest";
import { readProtos, readSuite, suitesFolder } from "@tandem/sip/testing";
import { join } from "node:path";
import { PhoneBench } from "../testing/phone-bench.ts";
import { otherSide, sdpOf } from "../testing/other-side.ts";
import type { PhoneCommand } from "./phone-event.ts";
import type { Address } from "./settings.ts";

const a: Address = { transport: "UDP", host: "127.0.3.1", port: 5070 };
const b: Address = { transport: "UDP", host: "127.0.3.2", port: 5070 };

/** Two phones and a network that may lose each message, duplicate it, or hold it up for a while. */
class Pair {
  readonly phones: readonly [PhoneBench, PhoneBench];
  #delivered: [number, number] = [0, 0];
  #late: { to: number; text: string }[] = [];

  constructor(seed: number) {
    const answer = { kind: "auto", ringMs: 700 } as const;
    this.phones = [
      new PhoneBench({ host: a.host, targets: [b], answer }, seed),
      new PhoneBench({ host: b.host, targets: [a], answer }, seed + 1),
    ];
  }

  /** Hands on what was sent; `fates` says what happens to each message. */
  deliver(fates: readonly Fate[]): void {
    for (let round = 0; round < 200; round += 1) {
      const before = this.#delivered[0] + this.#delivered[1];
      for (const from of [0, 1] as const) this.#deliverFrom(from, fates);
      if (this.#delivered[0] + this.#delivered[1] === before) return;
    }
  }

  pass(ms: number, fates: readonly Fate[]): void {
    for (let passed = 0; passed < ms; passed += 100) {
      for (const phone of this.phones) phone.pass(100);
      for (const { to, text } of this.#late.splice(0)) this.#receive(to, text);
      this.deliver(fates);
    }
  }

  #deliverFrom(from: 0 | 1, fates: readonly Fate[]): void {
    const { sent } = this.phones[from];
    while (this.#delivered[from] < sent.length) {
      const { text } = sent[this.#delivered[from]] ?? { text: "" };
      const fate =
        fates[(this.#delivered[from] * 7 + from) % Math.max(1, fates.length)] ?? "arrives";
      this.#delivered[from] += 1;
      const to = 1 - from;
      if (fate === "late") this.#late.push({ to, text });
      if (fate === "arrives" || fate === "twice") this.#receive(to, text);
      if (fate === "twice") this.#receive(to, text);
    }
  }

  #receive(to: number, text: string): void {
    this.phones[to as 0 | 1].receive(text, to === 0 ? b : a); // two phones
  }
}

type Fate = "arrives" | "lost" | "twice" | "late";
const fate = fc.constantFrom<Fate>("arrives", "arrives", "arrives", "lost", "twice", "late");
const command = fc.constantFrom<PhoneCommand>(
  { kind: "call", uri: "1" },
  { kind: "answer" },
  { kind: "hangup" },
  { kind: "hold" },
  { kind: "retrieve" },
);
const act = fc.record({
  who: fc.constantFrom(0, 1),
  command,
  waitMs: fc.constantFrom(0, 100, 900, 5_000),
});

test("whatever is lost, late or twice: once both stop on a whole network, nothing is left", () => {
  fc.assert(
    fc.property(
      fc.array(act, { minLength: 1, maxLength: 12 }),
      fc.array(fate, { maxLength: 40 }),
      fc.nat(1_000),
      (acts, fates, seed) => {
        const pair = new Pair(seed);
        for (const { who, command: wanted, waitMs } of acts) {
          pair.phones[who].step(wanted);
          pair.deliver(fates);
          pair.pass(waitMs, fates);
        }
        for (const phone of pair.phones) phone.step({ kind: "stop" });
        pair.pass(200_000, []);
        for (const { state } of pair.phones) {
          expect([state.calls.size, state.transactions.size, state.timers.armed.size]).toEqual([
            0, 0, 0,
          ]);
          expect(state.stopping).toBe("done");
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("over a network that loses, repeats and delays, both sides are in the call or none", () => {
  fc.assert(
    fc.property(fc.array(fate, { minLength: 5, maxLength: 40 }), fc.nat(1_000), (fates, seed) => {
      const pair = new Pair(seed);
      pair.phones[0].step({ kind: "call", uri: "1" });
      pair.pass(20_000, fates);
      pair.pass(80_000, []);
      const talking = pair.phones.map(
        ({ state }) =>
          [...state.calls.values()].filter(
            ({ phase }) => phase.kind === "talking" && phase.isEstablished,
          ).length,
      );
      expect(talking[0]).toBe(talking[1]);
    }),
    { numRuns: 60 },
  );
});

test("DET3 the same seed and inputs give the same bytes", () => {
  const run = (): unknown => {
    const pair = new Pair(7);
    pair.phones[0].step({ kind: "call", uri: "1" });
    pair.pass(5_000, ["arrives", "lost"]);
    return pair.phones.map(({ sent, state }) => [sent, [...state.calls.values()]]);
  };
  expect(run()).toEqual(run());
});

const suites = suitesFolder();
const skipped =
  suites === undefined ? " (skipped: TANDEM_SUITES names no folder of outside material)" : "";

test.skipIf(suites === undefined)(`DET2 outside material breaks no phone${skipped}`, () => {
  const tags = {
    from: "a@a",
    to: "1001@127.0.3.1",
    fromAddress: "192.0.2.1",
    localPort: 5060,
    nextCall: 0,
  };
  const cases = [
    ...["rfc4475", "rfc5118", "fuzz"].flatMap((folder) => readSuite(join(suites ?? "", folder))),
    ...(readProtos(join(suites ?? "", "fuzz/protos-c07-sip"), tags) ?? []),
  ];
  const bench = new PhoneBench({ answer: { kind: "auto", ringMs: 0 } });
  expect(cases.length).toBeGreaterThan(3_000);
  for (const { text } of cases) bench.receive(text);
  bench.pass(120_000);
  const good = otherSide("after").request("INVITE", 1, { sdp: sdpOf() });
  expect(bench.receive(good).at(0)).toMatch(/^incoming/);
  bench.step({ kind: "stop" });
  bench.pass(120_000);
  expect([bench.state.calls.size, bench.state.transactions.size]).toEqual([0, 0]);
});
