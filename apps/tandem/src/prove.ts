import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

/**
 * `npm run prove [-- NAME]`: the points that this project claims, each as the command that shows
 * it, one after the other, with a JSON report in `.cache/prove.json`. Long, and not for CI.
 */
interface Point {
  readonly name: string;
  readonly claim: string;
  readonly commands: readonly (readonly string[])[];
  /** Says what is wrong with the last JSON lines of the commands; nothing when all is well. */
  readonly judge?: (results: readonly unknown[]) => string | null;
}

const times = (count: number, command: readonly string[]): (readonly string[])[] =>
  Array.from({ length: count }, () => command);

function haDrill(name: string, rounds: number, transport: "udp" | "tcp"): readonly string[] {
  const load = ["--calls", "1000", "--setup-rate", "20", "--transport", transport];
  return ["drill", name, ...load, "--rounds", String(rounds), "--json"];
}

/** Where the outside material is; without it the mutated messages alone are run. */
const suites = process.env["TANDEM_SUITES"] ?? "";
const fuzz = ["conformance", "--fuzz-seconds", "60", "--json"];

const points: readonly Point[] = [
  {
    name: "conformance",
    claim:
      "RFC 4475, RFC 5118, call flows and corpora of TANDEM_SUITES as their authors say; a minute " +
      "of mutated messages leaves no exception, no hang and no state",
    commands: suites === "" ? [fuzz] : [["conformance", "--suite", suites, "--json"], fuzz],
  },
  {
    name: "site-loss-fast",
    claim: "ten agents are back after a silent site loss, p95 within 6 s, five times in a row",
    commands: times(5, ["drill", "site-loss", "--profile", "fast", "--agents", "10", "--json"]),
  },
  {
    name: "site-loss-seed",
    claim: "with the guide's own timers all are back within 60 s, five times in a row",
    commands: times(5, ["drill", "site-loss", "--profile", "seed", "--agents", "10", "--json"]),
  },
  {
    name: "ha-kill",
    claim:
      "1,000 calls outlive ten deaths of the primary, with their events and their sound, and the " +
      "site answers again within 100 ms (median), 300 ms at most",
    commands: [haDrill("ha-kill", 10, "udp"), haDrill("ha-kill", 10, "tcp")],
  },
  {
    name: "ha-freeze",
    claim:
      "a frozen primary is fenced, and the site answers again within 1.5 s; the same with a frozen " +
      "host, which says nothing when it thaws",
    commands: [haDrill("ha-freeze", 5, "udp"), [...haDrill("ha-freeze", 5, "udp"), "--as", "host"]],
  },
  {
    name: "ha-host",
    claim: "a node and a member of etcd die at once, and the site answers again within 2.5 s",
    commands: [haDrill("ha-host", 5, "udp")],
  },
  {
    name: "ha-planned",
    claim: "a planned switchover loses nothing and takes at most 50 ms",
    commands: [haDrill("ha-planned", 10, "udp")],
  },
  {
    name: "bench-replication",
    claim:
      "with a standby a core carries at least 70 % of the calls, and an answer takes at most 1 ms " +
      "longer",
    commands: [["bench", "replication", "--json"]],
  },
  {
    name: "bench-calls",
    claim:
      "at most 1.5 times the CPU of Kamailio's proxy per call, at 300 and 1,000 calls a second",
    commands: [["bench", "calls", "--json"]],
  },
  {
    name: "bench-register",
    claim: "digest registrations per CPU second, at least 0.4 of Kamailio's",
    commands: [["bench", "register", "--json"]],
  },
  {
    name: "bench-memory",
    claim: "at most 4 KB of heap per registered DN and 16 KB per call",
    commands: [["bench", "memory", "--json"]],
  },
  {
    name: "bench-events",
    claim:
      "from INVITE to EventRinging: median within 3 ms, p99 within 10 ms, at 50 calls a second",
    commands: [["bench", "events", "--json"]],
  },
  {
    name: "soak",
    claim: "twenty minutes of calls: a flat heap, and nothing left behind",
    commands: [["bench", "soak", "--json"]],
  },
  {
    name: "sim-1000",
    claim:
      "1,000 simulated hours of mixed traffic, two pairs and what may befall them: all " +
      "invariants, no leaks",
    commands: [["sim", "--seeds", "1000", "--hours", "1", "--json"]],
  },
  {
    name: "mutants",
    claim: "each planted bug is found by one of the seeds that CI runs",
    commands: [["sim", "--mutants", "--seeds", "300", "--hours", "1", "--json"]],
  },
  {
    name: "sim-hash",
    claim: "the same seed twice gives the same history",
    commands: times(2, ["sim", "--seed", "7", "--hours", "1", "--json"]),
    judge([first, second]) {
      return hashOf(first) === hashOf(second) && hashOf(first) !== "" ? null : "the hashes differ";
    },
  },
];

export function addProveCommand(program: Command): void {
  program
    .command("prove")
    .description("show every claim, one after the other, with a report")
    .argument("[name]", `one of ${points.map(({ name }) => name).join(", ")}`)
    .action(async (name?: string) => {
      const chosen = name === undefined ? points : points.filter((point) => point.name === name);
      if (chosen.length === 0) {
        process.stderr.write(`nothing is called "${name ?? ""}"; see tandem prove --help\n`);
        process.exitCode = 1;
        return;
      }
      await proveAll(chosen);
    });
}

async function proveAll(chosen: readonly Point[]): Promise<void> {
  const reports: object[] = [];
  let failed = 0;
  for (const { name, claim, commands, judge } of chosen) {
    process.stdout.write(`\n${name}: ${claim}\n`);
    const results: unknown[] = [];
    const faults: string[] = [];
    for (const command of commands) {
      const { code, last } = await run(command);
      results.push(last);
      if (code !== 0) faults.push(`tandem ${command.join(" ")} ended with code ${code}`);
    }
    const fault = judge?.(results) ?? null;
    if (fault !== null) faults.push(fault);
    if (faults.length > 0) failed += 1;
    process.stdout.write(faults.length === 0 ? "  shown\n" : `  NOT shown: ${faults.join("; ")}\n`);
    reports.push({ name, claim, shown: faults.length === 0, faults, results });
  }
  mkdirSync(".cache", { recursive: true });
  const file = join(".cache", "prove.json");
  writeFileSync(file, `${JSON.stringify(reports, null, 2)}\n`);
  process.stdout.write(`\nreport: ${file}\n${chosen.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Runs a command of ours; its last line of standard output is its JSON. */
function run(command: readonly string[]): Promise<{ code: number; last: unknown }> {
  return new Promise((resolve) => {
    const [, main = ""] = process.argv;
    const child = spawn(process.execPath, ["--conditions=@tandem/source", main, ...command], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString("utf8");
    });
    child.once("close", (code) => resolve({ code: code ?? 1, last: lastJson(output) }));
  });
}

function lastJson(output: string): unknown {
  const line = output.trim().split("\n").at(-1) ?? "";
  process.stdout.write(`  ${line}\n`);
  try {
    return JSON.parse(line);
  } catch {
    return null; // it did not get as far as its result
  }
}

function hashOf(result: unknown): string {
  const isObject = typeof result === "object" && result !== null && "hash" in result;
  return isObject && typeof result.hash === "string" ? result.hash : "";
}
