/** What the eyes on the hosts of a scene (host-eye.ts) have seen, in the order of time. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Sight {
  /** On the clock that all processes of the machine share. */
  readonly atMs: number;
  /** Datagrams that have left the host so far. */
  readonly sent: number;
  /** As in `/readyz`; `silent` while it does not answer. */
  readonly role: string;
  readonly epoch: number;
  /** Of the site: `held`, `dropped` … */
  readonly address: string;
  readonly isReady: boolean;
  /** Of the node's process. */
  readonly pid: number;
}

export interface HostSights {
  readonly of: (host: string) => readonly Sight[];
  readonly now: (host: string) => Sight;
  readonly close: () => void;
}

export interface EyeChoice {
  readonly name: string;
  readonly on: readonly string[];
  readonly http: string;
}

const eye = fileURLToPath(new URL("host-eye.ts", import.meta.url));
const unseen: Sight = {
  atMs: 0,
  sent: 0,
  role: "silent",
  epoch: 0,
  address: "",
  isReady: false,
  pid: 0,
};

export function openSights(hosts: readonly EyeChoice[]): HostSights {
  const seen = new Map<string, Sight[]>();
  const children = hosts.map(({ name, on, http }) => {
    const own: Sight[] = [];
    seen.set(name, own);
    const node = [process.execPath, "--conditions=@tandem/source", eye, `${http}/readyz`];
    const [program = process.execPath, ...args]: readonly string[] = [...on, ...node];
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    let rest = "";
    child.stdout.on("data", (bytes: Buffer) => {
      const lines = (rest + bytes.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) own.push(JSON.parse(line) as Sight); // its own lines
    });
    return child;
  });
  return {
    of: (host) => seen.get(host) ?? [],
    now: (host) => seen.get(host)?.at(-1) ?? unseen,
    close() {
      for (const child of children) child.kill("SIGKILL");
    },
  };
}

/** Datagrams that left a host from a moment on. */
export function sentSince(sights: readonly Sight[], atMs: number): number {
  const before = sights.findLast((sight) => sight.atMs <= atMs)?.sent ?? 0;
  return (sights.at(-1)?.sent ?? 0) - before;
}

/** When the first datagram left after a moment. */
export function firstSentAfter(sights: readonly Sight[], atMs: number): number | null {
  let sent = sights.findLast((sight) => sight.atMs <= atMs)?.sent ?? 0;
  for (const sight of sights) {
    if (sight.atMs <= atMs) continue;
    if (sight.sent > sent) return sight.atMs;
    ({ sent } = sight);
  }
  return null;
}

export function nowMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

/** The roles that a node had from a moment on, one after the other. */
export function rolesSince(sights: readonly Sight[], atMs: number): readonly string[] {
  const first = Math.max(
    0,
    sights.findLastIndex((sight) => sight.atMs <= atMs),
  );
  const roles = sights.slice(first).map(({ role }) => role);
  return roles.filter((role, index) => index === 0 || role !== roles[index - 1]);
}
