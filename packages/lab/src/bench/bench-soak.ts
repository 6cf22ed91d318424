import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchDns } from "./bench-dns.ts";
import { startNode, type MeasuredNode, type Vitals } from "./node-under-load.ts";
import { calleeScenario, callerScenario } from "./scenarios.ts";
import { registerCallee } from "./register-callee.ts";
import { runSipp, startCallee } from "./sipp.ts";

/**
 * `tandem bench soak`: calls at a third of the highest rate for a while. After the first quarter
 * the heap, with its garbage collected, must stay where it is, and when the calls are over nothing
 * of them may be left. Calls that failed are told; how many may is the question of `bench calls`.
 */
export interface SoakBench {
  readonly name: "soak";
  readonly minutes: number;
  readonly perSecond: number;
  readonly calls: number;
  readonly failedPercent: number;
  /** Largest and smallest heap after the first quarter, against their mean, in percent. */
  readonly heapSpreadPercent: number;
  readonly left: Vitals;
  readonly passed: boolean;
}

const server = { host: "127.190.1.10", port: 5060 };
const callee = { host: "127.190.2.1", port: 5080 };
const caller = { host: "127.190.2.2", port: 5070 };
const secret = "bench";
const perSecond = 600;
const sampleMs = 60_000;
const spreadMaxPercent = 5;
/** Longer than any transaction lives (RFC 3261, 64·T1). */
const settleMs = 40_000;

export async function benchSoak(minutes: number, say: (line: string) => void): Promise<SoakBench> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-soak-"));
  const [dn = ""] = benchDns(1);
  const node = await startNode({ ...server, dns: 1, secret, callers: caller.host });
  try {
    await registerCallee({ folder, dn, secret, callee, server });
    const answering = startCallee(folder, calleeScenario, callee);
    try {
      return await soak(folder, node, dn, minutes, say);
    } finally {
      await answering.stop();
    }
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function soak(
  folder: string,
  node: MeasuredNode,
  dn: string,
  minutes: number,
  say: (line: string) => void,
): Promise<SoakBench> {
  const heaps: number[] = [];
  // Samples are taken while calls go on: then as many transactions stand as at any other moment.
  const sample = setInterval(() => {
    void node.vitals().then(({ heapBytes, calls }) => {
      heaps.push(heapBytes);
      say(`minute ${heaps.length}: heap ${mebibytes(heapBytes)} MiB, ${calls} calls stand`);
    });
  }, sampleMs);
  const counts = await runSipp({
    folder,
    name: "calls",
    scenario: callerScenario,
    local: caller,
    remote: server,
    rate: perSecond,
    calls: perSecond * 60 * minutes,
    service: dn,
  }).finally(() => clearInterval(sample));
  const calls = counts.succeeded + counts.failed;
  const bad = counts.failed + counts.retransmissions;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const left = await node.vitals();
  const heapSpreadPercent = spread(heaps.slice(Math.floor(minutes / 4)));
  const failedPercent = Math.round((10_000 * bad) / Math.max(1, calls)) / 100;
  const isClean = left.calls === 0 && left.dialogs === 0 && left.transactions === 0;
  return {
    name: "soak",
    minutes,
    perSecond,
    calls,
    failedPercent,
    heapSpreadPercent,
    left,
    passed: isClean && heapSpreadPercent <= spreadMaxPercent,
  };
}

function spread(heaps: readonly number[]): number {
  const mean = heaps.reduce((sum, each) => sum + each, 0) / Math.max(1, heaps.length);
  const farthest = Math.max(...heaps.map((each) => Math.abs(each - mean)));
  return Math.round((10_000 * farthest) / mean) / 100;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
