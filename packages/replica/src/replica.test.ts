import { logTime, type Machine } from "@tandem/kernel";
import { expect, test } from "vitest";
import { createReplica, releaseUpTo, stepGathered, type Gathered } from "./replica.ts";

interface Counter {
  total: number;
  due: number | null;
}

/** Adds its inputs; a zero asks for a timer 10 ms later, which adds 100. */
const counter: Machine<Counter, number, string> = {
  create: () => ({ total: 0, due: null }),
  stepFrame(state, frame) {
    const effects: string[] = [];
    for (const input of frame.inputs) {
      state.total += input;
      if (input === 0) state.due = frame.now + 10;
      effects.push(`${frame.firstIndex}:${state.total}`);
    }
    if (state.due !== null && state.due <= frame.now) {
      state.total += 100;
      state.due = null;
      effects.push(`timer:${state.total}`);
    }
    return effects;
  },
  nextDeadline: (state) => (state.due === null ? undefined : logTime(state.due)),
};

function turn(clockMs: number, ...inputs: number[]): Gathered<number> {
  return { epoch: 1, clockMs, entropy: "0".repeat(32), inputs };
}

test("H1 inputs get the next indexes in their order, and are stepped before due timers", () => {
  const replica = createReplica(counter, 1_000);
  const first = stepGathered(replica, turn(1_000, 0, 5), null);
  expect(first.frame).toEqual({
    epoch: 1,
    firstIndex: 1,
    now: 0,
    entropy: "0".repeat(32),
    inputs: [0, 5],
  });
  expect(releaseUpTo(replica, 2)).toEqual(["1:0", "1:5"]);
  const second = stepGathered(replica, turn(1_010, 7), null);
  expect(second.frame.firstIndex).toBe(3);
  expect(releaseUpTo(replica, 3)).toEqual(["3:12", "timer:112"]);
});

test("H1 a frame of timers alone takes an index too", () => {
  const replica = createReplica(counter, 0);
  stepGathered(replica, turn(0), null);
  expect(stepGathered(replica, turn(0, 1), null).frame.firstIndex).toBe(2);
});

test("H1 log time goes forward by at most 250 ms a frame and catches up in several", () => {
  const replica = createReplica(counter, 0);
  const frames = [1, 2, 3].map(() => stepGathered(replica, turn(600), null));
  expect(frames.map(({ frame, isBehind }) => [frame.now, isBehind])).toEqual([
    [250, true],
    [500, true],
    [600, false],
  ]);
});

test("H1 a clock that goes back moves nothing", () => {
  const replica = createReplica(counter, 1_000);
  stepGathered(replica, turn(1_100), null);
  expect(stepGathered(replica, turn(900), null).frame.now).toBe(100);
});

test("H2 effects wait, and leave in order up to the index that everybody holds", () => {
  const replica = createReplica(counter, 0);
  stepGathered(replica, turn(0, 1, 2), null);
  stepGathered(replica, turn(0, 3), null);
  expect(releaseUpTo(replica, 1)).toEqual([]);
  expect(releaseUpTo(replica, 2)).toEqual(["1:1", "1:3"]);
  expect(releaseUpTo(replica, 2)).toEqual([]);
  expect(releaseUpTo(replica, 3)).toEqual(["3:6"]);
  expect(replica.held).toEqual([]);
});
