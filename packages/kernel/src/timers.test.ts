import { expect, test } from "vitest";
import { logTime } from "./log-time.ts";
import { armTimer, createTimers, disarmTimer, nextDeadline, settleTimers } from "./timers.ts";

test("asking for the next deadline changes nothing, also when the earliest was disarmed", () => {
  const timers = createTimers();
  armTimer(timers, "a", logTime(10));
  armTimer(timers, "b", logTime(30));
  armTimer(timers, "c", logTime(20));
  disarmTimer(timers, "a");
  const before = structuredClone(timers);
  expect(nextDeadline(timers)).toBe(20);
  expect(timers).toEqual(before);
  settleTimers(timers);
  expect(nextDeadline(timers)).toBe(20);
  expect(timers.heap).toHaveLength(2);
});
