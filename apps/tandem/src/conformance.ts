import { type Command, InvalidArgumentError } from "commander";

/**
 * `tandem conformance --suite DIR`: messages, call flows, vectors or a corpus of outside material
 * through edge and machine; `--fuzz-seconds N`: mutated messages for so long, seeded. With `--json`
 * the last line of standard output is one object (proof.md).
 */
interface ConformanceOptions {
  readonly suite?: string;
  readonly fuzzSeconds?: number;
  readonly seed?: number;
  readonly json?: true;
}

const secondsMax = 86_400;
const failuresShown = 100;

export function addConformanceCommand(program: Command): void {
  program
    .command("conformance")
    .description("run outside material, or mutated messages, through edge and machine")
    .option("--suite <dir>", "a folder of messages, flows or odd inputs; with fuzzing, the seeds")
    .option("--fuzz-seconds <n>", "mutate messages for so long", parsePositive)
    .option("--seed <n>", "where the mutation begins (default: the time)", parsePositive)
    .option("--json", "print one object on the last line")
    .action(run);
}

async function run({ suite, fuzzSeconds, seed, json }: ConformanceOptions): Promise<void> {
  const lab = await import("@tandem/lab");
  if (suite === undefined && fuzzSeconds === undefined) {
    process.stderr.write("give --suite DIR, --fuzz-seconds N, or both\n");
    process.exitCode = 1;
    return;
  }
  const { report, notes } =
    fuzzSeconds === undefined
      ? lab.runSuite(suite ?? "")
      : {
          report: lab.fuzzFor(fuzzSeconds, seed ?? Date.now() % seedMax, suite ?? null),
          notes: [],
        };
  for (const note of notes) process.stderr.write(`${note}\n`);
  for (const failure of report.failures.slice(0, failuresShown)) {
    process.stderr.write(`FAILED ${failure}\n`);
  }
  process.stderr.write(`${report.suite}: ${report.cases} cases, ${report.failed} failed\n`);
  if (json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.passed ? 0 : 1;
}

const seedMax = 1_000_000_000;

function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > Math.max(secondsMax, seedMax)) {
    throw new InvalidArgumentError("give a whole number above 0.");
  }
  return value;
}
