import type { Shrunk, SimulationReport } from "@tandem/simulator";
import { InvalidArgumentError, type Command } from "commander";
import { jobsPreset, simulateAll } from "./sim-jobs.ts";

/**
 * `tandem sim --seed 7 --hours 1`: one seed or a range (`1-40`); `--seeds 1000` is 1-1000. Seeds
 * run in `--jobs` threads and are told in their order. With `--json` the last line is `{ seeds,
 * hours, hash, passed, failures }` (proof.md); the hash is that of the one seed, or of all hashes
 * in order. The first seed that fails is run again with fewer faults, and shown as small as it
 * gets. `--mutants` plants each of the known bugs instead, and says which of the seeds finds it.
 */
interface SimOptions {
  readonly seed: readonly [number, number];
  readonly hours: number;
  readonly agents: number;
  readonly seeds?: number;
  readonly mutants?: true;
  readonly shrink: boolean;
  readonly jobs: number;
  readonly json?: true;
}

export function addSimCommand(program: Command): void {
  program
    .command("sim")
    .description("run the simulator: seeded faults under virtual time")
    .option("--seed <n|a-b>", "a seed, or a range of seeds", parseSeeds, [1, 1] as const)
    .option("--seeds <n>", "the seeds from 1 to this one", parseCount)
    .option("--hours <h>", "simulated hours a seed", parsePositive, 1)
    .option("--agents <n>", "agents", parsePositive, 10)
    .option("--jobs <n>", "seeds at a time (not with --mutants)", parseCount, jobsPreset)
    .option("--mutants", "plant each known bug, and say which seed finds it")
    .option("--no-shrink", "do not look for a smaller history of the first failure")
    .option("--json", "print one object on the last line")
    .action(async (options: SimOptions) => {
      process.exitCode =
        options.mutants === true ? await runMutants(options) : await runSim(options);
    });
}

async function runSim(options: SimOptions): Promise<number> {
  const { shrink } = await import("@tandem/simulator");
  const [first, last] = rangeOf(options);
  let isShrunk = !options.shrink;
  const reports: SimulationReport[] = [];
  const { hours, agents } = options;
  const choices = Array.from({ length: last - first + 1 }, (_, index) => ({
    seed: first + index,
    hours,
    agents,
  }));
  for await (const report of simulateAll(choices, options.jobs)) {
    reports.push(report);
    say(describe(report));
    if (report.passed || isShrunk) continue;
    isShrunk = true;
    say("looking for a smaller history that fails in the same way");
    const choice = { seed: report.seed, hours, agents };
    describeShrunk(shrink(choice, report, (line) => say(`  ${line}`))).forEach(say);
  }
  const failures = reports.flatMap(({ seed, failures: each }) =>
    each.map((failure) => `seed ${seed} ${failure}`),
  );
  const passed = failures.length === 0;
  const hash = reports.map((report) => report.hash).join("-");
  const result = { seeds: reports.length, hours: options.hours, hash, passed, failures };
  if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  return passed ? 0 : 1;
}

/** 0 when every planted bug is found. */
async function runMutants(options: SimOptions): Promise<number> {
  const { findMutants } = await import("@tandem/simulator");
  const [, seeds] = rangeOf(options);
  const { hours, agents } = options;
  const findings = findMutants(seeds, { hours, agents }, ({ mutant, seed, failure }) =>
    say(seed === null ? `${mutant}  NOT FOUND` : `${mutant}  seed ${seed}  ${failure}`),
  );
  const failures = findings.flatMap(({ mutant, seed }) =>
    seed === null ? [`${mutant} was not found by ${seeds} seeds`] : [],
  );
  const passed = failures.length === 0;
  const result = { mutants: findings.length, seeds, hours, passed, failures };
  if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  return passed ? 0 : 1;
}

function rangeOf({ seed, seeds }: SimOptions): readonly [number, number] {
  return seeds === undefined ? seed : [1, seeds];
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function describeShrunk({ choice, report, faults, runs }: Shrunk): readonly string[] {
  return [
    `after ${runs} runs: ${Math.round(choice.hours * 3_600)} s with ${faults.length} faults`,
    ...faults.map((fault) => `  ${fault}`),
    ...report.failures,
    "what happened last:",
    ...report.trail,
  ];
}

function describe({
  seed,
  hash,
  calls,
  faults,
  passed,
  failures,
  trail,
}: SimulationReport): string {
  const line = `seed ${seed}  ${hash}  ${calls.answered}/${calls.placed} calls  ${faults} faults`;
  if (passed) return `${line}  passed`;
  return [`${line}  FAILED`, ...failures, "what happened last:", ...trail].join("\n");
}

function parseSeeds(text: string): readonly [number, number] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last < first || last - first >= seedsMax) {
    throw new InvalidArgumentError(`give a seed, or a range of at most ${seedsMax} such as 1-40.`);
  }
  return [first, last];
}

const seedsMax = 10_000;

function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > seedsMax) {
    throw new InvalidArgumentError(`give a whole number from 1 to ${seedsMax}.`);
  }
  return value;
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 10_000) throw new InvalidArgumentError("give a number above 0.");
  return value;
}
