import type * as lab from "@tandem/lab";
import type { Profile } from "@tandem/lab";
import type { Command } from "commander";
import { Argument, Option } from "commander";
import { profileOption } from "./lab.ts";
import { wholeNumber } from "./whole-number.ts";

/**
 * `tandem drill NAME`: a rehearsed failure in a lab of its own, measured. The report for people
 * goes to standard error; with `--json` the object is the last line of standard output.
 */
interface DrillOptions {
  readonly calls: number;
  readonly setupRate: number;
  readonly transport: "udp" | "tcp";
  readonly as: "process" | "host";
  readonly profile: Profile;
  readonly agents: number;
  readonly rounds?: number;
  readonly json?: true;
}

export function addDrillCommand(program: Command): void {
  program
    .command("drill")
    .description("a rehearsed failure in a lab of its own, measured per agent")
    .addArgument(new Argument("<name>", "which one").choices(["site-loss", ...haDrills]))
    .addOption(profileOption())
    .option("--agents <n>", "agents at the site that is lost", wholeNumber(1, 200), 10)
    .option("--calls <n>", "calls that stand when a node is lost", wholeNumber(1, 2_000), 100)
    .option("--setup-rate <n>", "calls set up a second meanwhile", wholeNumber(1, 100), 10)
    .addOption(
      new Option("--transport <name>", "how phones are connected")
        .choices(["udp", "tcp"])
        .default("udp"),
    )
    .addOption(
      new Option("--as <what>", "ha-freeze: a process, or each node's host with its keeper")
        .choices(["process", "host"])
        .default("process"),
    )
    .option("--rounds <n>", "how often (ha-kill: 10, else 1)", wholeNumber(1, 100))
    .option("--json", "print one object on the last line")
    .action(async (name: string, options: DrillOptions) => {
      const ha = haDrills.find((drill) => drill === name);
      process.exitCode = ha === undefined ? await runDrill(options) : await runHa(ha, options);
    });
}

const haDrills = ["ha-kill", "ha-freeze", "ha-host", "ha-planned"] as const;

/** Each round takes the other node. */
const killRounds = 10;

async function runHa(drill: (typeof haDrills)[number], options: DrillOptions): Promise<number> {
  const { haDrill, haReport, haText, inOwnWorld, isInOwnWorld } = await import("@tandem/lab");
  const { calls, setupRate, transport, as, json } = options;
  const rounds = options.rounds ?? (drill === "ha-kill" ? killRounds : 1);
  if (as === "host") {
    const refusal = refuseHosts(drill, await import("@tandem/lab"));
    if (refusal !== null) return refuse(refusal);
    if (!isInOwnWorld()) return againIn(inOwnWorld);
  }
  const say = createSay();
  const measure = await haDrill({ drill, as, calls, setupRate, rounds, transport, say });
  const report = haReport(drill, transport, measure, as);
  process.stderr.write(`${haText(report)}\n`);
  if (json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.passed ? 0 : 1;
}

type LabRoom = typeof lab;

function refuseHosts(drill: string, { isInOwnWorld, worldMissing }: LabRoom): string | null {
  if (drill !== "ha-freeze") return "--as host is for ha-freeze";
  return isInOwnWorld() ? null : worldMissing();
}

function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

/** This same command, in namespaces of its own: nothing of this machine's network is touched. */
async function againIn(inOwnWorld: LabRoom["inOwnWorld"]): Promise<number> {
  const { code, output } = await inOwnWorld({
    command: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    onLine: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(output);
  return code;
}

function createSay(): (line: string) => void {
  const startedAt = performance.now();
  return (line) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(2);
    process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
  };
}

async function runDrill({ profile, agents, rounds = 1, json }: DrillOptions): Promise<number> {
  const { openDesktops, siteLossReport, siteLossRound, siteLossText } = await import("@tandem/lab");
  const say = createSay();
  const measures = [];
  for (let round = 1; round <= rounds; round += 1) {
    if (rounds > 1) say(`round ${round} of ${rounds}`);
    measures.push(await siteLossRound({ profile, agents, openDesktops, say }, round));
  }
  const report = siteLossReport(profile, measures);
  process.stderr.write(`${siteLossText(report)}\n`);
  if (json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.passed ? 0 : 1;
}
