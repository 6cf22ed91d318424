import { expect, test } from "vitest";
import { commitSeeds, fixedSeeds } from "./seeds.ts";
import { simulate } from "./simulate.ts";

/**
 * Forty hours: thirty fixed seeds, ten of this commit. A seed that fails stays here by its number.
 */
test.each([...fixedSeeds(1, 30), ...commitSeeds(10)])("SIM-4 seed %i, one hour", (seed) => {
  const { failures, trail } = simulate({ seed, hours: 1, agents: 10 });
  expect({ failures, trail }).toEqual({ failures: [], trail: [] });
});
