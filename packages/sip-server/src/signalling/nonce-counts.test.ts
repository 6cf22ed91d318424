import { expect, test } from "vitest";
import { createNonceCounts } from "./nonce-counts.ts";

test("RFC 7616 §3.4.5: each count once, in any order within the window", () => {
  const counts = createNonceCounts();
  const used = (count: number): boolean => counts.isReplay("n", "1001", count);
  expect([used(1), used(1)]).toEqual([false, true]);
  expect([used(5), used(3), used(3), used(4), used(2), used(5)]).toEqual([
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
  expect([used(36), used(5), used(4), used(6)]).toEqual([false, true, true, false]);
  expect([used(1_000), used(36), used(969), used(968)]).toEqual([false, true, false, true]);
});

test("users do not take each other's counts, nor do nonces", () => {
  const counts = createNonceCounts();
  expect(counts.isReplay("n", "1001", 1)).toBe(false);
  expect(counts.isReplay("n", "1002", 1)).toBe(false);
  expect(counts.isReplay("m", "1001", 1)).toBe(false);
  expect(counts.size()).toBe(3);
});

test("the table has an end", () => {
  const counts = createNonceCounts();
  for (let index = 0; index < 60_000; index += 1) counts.isReplay(`${index}`, "1001", 1);
  expect(counts.size()).toBeLessThanOrEqual(50_000);
  // The youngest are all there, and the oldest are not.
  expect(counts.isReplay("35000", "1001", 1)).toBe(true);
  expect(counts.isReplay("0", "1001", 1)).toBe(false);
});
