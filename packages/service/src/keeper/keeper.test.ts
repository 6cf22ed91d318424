import { describe, expect, test } from "vitest";
import { readBeats } from "./heartbeat.ts";
import {
  createKeeper,
  type Keeper,
  type KeeperAction,
  keeperTiming,
  stepKeeper,
} from "./keeper.ts";

/** The keeper's machine: times in, actions out. */
const { tickMs } = keeperTiming;

/** Ticks up to a time; the actions of all of them, each with its time. */
function tickUntil(keeper: Keeper, untilMs: number): readonly [number, KeeperAction][] {
  const seen: [number, KeeperAction][] = [];
  for (let now = keeper.lastTickMs + tickMs; now <= untilMs; now += tickMs) {
    for (const action of stepKeeper(keeper, now, { kind: "tick" })) seen.push([now, action]);
  }
  return seen;
}

function started(isAlone = false): Keeper {
  const keeper = createKeeper(0);
  expect(stepKeeper(keeper, 0, { kind: "tick" })).toEqual([{ kind: "start" }]);
  expect(stepKeeper(keeper, 0, { kind: "beat", isAlone })).toEqual([]);
  return keeper;
}

describe("keeper", () => {
  test.each([
    [false, 700],
    [true, 3_000],
  ])("alone %s: silent for %i ms it is killed, once", (isAlone, silentMs) => {
    const keeper = started(isAlone);
    const kill = { kind: "kill", why: `silent for ${silentMs} ms` };
    expect(tickUntil(keeper, 10_000)).toEqual([[silentMs, kill]]);
  });

  test("one that beats lives; what it says last counts", () => {
    const keeper = started(true);
    for (let now = 100; now <= 5_000; now += 100) {
      expect(tickUntil(keeper, now)).toEqual([]);
      stepKeeper(keeper, now, { kind: "beat", isAlone: now < 5_000 });
    }
    expect(tickUntil(keeper, 10_000).map(([now]) => now)).toEqual([5_700]);
  });

  test("until its first beat it has time to load", () => {
    const keeper = createKeeper(0);
    stepKeeper(keeper, 0, { kind: "tick" });
    expect(tickUntil(keeper, 59_950)).toEqual([]);
    expect(tickUntil(keeper, 60_000)).toHaveLength(1);
  });

  test("a keeper that was stopped as well does not kill for it", () => {
    const keeper = started();
    tickUntil(keeper, 100);
    expect(stepKeeper(keeper, 60_100, { kind: "tick" })).toEqual([]);
    expect(stepKeeper(keeper, 60_110, { kind: "beat", isAlone: false })).toEqual([]);
    expect(tickUntil(keeper, 60_750)).toEqual([]);
    expect(tickUntil(keeper, 60_850)).toHaveLength(1);
  });

  test("dead, the address is given up first, then it is started again, later each time", () => {
    const keeper = started();
    let now = 0;
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      expect(stepKeeper(keeper, now, { kind: "ended", code: 1 })).toEqual([
        { kind: "dropAddress" },
      ]);
      expect(tickUntil(keeper, now + 10_000)).toEqual([]);
      now += 10_000;
      expect(stepKeeper(keeper, now, { kind: "dropped" })).toEqual([]);
      const [first] = tickUntil(keeper, now + 6_000);
      expect(first?.[1]).toEqual({ kind: "start" });
      waits.push((first?.[0] ?? 0) - now);
      now = first?.[0] ?? 0;
      keeper.lastTickMs = now;
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  test("having run for a while it is started again soon", () => {
    const keeper = started();
    keeper.backOffMs = 5_000;
    stepKeeper(keeper, 20_000, { kind: "ended", code: 1 });
    expect(keeper.backOffMs).toBe(100);
  });

  test("told to end it ends the process, gives the address up and exits as that did", () => {
    const keeper = started();
    expect(stepKeeper(keeper, 0, { kind: "end" })).toEqual([{ kind: "terminate" }]);
    expect(stepKeeper(keeper, 0, { kind: "end" })).toEqual([]);
    expect(tickUntil(keeper, 2_000)).toEqual([]);
    expect(stepKeeper(keeper, 2_000, { kind: "ended", code: 0 })).toEqual([
      { kind: "dropAddress" },
    ]);
    expect(stepKeeper(keeper, 2_000, { kind: "dropped" })).toEqual([{ kind: "exit", code: 0 }]);
    expect(tickUntil(keeper, 20_000)).toEqual([]);
  });

  test("one that does not end when told is killed", () => {
    const keeper = started();
    stepKeeper(keeper, 0, { kind: "end" });
    expect(tickUntil(keeper, 20_000)).toEqual([
      [10_000, { kind: "kill", why: "it did not end in time" }],
    ]);
  });

  test("told to end while it waits, it exits", () => {
    const keeper = started();
    stepKeeper(keeper, 0, { kind: "ended", code: 3 });
    stepKeeper(keeper, 0, { kind: "dropped" });
    expect(stepKeeper(keeper, 10, { kind: "end" })).toEqual([{ kind: "exit", code: 3 }]);
  });
});

test("beats are read from whatever pieces come; the rest is passed over", () => {
  const heard: boolean[] = [];
  const hear = readBeats((isAlone) => heard.push(isAlone));
  for (const piece of ["be", "at\nbeat al", "one\nhello\n", "x".repeat(10_000), "\nbeat\n"]) {
    hear(Buffer.from(piece));
  }
  expect(heard).toEqual([false, true, false]);
});
