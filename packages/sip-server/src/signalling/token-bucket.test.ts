import { expect, test } from "vitest";
import { createTokenBuckets, sourcesMax } from "./token-bucket.ts";

test("a burst, then so many a second, for each source apart", () => {
  const buckets = createTokenBuckets(10, 3);
  const take = (source: string, nowMs: number): boolean => buckets.take(source, nowMs);
  expect([1, 2, 3, 4].map(() => take("a", 0))).toEqual([true, true, true, false]);
  expect(take("b", 0)).toBe(true);
  expect([take("a", 99), take("a", 100), take("a", 100)]).toEqual([false, true, false]);
});

test("what is not used is not saved beyond the burst", () => {
  const buckets = createTokenBuckets(10, 2);
  buckets.take("a", 0);
  expect([1, 2, 3].map(() => buckets.take("a", 60_000))).toEqual([true, true, false]);
});

test("a clock that goes back earns nothing and takes nothing", () => {
  const buckets = createTokenBuckets(10, 1);
  buckets.take("a", 1_000);
  expect(buckets.take("a", 0)).toBe(false);
});

test("a flood of sources does not grow the table without end", () => {
  const buckets = createTokenBuckets(10, 2);
  for (let source = 0; source < 2 * sourcesMax; source += 1) buckets.take(`s${source}`, source);
  expect(buckets.size()).toBe(sourcesMax);
});
