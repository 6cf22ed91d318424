import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { createLogger } from "../logger.ts";
import { keepProcess, type Kept } from "./keep-process.ts";

/** The keeper with real processes: stopped, looping, dying, deaf. */
const worker = fileURLToPath(new URL("kept-worker.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tandem-keeper-"));
const patience = { timeout: 30_000 };
let kept: Kept | undefined;
let lines: string[] = [];

afterEach(async () => {
  kept?.end();
  await kept?.ended;
  kept = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface Choice {
  readonly dropAddress?: string;
  readonly endMs?: number;
  readonly command?: readonly string[];
}

function keep(manner: string, { endMs = 10_000, dropAddress, command }: Choice = {}): Kept {
  lines = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const node = [process.execPath, "--conditions=@tandem/source", worker, manner];
  kept = keepProcess({
    command: command ?? node,
    ...(dropAddress !== undefined && { dropAddress }),
    log: createLogger({ name: "keeper", destination }),
    // A machine under load starts Node slowly, and delays its beats.
    timing: { endMs, silentMs: 1_500 },
  });
  return kept;
}

/** The pid of a process that has begun to beat: its pipe is read from then on. */
async function running(keeper: Kept, but = 0): Promise<number> {
  await expect.poll(() => keeper.pid() !== null && keeper.pid() !== but, patience).toBe(true);
  return keeper.pid() ?? 0;
}

async function untilItBeats(pid: number): Promise<void> {
  // The worker installs its handlers and beats before it maps nothing more: its signals are caught.
  await expect.poll(() => isCaught(pid), patience).toBe(true);
}

/** Whether SIGUSR2 (12) is caught by the process: Node has reached the worker's last lines. */
function isCaught(pid: number): boolean {
  const status = existsSync(`/proc/${pid}/status`)
    ? readFileSync(`/proc/${pid}/status`, "utf8")
    : "";
  const mask = BigInt(`0x${/^SigCgt:\s*(\S+)/m.exec(status)?.[1] ?? "0"}`);
  return ((mask >> 11n) & 1n) === 1n;
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

const onLinux = process.platform === "linux";

test.skipIf(!onLinux).each([
  ["stopped", "beat", "SIGSTOP", "silent for 1500 ms"],
  ["looping", "beat", "SIGUSR2", "silent for 1500 ms"],
  ["stopped alone", "alone", "SIGSTOP", "silent for 3000 ms"],
] as const)("a process that is %s is killed and started again", async (_, manner, signal, why) => {
  const dropped = join(folder, "dropped");
  const keeper = keep(manner, { dropAddress: `mkdir -p ${folder} && echo gone >> ${dropped}` });
  const first = await running(keeper);
  await untilItBeats(first);
  process.kill(first, signal);
  const second = await running(keeper, first);
  expect(isAlive(first)).toBe(false);
  expect(lines.join("")).toContain(why);
  // The address was given up before the next one was started.
  expect(readFileSync(dropped, "utf8")).toBe("gone\n");
  await untilItBeats(second);
});

test.skipIf(!onLinux)("a process that dies is started again", async () => {
  const keeper = keep("beat");
  const first = await running(keeper);
  process.kill(first, "SIGKILL");
  expect(await running(keeper, first)).not.toBe(first);
});

test.skipIf(!onLinux)("it ends with the process when told, and exits as that did", async () => {
  const keeper = keep("beat");
  const pid = await running(keeper);
  await untilItBeats(pid);
  keeper.end();
  expect(await keeper.ended).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

test.skipIf(!onLinux)("a process that is deaf is killed when its time is over", async () => {
  const keeper = keep("deaf", { endMs: 300 });
  const pid = await running(keeper);
  await untilItBeats(pid);
  keeper.end();
  expect(await keeper.ended).toBe(137);
  expect(isAlive(pid)).toBe(false);
});

test.skipIf(!onLinux)("what a launcher started dies with it", async () => {
  const file = join(folder, "child");
  const script = `mkdir -p ${folder}; sleep 1000 & echo $! > ${file}; wait`;
  const keeper = keep("", { command: ["/bin/sh", "-c", script], endMs: 5_000 });
  const launcher = await running(keeper);
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), patience).toMatch(/\n/);
  const child = Number(readFileSync(file, "utf8"));
  process.kill(launcher, "SIGKILL");
  await expect.poll(() => isAlive(child), patience).toBe(false);
});

test("a command that does not exist is told, and ends when told", async () => {
  const keeper = keep("", { command: ["/nonexistent/program"] });
  await expect.poll(() => lines.join(""), patience).toContain("could not be started");
  keeper.end();
  expect(await keeper.ended).toBe(127);
});
