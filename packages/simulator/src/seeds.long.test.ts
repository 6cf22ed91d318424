import { expect, test } from "vitest";
import { fixedSeeds } from "./seeds.ts";
import { simulate } from "./simulate.ts";

test.each(fixedSeeds(31, 260))("SIM-4 seed %i, one hour", (seed) => {
  const { failures, trail } = simulate({ seed, hours: 1, agents: 10 });
  expect({ failures, trail }).toEqual({ failures: [], trail: [] });
});
