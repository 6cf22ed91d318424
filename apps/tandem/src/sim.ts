import type { SimulationReport } from "@tandem/simulator";
import { InvalidArgumentError, type Command } from "commander";

/**
 * `tandem sim --seed 7 --hours 1`: one seed or a range (`1-40`). With `--json` the last line is `{
 * seeds, hours, hash, passed, failures }` (proof.md); the hash is that of the one seed, or of all
 * hashes in order.
 */
interface SimOptions {
  readonly seed: readonly [number, number];
  readonly hours: number;
  readonly agents: number;
  readonly json?: true;
}

export function addSimCommand(program: Command): void {
  program
    .command("sim")
    .description("run the simulator: seeded faults under virtual time")
    .option("--seed <n|a-b>", "a seed, or a range of seeds", parseSeeds, [1, 1] as const)
    .option("--hours <h>", "simulated hours a seed", parsePositive, 1)
    .option("--agents <n>", "agents", parsePositive, 10)
    .option("--json", "print one object on the last line")
    .action(runSim);
}

async function runSim(options: SimOptions): Promise<void> {
  const { simulate } = await import("@tandem/simulator");
  const [first, last] = options.seed;
  const reports: SimulationReport[] = [];
  for (let seed = first; seed <= last; seed += 1) {
    const report = simulate({ seed, hours: options.hours, agents: options.agents });
    reports.push(report);
    process.stderr.write(`${describe(report)}\n`);
  }
  const failures = reports.flatMap(({ seed, failures: each }) =>
    each.map((failure) => `seed ${seed} ${failure}`),
  );
  const passed = failures.length === 0;
  const hash = reports.map((report) => report.hash).join("-");
  const result = { seeds: reports.length, hours: options.hours, hash, passed, failures };
  if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = passed ? 0 : 1;
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

function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 10_000) throw new InvalidArgumentError("give a number above 0.");
  return value;
}
