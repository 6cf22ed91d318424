/** A fuzz run of so many seconds of real time; `folder` has suites or a corpus to begin with. */
import { runFuzz, type FuzzReport } from "./run-fuzz.ts";
import { readSeeds } from "./seeds.ts";

export function fuzzFor(seconds: number, seed: number, folder: string | null): FuzzReport {
  const clock = (): number => performance.now();
  const until = clock() + seconds * 1_000;
  const seeds = readSeeds(folder);
  return runFuzz({ seed, seeds, clock, goesOn: () => clock() < until });
}
