import { simulate } from "@tandem/simulator";
import { expect, test } from "vitest";
import { simulateAll } from "./sim-jobs.ts";

test("seeds in threads give what they give one after the other, in their order", async () => {
  const choices = [5, 6, 7].map((seed) => ({ seed, hours: 0.02, agents: 3 }));
  const hashes: string[] = [];
  for await (const { hash } of simulateAll(choices, 2)) hashes.push(hash);
  expect(hashes).toEqual(choices.map((choice) => simulate(choice).hash));
});
