import { expect, test } from "vitest";
import { modelMutants, type ModelMutantName } from "../testing/model-mutants.ts";
import { runModel } from "../testing/model-pair.ts";

/** A seed at which each planted bug shows; without it the same run is sound. */
const found: readonly (readonly [ModelMutantName, string, number])[] = [
  ["emptyNodePromotesItself", "H6", 3],
  ["listedNodeForgets", "H7", 1],
  ["learnerListedEarly", "H5", 7],
  ["releasedUnacknowledged", "H2", 6],
  ["servesWithoutLease", "H11", 94],
];

test.each(found)("the planted bug %s (%s) is found", (name, _rule, seed) => {
  const choice = { seed, seconds: 60, faults: 25 };
  expect(runModel(choice).failures).toEqual([]);
  expect(runModel({ ...choice, mutant: modelMutants[name] }).failures).not.toEqual([]);
});
