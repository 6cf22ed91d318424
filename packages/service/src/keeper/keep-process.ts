import { type ChildProcess, execFile, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import type { Logger } from "../logger.ts";
import { heartbeatFd, heartbeatVariable, readBeats } from "./heartbeat.ts";
import {
  createKeeper,
  type KeeperAction,
  type KeeperEvent,
  type KeeperTiming,
  keeperTiming,
  stepKeeper,
} from "./keeper.ts";

/**
 * The keeper's host: starts the command in a process group of its own, with a pipe as its
 * descriptor 3, and does what the machine says. A kill reaches the whole group, so that a process
 * behind a launcher dies too.
 */
export interface KeepOptions {
  readonly command: readonly string[];
  /** A shell's line that gives the site's address up, once the process is dead. */
  readonly dropAddress?: string;
  readonly log: Logger;
  readonly timing?: Partial<KeeperTiming>;
}

export interface Kept {
  /** The exit code of the keeper: that of the process when the keeper was told to end. */
  readonly ended: Promise<number>;
  /** Ends the process, then the keeper. */
  readonly end: () => void;
  readonly pid: () => number | null;
}

const dropLimitMs = 5_000;
const startFailed = 127;

export function keepProcess(options: KeepOptions): Kept {
  const timing = { ...keeperTiming, ...options.timing };
  const { log } = options;
  const keeper = createKeeper(performance.now(), timing);
  let child: ChildProcess | null = null;
  let resolveEnd: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    resolveEnd = resolve;
  });
  const happen = (event: KeeperEvent): void => {
    for (const action of stepKeeper(keeper, performance.now(), event)) perform(action);
  };
  const perform = (action: KeeperAction): void => {
    switch (action.kind) {
      case "start":
        child = start(options, happen);
        return;
      case "kill":
        log.error({ pid: child?.pid, why: action.why }, "the process is killed");
        signalGroup(child, "SIGKILL");
        return;
      case "terminate":
        child?.kill("SIGTERM");
        return;
      case "dropAddress":
        child = null;
        log.warn({ code: keeper.lastCode }, "the process has ended");
        dropAddress(options, () => happen({ kind: "dropped" }));
        return;
      case "exit":
        clearInterval(ticks);
        resolveEnd(action.code);
    }
  };
  const ticks = setInterval(() => happen({ kind: "tick" }), timing.tickMs);
  setImmediate(() => happen({ kind: "tick" }));
  return { ended, end: () => happen({ kind: "end" }), pid: () => child?.pid ?? null };
}

function start({ command, log }: KeepOptions, happen: (event: KeeperEvent) => void): ChildProcess {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    detached: true,
    env: { ...process.env, [heartbeatVariable]: String(heartbeatFd) },
  });
  log.info({ pid: child.pid, program }, "the process is started");
  let isOver = false;
  const over = (code: number): void => {
    if (isOver) return;
    isOver = true;
    // What it started may outlive it and hold its ports: the whole group goes.
    signalGroup(child, "SIGKILL");
    happen({ kind: "ended", code });
  };
  child.on("error", (error) => {
    log.error({ err: error }, "the process could not be started");
    if (child.pid === undefined) over(startFailed);
  });
  child.on("exit", (code, signal) => over(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  const pipe = child.stdio[heartbeatFd] as Readable; // "pipe" in `stdio` above
  const hear = readBeats((isAlone) => {
    if (!isOver) happen({ kind: "beat", isAlone });
  });
  pipe.on("data", hear);
  pipe.on("error", (error) => log.warn({ err: error }, "the heartbeat cannot be read"));
  return child;
}

function signalGroup(child: ChildProcess | null, signal: "SIGKILL"): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // process.kill throws nothing else
    // ESRCH: nobody is left in it. EPERM: what is left is no longer ours.
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

/** However it ends: a process that cannot start again helps nobody. */
function dropAddress({ dropAddress: line, log }: KeepOptions, done: () => void): void {
  if (line === undefined) {
    setImmediate(done);
    return;
  }
  const limits = { timeout: dropLimitMs, killSignal: "SIGKILL" } as const;
  execFile("/bin/sh", ["-c", line], limits, (error, _out, words) => {
    if (error === null) log.info("the address is given up");
    else log.error({ code: error.code, words: words.trim() }, "the address was not given up");
    done();
  });
}
