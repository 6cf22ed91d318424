/**
 * Runs a plan of `stages.ts`: each stage in turn, whatever the one before it gave, with its time;
 * then the times again and, last, the sum as a closing line. Further arguments go to the only stage
 * of a plan with one stage (`npm run prove -- NAME`).
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Counts, addCounts, countsText, emptyCounts, readCounts } from "./counts.ts";
import { providePackages } from "./debian-packages.ts";
import { type Stage, plans } from "./stages.ts";

const root = dirname(import.meta.dirname);
/** A closing line is at the end: so much of a stage's output is kept to find it. */
const tailCharacters = 16_384;

interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly counts: Counts;
}

const [planName = "check", ...moreArguments] = process.argv.slice(2);
const plan = plans.get(planName);
if (plan === undefined) {
  console.error(`no plan ${planName}: one of ${[...plans.keys()].join(", ")}`);
  process.exit(2);
}
process.exitCode = await runPlan(planName, plan);

async function runPlan(name: string, stages: readonly Stage[]): Promise<number> {
  const wanted = new Set(stages.flatMap((stage) => stage.uses ?? []));
  if (wanted.size > 0) providePackages(root, [...wanted], (line) => console.error(line));
  sayWithoutSuites(name);
  const outcomes: Outcome[] = [];
  for (const stage of stages) {
    console.log(`\n── ${stage.name} ──`);
    const outcome = await runStage(stage, stages.length === 1 ? moreArguments : []);
    console.log(`── ${stage.name}: ${outcome.seconds.toFixed(1)} s`);
    outcomes.push(outcome);
  }
  console.log("");
  for (const { name: stage, seconds, counts } of outcomes) {
    console.log(`${stage.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s   ${countsText(counts)}`);
  }
  const sum = outcomes.reduce((total, { counts }) => addCounts(total, counts), emptyCounts);
  console.log(countsText(sum));
  return sum.failed === 0 ? 0 : 1;
}

function sayWithoutSuites(name: string): void {
  const folder = process.env["TANDEM_SUITES"];
  if (name === "check" || (folder !== undefined && existsSync(folder))) return;
  console.error(
    "skipped: the outside suites (torture messages, fuzz corpora), because TANDEM_SUITES names no folder",
  );
}

async function runStage(stage: Stage, more: readonly string[]): Promise<Outcome> {
  const startedAt = performance.now();
  const { code, tail } = await runProcess([...stage.command, ...more]);
  const seconds = (performance.now() - startedAt) / 1000;
  const counted = readCounts(tail);
  const hasFailed = code !== 0;
  if (counted === undefined) {
    const counts = { ...emptyCounts, [hasFailed ? "failed" : "passed"]: 1 };
    return { name: stage.name, seconds, counts };
  }
  // A process that says "0 failed" and ends badly has failed all the same.
  const failed = hasFailed ? Math.max(1, counted.failed) : counted.failed;
  return { name: stage.name, seconds, counts: { ...counted, failed } };
}

function runProcess(command: readonly string[]): Promise<{ code: number; tail: string }> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    // tsc and others are native or shell files in part: what Node can read it runs itself.
    const child = spawn(
      process.execPath,
      ["--conditions=@tandem/source", join(root, file), ...args],
      { cwd: root, stdio: ["inherit", "pipe", "inherit"] },
    );
    let tail = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      process.stdout.write(text);
      tail = (tail + text).slice(-tailCharacters);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, tail }));
  });
}
