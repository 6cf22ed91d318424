import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PublicKey } from "@tandem/cti";
import type { Peer } from "./kamailio.ts";
import type { PairSettings } from "@tandem/sip-server";
import { loadCore, measuredCore } from "./sipp.ts";

/** Our own server as the thing measured, on the same core as its peer. */
export interface NodePlan {
  readonly host: string;
  readonly port: number;
  readonly dns: number;
  readonly secret: string;
  /** Whence calls come: a trunk, so that they need no digest. */
  readonly callers: string;
  /** Whose tokens open sessions; none means that there are no desktops. */
  readonly publicKey?: PublicKey;
  /** The other node, and who decides. */
  readonly pair?: BenchPair;
  /** On the core of the load instead of that of what is measured. */
  readonly isAside?: boolean;
}

export interface BenchPair {
  readonly name: string;
  readonly settings: PairSettings;
  /** Its machine is of the version after this one (`next-version.ts`). */
  readonly isNextVersion?: boolean;
}

/** What the server says of itself, after collecting its garbage. */
export interface Vitals {
  readonly heapBytes: number;
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
  readonly timers: number;
  readonly linkBytes: number;
  readonly role: string;
  readonly epoch: number;
  readonly isLinked: boolean;
  readonly isReady: boolean;
}

export interface MeasuredNode extends Peer {
  readonly vitals: () => Promise<Vitals>;
  readonly handOver: () => void;
}

const program = fileURLToPath(new URL("./bench-server.ts", import.meta.url));
const readyWithinMs = 20_000;

export async function startNode(plan: NodePlan): Promise<MeasuredNode> {
  const { host, port, dns, secret, callers } = plan;
  const child = spawn(
    "taskset",
    [
      ...["-c", plan.isAside === true ? loadCore : measuredCore, process.execPath, "--expose-gc"],
      ...["--conditions=@tandem/source", program],
      ...[host, String(port), String(dns), secret, callers],
      JSON.stringify(plan.publicKey === undefined ? [] : [plan.publicKey]),
      JSON.stringify(plan.pair ?? null),
    ],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the server is not ready")), readyWithinMs);
    child.once("message", () => {
      clearTimeout(late);
      resolve();
    });
    child.once("exit", (code) => reject(new Error(`the server ended (exit code ${code ?? "?"})`)));
  });
  return {
    pid: child.pid ?? 0,
    vitals: () =>
      new Promise((resolve) => {
        child.once("message", (message) => resolve(message as Vitals)); // the bench server's answer
        child.send("vitals");
      }),
    handOver: () => void child.send("handOver"),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.removeAllListeners("exit");
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}
