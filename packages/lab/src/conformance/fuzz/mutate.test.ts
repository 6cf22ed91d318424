import { createRandom } from "@tandem/kernel";
import { parseMessage } from "@tandem/sip";
import { expect, test } from "vitest";
import { mutate } from "./mutate.ts";
import { ownSeeds } from "./seeds.ts";

function mutated(seed: number, count: number): readonly string[] {
  const random = createRandom(seed);
  const [first = "", second = ""] = ownSeeds();
  return Array.from({ length: count }, () => mutate(random, first, second));
}

test("one seed, the same messages; another seed, others", () => {
  expect(mutated(1, 20)).toEqual(mutated(1, 20));
  expect(mutated(2, 20)).not.toEqual(mutated(1, 20));
});

test("many mutated messages get past the parser, and many do not: both sides are met", () => {
  const taken = mutated(3, 1_000).filter((text) => parseMessage(text).ok).length;
  expect(taken).toBeGreaterThan(200);
  expect(taken).toBeLessThan(900);
});
