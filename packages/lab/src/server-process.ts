import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";

/**
 * One server as a process of the lab: started, watched, frozen, killed. Its lines go to a file in
 * the lab's folder, and it ends when the lab's end of its standard input does. Nothing here
 * restarts what died: in a lab a death is somebody's wish.
 */
export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
  readonly state: () => ServerState;
  /** The last line it wrote to standard error: why it did not start. */
  readonly lastWords: () => string;
  /** SIGSTOP: it keeps its sockets and says nothing, as a host that hangs. */
  readonly freeze: () => void;
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
  readonly onExit: (code: number | null, signal: string | null) => void;
}

const stopPatienceMs = 2_000;

export function launch(options: ServerLaunch): ServerProcess {
  const [program = "", ...rest] = options.command;
  const child: ChildProcess = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"] });
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
      options.onExit(code, signal);
      resolve();
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (state !== "dead") child.kill(name);
  };
  return {
    name: options.name,
    pid: child.pid ?? 0,
    state: () => state,
    lastWords: () => words,
    freeze() {
      signal("SIGSTOP");
      if (state === "running") state = "frozen";
    },
    thaw() {
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
