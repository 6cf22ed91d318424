import { expect, test } from "vitest";
import { shrink } from "./shrink.ts";
import { simulate, type SimulationChoice } from "./simulate.ts";

test("SIM-5 a failing history is made small, and fails in the same way", () => {
  const choice: SimulationChoice = {
    seed: 3,
    hours: 0.3,
    agents: 4,
    mutant: "listedNodeForgets",
  };
  const failed = simulate(choice);
  const small = shrink(choice, failed);
  expect(small.report.failures[0]).toMatch(/differs from its primary/);
  // One fault is enough to show that bug.
  expect(small.faults).toHaveLength(1);
  expect(simulate(small.choice).hash).toBe(small.report.hash);
});
