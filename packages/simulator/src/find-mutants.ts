import { mutants, type MutantName } from "./mutants.ts";
import { simulate } from "./simulate.ts";

/** Which seed finds each planted bug first: a simulation that finds none proves nothing. */
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
  return mutantNames.map((mutant) => {
    const finding = findOne(mutant, seeds, size);
    say(finding);
    return finding;
  });
}

const mutantNames = Object.keys(mutants).filter((name) => name !== "none") as MutantName[]; // own

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
