import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { Socket } from "node:net";
import { heartbeatFd, heartbeatVariable, readBeats } from "@tandem/service";

/**
 * One server as a process of the lab: started, watched, frozen, killed. Its lines go to a file in
 * the lab's folder, and it ends when the lab's end of its standard input does. Nothing here
 * restarts what died: in a lab a death is somebody's wish.
 */
export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
  /** Its own, and under a keeper of its own that of what it keeps. */
  readonly pids: () => readonly number[];
  readonly state: () => ServerState;
  /** The last line it wrote to standard error: why it did not start. */
  readonly lastWords: () => string;
  /**
   * SIGSTOP: it keeps its sockets and says nothing, as a host that hangs. Its keeper, where it has
   * one, kills it when its heartbeat stays away, unless it is told to leave it. A keeper of its own
   * is stopped with it.
   */
  readonly freeze: (keeper: "kills" | "leaves") => void;
  readonly thaw: () => void;
  /** SIGUSR2: a primary hands over to its standby. */
  readonly askToHandOver: () => void;
  /** SIGKILL, and the end of it. */
  readonly kill: () => Promise<void>;
  /** SIGTERM, then SIGKILL after two seconds. */
  readonly stop: () => Promise<void>;
}

export type ServerState = "running" | "frozen" | "dead";

export interface ServerLaunch {
  readonly name: string;
  readonly command: readonly string[];
  readonly logFile: string;
  /** Whether it writes a heartbeat to its supervisor. */
  readonly isKept?: boolean;
  /** The command is `tandem keep`: what is said to the server reaches what it keeps. */
  readonly isKeeper?: boolean;
  readonly onExit: (code: number | null, signal: string | null) => void;
}

const stopPatienceMs = 2_000;
/** What a keeper allows (replication.md, Fencing). */
const silentMs = 700;
const lookEveryMs = 50;

export function launch(options: ServerLaunch): ServerProcess {
  const [program = "", ...rest] = options.command;
  const isKept = options.isKept === true;
  const child: ChildProcess = spawn(program, rest, {
    stdio: ["pipe", "pipe", "pipe", ...(isKept ? ["pipe" as const] : [])],
    env: isKept ? { ...process.env, [heartbeatVariable]: String(heartbeatFd) } : process.env,
  });
  let beatAt = performance.now();
  let fence: NodeJS.Timeout | null = null;
  const pipe = child.stdio[heartbeatFd];
  if (isKept && pipe instanceof Socket) {
    pipe.on(
      "data",
      readBeats(() => (beatAt = performance.now())),
    );
    pipe.on("error", () => undefined); // its end is told by the exit
  }
  const killWhenSilent = (): void => {
    if (performance.now() - beatAt < silentMs) return;
    stopFence();
    signal("SIGKILL");
  };
  const stopFence = (): void => {
    if (fence !== null) clearInterval(fence);
    fence = null;
  };
  const log = createWriteStream(options.logFile, { flags: "a" });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  let state: ServerState = "running";
  let words = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    words = bytes.toString("utf8").trim().split("\n").at(-1) ?? words;
  });
  const exited = new Promise<void>((resolve) => {
    child.once("error", () => {
      state = "dead";
      resolve();
    });
    child.once("exit", (code, signal) => {
      state = "dead";
      stopFence();
      options.onExit(code, signal);
      resolve();
    });
  });
  const kept = (): readonly number[] => (options.isKeeper === true ? childrenOf(child.pid) : []);
  const signal = (name: NodeJS.Signals): void => {
    if (state === "dead") return;
    // A keeper ends in order with what it keeps; every other word is for both or for that alone.
    if (name !== "SIGTERM") for (const pid of kept()) tell(pid, name);
    if (name !== "SIGUSR2" || options.isKeeper !== true) child.kill(name);
  };
  return {
    name: options.name,
    pid: child.pid ?? 0,
    pids: () => [child.pid ?? 0, ...kept()],
    state: () => state,
    lastWords: () => words,
    freeze(keeper) {
      signal("SIGSTOP");
      if (state !== "running") return;
      state = "frozen";
      if (isKept && keeper === "kills") fence = setInterval(killWhenSilent, lookEveryMs);
    },
    thaw() {
      stopFence();
      signal("SIGCONT");
      if (state === "frozen") state = "running";
    },
    askToHandOver: () => signal("SIGUSR2"),
    async kill() {
      signal("SIGKILL");
      await exited;
    },
    async stop() {
      signal("SIGCONT");
      signal("SIGTERM");
      const impatient = setTimeout(() => signal("SIGKILL"), stopPatienceMs);
      await exited;
      clearTimeout(impatient);
    },
  };
}

function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  try {
    const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return listed.split(" ").flatMap((word) => (word.trim() === "" ? [] : [Number(word)]));
  } catch {
    return []; // it has ended
  }
}

function tell(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // process.kill throws nothing else
    if (code !== "ESRCH") throw error; // it has just ended
  }
}
