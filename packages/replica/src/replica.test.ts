import { logTime, type Machine } from "@tandem/kernel";
import { expect, test } from "vitest";
import { acknowledge, createReplica, stepGathered, type Gathered } from "./replica.ts";
import { soleView, standbysOf, type View } from "./view.ts";

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
  return { clockMs, entropy: "0".repeat(32), inputs };
}

const pair: View = {
  epoch: 3,
  primary: "a/1",
  members: ["a/1", "b/2"],
  fallback: null,
};

test("H1 inputs get the next indexes in their order, and are stepped before due timers", () => {
  const replica = createReplica(counter, soleView("a/1"), 1_000);
  const first = stepGathered(replica, turn(1_000, 0, 5));
  expect(first.frame).toEqual({
    epoch: 1,
    firstIndex: 1,
    now: 0,
    entropy: "0".repeat(32),
    inputs: [0, 5],
  });
  expect(first.released).toEqual(["1:0", "1:5"]);
  const second = stepGathered(replica, turn(1_010, 7));
  expect(second.frame.firstIndex).toBe(3);
  expect(second.released).toEqual(["3:12", "timer:112"]);
});

test("H1 a frame of timers alone takes an index too", () => {
  const replica = createReplica(counter, soleView("a/1"), 0);
  stepGathered(replica, turn(0));
  expect(stepGathered(replica, turn(0, 1)).frame.firstIndex).toBe(2);
});

test("H1 log time goes forward by at most 250 ms a frame and catches up in several", () => {
  const replica = createReplica(counter, soleView("a/1"), 0);
  const frames = [1, 2, 3].map(() => stepGathered(replica, turn(600)));
  expect(frames.map(({ frame, isBehind }) => [frame.now, isBehind])).toEqual([
    [250, true],
    [500, true],
    [600, false],
  ]);
});

test("H1 a clock that goes back moves nothing", () => {
  const replica = createReplica(counter, soleView("a/1"), 1_000);
  stepGathered(replica, turn(1_100));
  expect(stepGathered(replica, turn(900)).frame.now).toBe(100);
});

test("H2 effects wait for every standby of the view, and leave in order", () => {
  const replica = createReplica(counter, pair, 0);
  expect(standbysOf(pair)).toEqual(["b/2"]);
  expect(stepGathered(replica, turn(0, 1, 2)).released).toEqual([]);
  expect(stepGathered(replica, turn(0, 3)).released).toEqual([]);
  expect(acknowledge(replica, "b/2", 1)).toEqual([]);
  expect(acknowledge(replica, "b/2", 2)).toEqual(["1:1", "1:3"]);
  expect(acknowledge(replica, "b/2", 1)).toEqual([]);
  expect(acknowledge(replica, "b/2", 3)).toEqual(["3:6"]);
});

test("H2 in a view of one member nothing waits", () => {
  const replica = createReplica(counter, soleView("a/1"), 0);
  expect(stepGathered(replica, turn(0, 4)).released).toEqual(["1:4"]);
  expect(replica.held).toEqual([]);
});
