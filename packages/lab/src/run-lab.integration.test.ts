/**
 * `tandem lab` as a process without a terminal: lines, single calls, and an end that leaves
 * nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { labsRoot, readLab } from "./lab-folder.ts";
import { until } from "./until.ts";

const main = fileURLToPath(new URL("../../../apps/tandem/src/main.ts", import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started) child.kill("SIGTERM");
});

function run(...words: readonly string[]) {
  const child = spawn(process.execPath, ["--conditions=@tandem/source", main, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, output: () => output };
}

const number = 188;
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/stat`);

test("it comes up, tells how to take part, refuses a second of its number, and leaves nothing", async () => {
  const first = run("lab", "--lab", String(number), "--agents", "2");
  await until(() => /ready after/.test(first.output()), 60_000, "the lab is ready");
  await until(() => /every agent is at work/.test(first.output()), 1_000, "agents are at work");
  expect(first.output()).toMatch(/a phone of your own .*user 1000, password tandem/);
  const record = readLab(number);
  if (record === null) throw new Error("lab.json names the lab");

  const second = run("lab", "--lab", String(number));
  expect(await second.ended).toBe(1);
  expect(second.output()).toBe(
    `lab ${number} is already running (process ${record.pid}); use it, or start another with --lab N\n`,
  );
  const status = run("status", "--lab", String(number), "--json");
  expect(await status.ended).toBe(0);
  expect(JSON.parse(status.output().trim().split("\n").at(-1) ?? "")).toMatchObject({
    passed: true,
    servers: [
      { name: "sip-1a" },
      { name: "sip-1b" },
      { name: "config-1a" },
      { name: "sip-2a" },
      { name: "sip-2b" },
      { name: "config-2a" },
    ],
  });

  first.child.kill("SIGINT");
  expect(await first.ended).toBe(0);
  const pids = record.sites.flatMap((site) => Object.values(site.pids));
  expect(pids.map(isAlive)).toEqual(pids.map(() => false));
  expect(pids).toHaveLength(6);
  expect(existsSync(`${labsRoot()}/lab-${number}`)).toBe(false);
});

test("an address that is not this machine's is one sentence", async () => {
  const lab = run("lab", "--bind", "192.0.2.7");
  expect(await lab.ended).toBe(1);
  expect(lab.output()).toMatch(/^192\.0\.2\.7 is no address of this machine: --bind takes one of /);
});
