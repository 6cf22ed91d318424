import type { Profile } from "@tandem/lab";
import type { Command } from "commander";
import { Argument } from "commander";
import { profileOption } from "./lab.ts";
import { wholeNumber } from "./whole-number.ts";

/**
 * `tandem drill site-loss`: a rehearsed failure in a lab of its own, measured per agent. The report
 * for people goes to standard error; with `--json` the object is the last line of standard output.
 */
interface DrillOptions {
  readonly profile: Profile;
  readonly agents: number;
  readonly rounds: number;
  readonly json?: true;
}

export function addDrillCommand(program: Command): void {
  program
    .command("drill")
    .description("a rehearsed failure in a lab of its own, measured per agent")
    .addArgument(new Argument("<name>", "which one").choices(["site-loss"]))
    .addOption(profileOption())
    .option("--agents <n>", "agents at the site that is lost", wholeNumber(1, 200), 10)
    .option("--rounds <n>", "how often", wholeNumber(1, 100), 1)
    .option("--json", "print one object on the last line")
    .action(async (_name: string, options: DrillOptions) => {
      process.exitCode = await runDrill(options);
    });
}

async function runDrill({ profile, agents, rounds, json }: DrillOptions): Promise<number> {
  const { openDesktops, siteLossReport, siteLossRound, siteLossText } = await import("@tandem/lab");
  const startedAt = performance.now();
  const say = (line: string): void => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(2);
    process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
  };
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
