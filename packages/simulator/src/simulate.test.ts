import { expect, test } from "vitest";
import { mutants, type MutantName } from "./mutants.ts";
import { simulate } from "./simulate.ts";

test("SIM-1 the same seed gives the same history, another seed another", () => {
  const choice = { seed: 42, hours: 0.2, agents: 4 };
  const first = simulate(choice);
  expect(first.failures).toEqual([]);
  expect(simulate(choice).hash).toBe(first.hash);
  expect(simulate({ ...choice, seed: 43 }).hash).not.toBe(first.hash);
});

test("SIM-2 calls are placed and answered", () => {
  const { calls } = simulate({ seed: 3, hours: 0.2, agents: 6 });
  expect(calls.answered).toBeGreaterThan(10);
});

test.each(Object.keys(mutants).filter((name) => name !== "none") as MutantName[])(
  "SIM-3 the planted bug %s is found",
  (mutant) => {
    const report = simulate({ seed: 7, hours: 0.3, agents: 4, mutant });
    expect(report.passed).toBe(false);
    expect(report.failures[0]).toMatch(/at \d+ ms, step \d+/);
    expect(report.trail.length).toBeGreaterThan(0);
  },
);
