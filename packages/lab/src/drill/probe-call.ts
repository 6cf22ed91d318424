/**
 * A call whose only purpose is to be asked for: for two seconds after a fault an OPTIONS within it
 * each five milliseconds, which the machine answers. How long a switchover takes is the longest
 * time without an answer. The phone that asks lives in a thread of its own, so that the load of the
 * drill is not measured with it.
 */
import { Worker } from "node:worker_threads";
import type { SiteTopology } from "../topology.ts";

export interface ProbeCall {
  /** Begins a measure: now is the fault. */
  readonly faultNow: () => void;
  /** The longest time without an answer; null while it is still watched for. */
  readonly switchoverMs: () => number | null;
  readonly close: () => Promise<void>;
}

export interface ProbeOrder {
  readonly site: SiteTopology;
  /** Whose phone is the other end. */
  readonly dn: string;
}

/** To the thread: a fault, by the clock that all threads share, or the end. */
export type ProbeWish = { readonly faultAtMs: number } | "close";

/** From the thread: the call stands, or the longest silence after a fault. */
export type ProbeReport = "stands" | { readonly faultAtMs: number; readonly silenceMs: number };

export async function openProbeCall(order: ProbeOrder): Promise<ProbeCall> {
  const worker = new Worker(new URL("./probe-worker.ts", import.meta.url), { workerData: order });
  let faultAtMs = Number.POSITIVE_INFINITY;
  let silenceMs: number | null = null;
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.on("message", (report: ProbeReport) => {
      if (report === "stands") resolve();
      else if (report.faultAtMs === faultAtMs) silenceMs = report.silenceMs;
    });
  });
  const wish = (wanted: ProbeWish): void => worker.postMessage(wanted);
  return {
    faultNow() {
      faultAtMs = sharedNow();
      silenceMs = null;
      wish({ faultAtMs });
    },
    switchoverMs: () => silenceMs,
    async close() {
      wish("close");
      await ended;
    },
  };
}

/** Monotonic, and the same in every thread of this process. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
