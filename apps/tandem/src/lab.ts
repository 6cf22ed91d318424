import type { Profile } from "@tandem/lab";
import { type Command, Option } from "commander";
import { wholeNumber } from "./whole-number.ts";

/** `tandem lab`, which is `npm start`: both sites on this machine, with people in them. */
interface LabCommandOptions {
  readonly lab?: number;
  readonly profile: Profile;
  readonly agents: number;
  readonly bind?: string;
  readonly arbiter: "supervisor" | "etcd";
  readonly link: "tcp" | "tls";
  readonly callers: boolean;
}

export function addLabCommand(program: Command): void {
  program
    .command("lab")
    .description("both sites on this machine, with agents, phones and callers")
    .addOption(profileOption())
    .option("--lab <n>", "the lab's number; the lowest free one without", wholeNumber(0, 199))
    .option("--agents <n>", "agents with phones and desktops", wholeNumber(1, 200), 10)
    .option("--bind <address>", "an address of this machine, so that phones on the desk take part")
    .addOption(
      new Option("--arbiter <name>", "who says which node of a pair may serve")
        .choices(["supervisor", "etcd"])
        .default("supervisor"),
    )
    .addOption(
      new Option("--link <name>", "how the nodes of a pair talk to each other")
        .choices(["tcp", "tls"])
        .default("tcp"),
    )
    .option("--no-callers", "no calls but those that you make")
    .action(async ({ callers, ...options }: LabCommandOptions) => {
      const { openDesktops, runLab } = await import("@tandem/lab");
      process.exitCode = await runLab({ ...options, hasCallers: callers, openDesktops });
    });
}

export function profileOption(): Option {
  return new Option("--profile <name>", "timers: fast, or seed for the guide's own 20 and 30 s")
    .choices(["fast", "seed"])
    .default("fast");
}
