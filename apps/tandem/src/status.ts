/**
 * `tandem status`: asks each server of a running lab, or one elsewhere, whether it may be relied
 * on, and prints what it says. Exit code 0 only when every one is ready.
 */
import type { Command } from "commander";
import { wholeNumber } from "./whole-number.ts";

interface StatusOptions {
  readonly lab: number;
  readonly at?: string;
  readonly json?: true;
}

interface ServerStatus {
  readonly url: string;
  readonly name: string;
  readonly status: string;
  /** What `/readyz` said beside that. */
  readonly facts: Readonly<Record<string, unknown>>;
}

const patienceMs = 1_500;

export function addStatusCommand(program: Command): void {
  program
    .command("status")
    .description("whether each server of a running lab may be relied on, and what it says")
    .option("--lab <n>", "the lab's number", wholeNumber(0, 199), 0)
    .option("--at <url>", "a server elsewhere, by its HTTP address")
    .option("--json", "print one object on the last line")
    .action(async (options: StatusOptions) => {
      process.exitCode = await printStatus(options);
    });
}

async function printStatus(options: StatusOptions): Promise<number> {
  const urls = options.at === undefined ? await urlsOfLab(options.lab) : [options.at];
  if (urls === null) {
    process.stderr.write(`no lab ${options.lab} runs: npm start begins one\n`);
    return 1;
  }
  const servers = await Promise.all(urls.map(ask));
  for (const { name, status, facts } of servers) {
    const words = Object.entries(facts).map(([key, value]) => `${key} ${describe(value)}`);
    process.stderr.write(`${name.padEnd(12)} ${status.padEnd(12)} ${words.join(", ")}\n`);
  }
  const passed = servers.every(({ status }) => status === "ready");
  if (options.json === true) process.stdout.write(`${JSON.stringify({ servers, passed })}\n`);
  return passed ? 0 : 1;
}

async function urlsOfLab(number: number): Promise<readonly string[] | null> {
  const { readLab } = await import("@tandem/lab");
  const record = readLab(number);
  return record === null
    ? null
    : record.sites.flatMap(({ nodes, configHttp }) => [
        ...nodes.map(({ http }) => http),
        configHttp,
      ]);
}

async function ask(url: string): Promise<ServerStatus> {
  try {
    const answer = await fetch(new URL("/readyz", url), {
      signal: AbortSignal.timeout(patienceMs),
    });
    const said: unknown = await answer.json();
    const isObject = typeof said === "object" && said !== null;
    const { name, status, ...facts }: Readonly<Record<string, unknown>> = isObject
      ? { ...said }
      : {};
    return { url, name: String(name), status: String(status), facts };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { url, name: url, status: "no answer", facts: { why } };
  }
}

function describe(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
