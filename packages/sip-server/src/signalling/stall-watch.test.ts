import { expect, test } from "vitest";
import { createStallWatch } from "./stall-watch.ts";

test("a process whose loop turns is awake, whenever it is asked", () => {
  const watch = createStallWatch(0);
  for (let nowMs = 100; nowMs < 2_000; nowMs += 100) watch.beat(nowMs);
  expect(watch.isAwakening(2_500)).toBe(false);
  expect(watch.isAwakening(3_200)).toBe(false);
});

test("H7 what is read first after a stall may be old, and half a second later it is not", () => {
  const watch = createStallWatch(0);
  watch.beat(100);
  expect(watch.isAwakening(5_100)).toBe(true);
  watch.beat(5_110);
  expect(watch.isAwakening(5_599)).toBe(true);
  expect(watch.isAwakening(5_600)).toBe(false);
});

test("the stall is seen by a timer, too", () => {
  const watch = createStallWatch(0);
  watch.beat(5_000);
  expect(watch.isAwakening(5_010)).toBe(true);
});
