import { expect, test } from "vitest";
import { modelMutants, type ModelMutantName } from "../testing/model-mutants.ts";
import { runModel } from "../testing/model-pair.ts";
import type { ModelMutant } from "../testing/model-parts.ts";

/** A seed at which each planted bug shows; without it the same run is sound. */
const found: readonly (readonly [ModelMutantName, string, number])[] = [
  ["emptyNodePromotesItself", "H6", 3],
  ["listedNodeForgets", "H7", 1],
  ["learnerListedEarly", "H5", 7],
  ["releasedUnacknowledged", "H2", 6],
  ["servesWithoutLease", "H11", 94],
  ["pairHoldsNoLease", "H11", 1],
  ["acknowledgesWhileAsking", "H4", 1],
  ["releasedLate", "H11", 7],
];

test("H9 a standby that stepped something else is dropped, and built anew", () => {
  let isTampered = false;
  const tamper: ModelMutant = {
    hear(node, message) {
      if (isTampered || message.kind !== "frame" || node.role !== "standby") return message;
      const word = message.frame.inputs.find(({ kind }) => kind === "word");
      if (word === undefined) return message;
      isTampered = true;
      const inputs = [{ kind: "word", text: "another" } as const];
      return { kind: "frame", frame: { ...message.frame, inputs } };
    },
  };
  const report = runModel({ seed: 1, seconds: 10, faults: 0, mutant: tamper });
  expect(isTampered).toBe(true);
  expect(report.differences).toBeGreaterThan(0);
  // Whole at the end, and both hold the same.
  expect(report.failures).toEqual([]);
});

test.each(found)("the planted bug %s (%s) is found", (name, _rule, seed) => {
  const choice = { seed, seconds: 60, faults: 25 };
  expect(runModel(choice).failures).toEqual([]);
  expect(runModel({ ...choice, mutant: modelMutants[name] }).failures).not.toEqual([]);
});
