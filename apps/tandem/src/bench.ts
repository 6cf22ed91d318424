import type { Command } from "commander";

/**
 * `tandem bench NAME`: one bench, its figures beside its peer's. With `--json` the last line of
 * standard output is one object (proof.md, Benches); what goes on meanwhile is on standard error.
 */
const benches = [
  "calls",
  "register",
  "events",
  "replication",
  "memory",
  "soak",
  "transfer",
  "sim",
] as const;
type BenchName = (typeof benches)[number];

export function addBenchCommand(program: Command): void {
  program
    .command("bench")
    .description(`measure: ${benches.join(", ")}`)
    .argument("<name>", "which bench")
    .option("--json", "print one object on the last line")
    .action(async (name: string, { json }: { readonly json?: true }) => {
      const known = benches.find((each) => each === name);
      if (known === undefined) {
        process.stderr.write(`no bench "${name}"; there are ${benches.join(", ")}\n`);
        process.exitCode = 1;
        return;
      }
      const result = await run(known);
      process.stdout.write(`${JSON.stringify(result, null, json === true ? 0 : 2)}\n`);
      process.exitCode = result.passed ? 0 : 1;
    });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(name: BenchName): Promise<{ readonly passed: boolean }> {
  if (name === "sim") return benchSim();
  const lab = await import("@tandem/lab");
  switch (name) {
    case "calls":
      return lab.benchCalls(say);
    case "register":
      return lab.benchRegister(say);
    case "events":
      return lab.benchEvents(say);
    case "replication":
      return lab.benchReplication(say);
    case "memory":
      return lab.benchMemory(say);
    case "transfer":
      return lab.benchTransfer(say);
    case "soak":
      return lab.benchSoak(soakMinutes, say);
  }
}

const soakMinutes = 20;
const simHours = 1;
const simAgents = 50;
const cpuSecondsPerHourMax = 4;

/** A simulated hour of fifty agents at busy-hour traffic. */
async function benchSim(): Promise<SimBench> {
  const { simulate } = await import("@tandem/simulator");
  const before = process.cpuUsage();
  const report = simulate({ seed: 7, hours: simHours, agents: simAgents });
  const { user, system } = process.cpuUsage(before);
  const cpuSecondsPerHour = Math.round((user + system) / 1_000 / simHours) / 1_000;
  say(`${report.calls.answered} calls, ${report.steps} steps`);
  const passed = report.passed && cpuSecondsPerHour <= cpuSecondsPerHourMax;
  return { name: "sim", cpuSecondsPerHour, passed };
}

interface SimBench {
  readonly name: "sim";
  readonly cpuSecondsPerHour: number;
  readonly passed: boolean;
}
