import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labsMax } from "./topology.ts";

/**
 * A lab's folder: everything it writes, with `lab.json` by which the other commands find it. Taking
 * the folder is taking the number: a lock names the process that has it, and what a dead lab left
 * is cleared.
 */
export interface LabFolder {
  readonly lab: number;
  readonly path: string;
  readonly file: (name: string) => string;
  readonly write: (record: LabRecord) => void;
  readonly remove: () => void;
}

export interface LabRecord {
  readonly lab: number;
  readonly pid: number;
  readonly profile: string;
  readonly operatorToken: string;
  readonly sites: readonly {
    readonly name: string;
    readonly host: string;
    /** Of its SIP Server and its Configuration Server. */
    readonly nodes: readonly { readonly name: string; readonly http: string }[];
    readonly configHttp: string;
    readonly pids: Readonly<Record<string, number>>;
  }[];
}

export function labsRoot(): string {
  const runtime = process.env["XDG_RUNTIME_DIR"];
  return join(runtime !== undefined && existsSync(runtime) ? runtime : tmpdir(), "tandem");
}

export class LabTaken extends Error {
  override readonly name = "LabTaken";
  readonly lab: number;
  readonly pid: number;
  constructor(lab: number, pid: number) {
    super(`lab ${lab} is already running (process ${pid}); use it, or start another with --lab N`);
    this.lab = lab;
    this.pid = pid;
  }
}

/** Takes this number, or the lowest free one when none is asked for. */
export function takeLab(asked: number | null, lowest = 0): LabFolder {
  if (asked !== null) return take(asked);
  for (let lab = lowest; lab < labsMax; lab += 1) {
    try {
      return take(lab);
    } catch (error) {
      if (!(error instanceof LabTaken)) throw error;
    }
  }
  throw new Error(`all ${labsMax} labs are taken; end one, or remove ${labsRoot()}`);
}

function take(lab: number): LabFolder {
  const path = join(labsRoot(), `lab-${lab}`);
  mkdirSync(labsRoot(), { recursive: true, mode: 0o700 });
  const lock = join(labsRoot(), `lab-${lab}.lock`);
  lockOrThrow(lock, lab);
  endLeftBehind(path);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  return {
    lab,
    path,
    file: (name) => join(path, name),
    write(record) {
      const next = join(path, "lab.json.next");
      writeFileSync(next, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
      renameSync(next, join(path, "lab.json"));
    },
    remove() {
      rmSync(path, { recursive: true, force: true });
      rmSync(lock, { force: true });
    },
  };
}

/**
 * Servers end with their lab, but a stopped one cannot: a lab that was killed may have left it.
 * Only what still is a process of that folder is ended; its number may be another's by now.
 */
function endLeftBehind(path: string): void {
  const file = join(path, "lab.json");
  if (!existsSync(file)) return;
  const record = JSON.parse(readFileSync(file, "utf8")) as LabRecord; // written by `write` above
  for (const pid of record.sites.flatMap(({ pids }) => Object.values(pids))) {
    if (isAlive(pid) && commandOf(pid).includes(path)) process.kill(pid, "SIGKILL");
  }
}

function commandOf(pid: number): string {
  const ps = spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  return ps.status === 0 ? ps.stdout : "";
}

function lockOrThrow(lock: string, lab: number): void {
  try {
    const handle = openSync(lock, "wx", 0o600);
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // the file system's word
  }
  const pid = Number(readFileSync(lock, "utf8"));
  if (isAlive(pid)) throw new LabTaken(lab, pid);
  rmSync(lock, { force: true });
  lockOrThrow(lock, lab);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, and is another user's
  }
}

/** The record of a lab that runs. */
export function readLab(lab: number): LabRecord | null {
  const path = join(labsRoot(), `lab-${lab}`, "lab.json");
  if (!existsSync(path)) return null;
  const record = JSON.parse(readFileSync(path, "utf8")) as LabRecord; // written by `write` above
  return isAlive(record.pid) ? record : null;
}

export function newToken(): string {
  return randomBytes(16).toString("hex");
}
