/** The thread of a probe call: its phone, and an OPTIONS each five milliseconds. */
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { createPhone, type Phone } from "@tandem/softphone";
import { sharedNow, type ProbeOrder, type ProbeReport, type ProbeWish } from "./probe-call.ts";

const everyMs = 5;
const watchMs = 2_000;
const withinMs = 10_000;
const line = 90;

try {
  // Whoever measures is not to wait for the load of the drill; it may need root.
  setPriority(constants.priority.PRIORITY_HIGHEST);
} catch {
  // Then what it waits is measured too.
}
const { site, dn } = workerData as ProbeOrder; // `openProbeCall`'s
/** Probes of this fault that have no answer yet, by their CSeq. */
const asked = new Set<string>();
let faultAtMs = 0;
let answeredAtMs = 0;
let silenceMs = 0;
let isWatching = false;

const caller: Phone = await createPhone({
  host: site.gateway.host,
  port: site.gateway.port + 2 * line,
  callerUser: "5550999",
  targets: [{ transport: "UDP", host: site.host, port: site.ports.sip }],
  toneHertz: 0,
  // A probe that got no answer is not repeated while it could be taken for another.
  timing: { t1Ms: 4_000, t2Ms: 4_000, t4Ms: 5_000 },
  onTrace(direction, _address, text) {
    const cseq = /^CSeq: (\d+) OPTIONS\r$/im.exec(text)?.[1];
    if (cseq === undefined) return;
    if (direction === "out") {
      if (isWatching) asked.add(cseq);
    } else if (text.startsWith("SIP/2.0 200 ") && asked.delete(cseq)) answered();
  },
});
const established = caller.waitFor("established", withinMs);
const call = caller.call(dn);
await established;
const timer = setInterval(probe, everyMs);
parentPort?.on("message", (wish: ProbeWish) => {
  if (wish === "close") return void close();
  ({ faultAtMs } = wish);
  answeredAtMs = faultAtMs;
  silenceMs = 0;
  asked.clear();
  isWatching = true;
  probe();
});
report("stands");

/** Only after a fault: the probe is no load of its own. */
function probe(): void {
  if (isWatching) caller.probe(call);
}

/** The watch ends with an answer: a silence that goes on is not over. */
function answered(): void {
  const nowMs = sharedNow();
  silenceMs = Math.max(silenceMs, nowMs - answeredAtMs);
  answeredAtMs = nowMs;
  if (nowMs - faultAtMs < watchMs) return;
  isWatching = false;
  report({ faultAtMs, silenceMs });
}

function report(what: ProbeReport): void {
  parentPort?.postMessage(what);
}

async function close(): Promise<void> {
  clearInterval(timer);
  caller.hangup(call);
  await caller.close();
  parentPort?.close();
}
