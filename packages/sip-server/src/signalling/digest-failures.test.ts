import { expect, test } from "vitest";
import { createDigestFailures, freeFailures } from "./digest-failures.ts";

test("after a few wrong passwords the pair of user and address waits, ever longer", () => {
  const failures = createDigestFailures();
  const fail = (nowMs: number): void => failures.failed("1001", "192.0.2.66", nowMs);
  const isHeld = (nowMs: number): boolean => failures.isHeldOff("1001", "192.0.2.66", nowMs);
  for (let count = 1; count < freeFailures; count += 1) fail(0);
  expect(isHeld(0)).toBe(false);
  fail(0);
  expect([isHeld(999), isHeld(1_000)]).toEqual([true, false]);
  fail(1_000);
  expect([isHeld(2_999), isHeld(3_000)]).toEqual([true, false]);
  for (let count = 0; count < 100; count += 1) fail(3_000);
  expect([isHeld(62_999), isHeld(63_000)]).toEqual([true, false]);
});

test("nobody else waits: not the user elsewhere, not another user there", () => {
  const failures = createDigestFailures();
  for (let count = 0; count < 50; count += 1) failures.failed("1001", "192.0.2.66", 0);
  expect(failures.isHeldOff("1001", "192.0.2.7", 0)).toBe(false);
  expect(failures.isHeldOff("1002", "192.0.2.66", 0)).toBe(false);
});

test("the right password clears the account; the table has an end", () => {
  const failures = createDigestFailures();
  for (let count = 0; count < 50; count += 1) failures.failed("1001", "192.0.2.66", 0);
  failures.succeeded("1001", "192.0.2.66");
  expect(failures.isHeldOff("1001", "192.0.2.66", 0)).toBe(false);
  for (let user = 0; user < 30_000; user += 1) failures.failed(`${user}`, "192.0.2.66", 0);
  expect(failures.size()).toBe(20_000);
});
