import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** SIPp as the load: one run of a scenario, and what it counted. */
export interface SippCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly seconds: number;
}

export interface SippRun {
  readonly folder: string;
  readonly name: string;
  readonly scenario: string;
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
  readonly rate: number;
  readonly calls: number;
  readonly service?: string;
  readonly usersFile?: string;
}

/** SIPp has this much longer than the calls need. */
const patienceSeconds = 30;
const common = ["-nostdin", "-buff_size", "4194304", "-max_recv_loops", "1000"] as const;

export async function runSipp(run: SippRun): Promise<SippCounts> {
  const scenario = join(run.folder, `${run.name}.xml`);
  writeFileSync(scenario, run.scenario);
  const seconds = Math.ceil(run.calls / run.rate) + patienceSeconds;
  const startedAt = performance.now();
  const child = start(run.folder, [
    `${run.remote.host}:${run.remote.port}`,
    ...["-sf", scenario, "-i", run.local.host, "-p", String(run.local.port)],
    ...["-r", String(run.rate), "-m", String(run.calls), "-l", "20000"],
    ...["-trace_stat", "-fd", "1", "-timeout", String(seconds), "-max_sched_loops", "1000"],
    ...(run.service === undefined ? [] : ["-s", run.service]),
    ...(run.usersFile === undefined ? [] : ["-inf", run.usersFile]),
  ]);
  await ended(child);
  return counts(run.folder, run.name, (performance.now() - startedAt) / 1000);
}

/** A SIPp that answers until it is stopped. */
export function startCallee(
  folder: string,
  scenarioText: string,
  local: { readonly host: string; readonly port: number },
): { stop: () => Promise<void> } {
  const scenario = join(folder, "answering.xml");
  writeFileSync(scenario, scenarioText);
  const child = start(folder, ["-sf", scenario, "-i", local.host, "-p", String(local.port)]);
  return {
    async stop() {
      child.kill("SIGKILL");
      await ended(child);
    },
  };
}

function start(folder: string, options: readonly string[]): ChildProcess {
  // On a core of its own where there are two: what is measured has the other.
  const command = ["-c", loadCore, "sipp", ...options, ...common];
  return spawn("taskset", command, { cwd: folder, stdio: "ignore" });
}

export const loadCore = "0";
export const measuredCore = "1";

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
}

/** The last line of SIPp's statistics. */
function counts(folder: string, name: string, seconds: number): SippCounts {
  const file = readdirSync(folder).find(
    (each) => each.startsWith(`${name}_`) && each.endsWith("_.csv"),
  );
  if (file === undefined)
    throw new Error("SIPp wrote no statistics; is the package sip-tester installed?");
  const lines = readFileSync(join(folder, file), "utf8").trim().split("\n");
  const names = (lines[0] ?? "").split(";");
  const values = (lines.at(-1) ?? "").split(";");
  const value = (column: string): number => Number(values[names.indexOf(column)] ?? Number.NaN);
  return {
    succeeded: value("SuccessfulCall(C)"),
    failed: value("FailedCall(C)"),
    retransmissions: value("Retransmissions(C)"),
    seconds,
  };
}
