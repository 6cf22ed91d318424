import { expect, test } from "vitest";
import { playCalls } from "../testing/call-chance.ts";

/** H4 under chance, over many more seeds than `takeovers-under-chance.test.ts`. */
const seeds = Array.from({ length: 2_000 }, (_, seed) => seed + 1_001);

test("2,000 seeds: nothing is left, nothing is told twice, no step fails", () => {
  const faults: unknown[] = [];
  for (const seed of seeds) {
    const left = playCalls(seed, { hasTakeovers: true });
    const isClean = Object.values(left).every(
      (value) =>
        typeof value === "number" ? value === 0 : (value as readonly string[]).length === 0, // lists
    );
    if (!isClean) faults.push({ seed, left });
  }
  expect(faults).toEqual([]);
}, 600_000);
