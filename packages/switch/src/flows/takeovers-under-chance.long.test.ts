import { expect, test } from "vitest";
import { playCalls } from "../testing/call-chance.ts";

/** H4 under chance, over many more seeds than `takeovers-under-chance.test.ts`. */
const seeds = Array.from({ length: 2_000 }, (_, seed) => seed + 1_001);

test("2,000 seeds: nothing is left, nothing is told twice, no step fails", () => {
  const faults: unknown[] = [];
  for (const seed of seeds) {
    const left = playCalls(seed, { hasTakeovers: true });
    const isClean = Object.values(left).every((value) => {
      const list = value as readonly string[]; // where it is no number
      return typeof value === "number" ? value === 0 : list.length === 0;
    });
    if (!isClean) faults.push({ seed, left });
  }
  expect(faults).toEqual([]);
}, 600_000);
