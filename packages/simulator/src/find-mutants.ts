import { modelMutants, runModel, type ModelMutantName } from "@tandem/replica/testing";
import { mutants, type MutantName } from "./mutants.ts";
import { simulate } from "./simulate.ts";

/**
 * Which seed finds each planted bug first: a simulation that finds none proves nothing. Those of
 * the protocol of a pair are planted in its small model, which draws more faults in less time.
 */
export interface MutantFinding {
  readonly mutant: string;
  /** Null: none of the seeds. */
  readonly seed: number | null;
  readonly failure: string;
}

export function findMutants(
  seeds: number,
  size: { readonly hours: number; readonly agents: number },
  say: (finding: MutantFinding) => void,
): readonly MutantFinding[] {
  const findings: MutantFinding[] = [];
  const add = (finding: MutantFinding): void => {
    findings.push(finding);
    say(finding);
  };
  for (const mutant of mutantNames) add(findOne(mutant, seeds, size));
  for (const mutant of modelMutantNames) add(findInModel(mutant, seeds));
  return findings;
}

const mutantNames = Object.keys(mutants).filter((name) => name !== "none") as MutantName[]; // own

const modelMutantNames = Object.keys(modelMutants) as ModelMutantName[]; // its own

function findOne(
  mutant: MutantName,
  seeds: number,
  size: { readonly hours: number; readonly agents: number },
): MutantFinding {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const [failure] = simulate({ seed, ...size, mutant }).failures;
    if (failure !== undefined) return { mutant, seed, failure };
  }
  return { mutant, seed: null, failure: "" };
}

const modelSeconds = 60;
const modelFaults = 25;

function findInModel(name: ModelMutantName, seeds: number): MutantFinding {
  const mutant = `pair: ${name}`;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const choice = { seed, seconds: modelSeconds, faults: modelFaults };
    const [failure] = runModel({ ...choice, mutant: modelMutants[name] }).failures;
    if (failure !== undefined) return { mutant, seed, failure };
  }
  return { mutant, seed: null, failure: "" };
}
