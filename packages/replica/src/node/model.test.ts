import { expect, test } from "vitest";
import { runModel } from "../testing/model-pair.ts";

const seeds = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

test("H4 H5 H1 H2: after one fault nothing that left is unknown, and the pair is whole", () => {
  const failures = seeds(1, 150).flatMap((seed) =>
    runModel({ seed, seconds: 20, faults: 1 }).failures.map((text) => `seed ${seed} ${text}`),
  );
  expect(failures).toEqual([]);
});

test("H3 H6 H7 H11 H12: many faults lose nothing but by a cold start, and end in a whole pair", () => {
  const failures = seeds(1_001, 120).flatMap((seed) =>
    runModel({ seed, seconds: 60, faults: 20 }).failures.map((text) => `seed ${seed} ${text}`),
  );
  expect(failures).toEqual([]);
});
