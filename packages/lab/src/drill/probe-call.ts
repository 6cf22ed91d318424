/**
 * A call whose only purpose is to be asked for: an OPTIONS within it each ten milliseconds. How
 * long a switchover takes is how long after the fault the first answer comes to one that was sent
 * after it.
 */
import { createPhone, type Phone } from "@tandem/softphone";
import type { SiteTopology } from "../topology.ts";

export interface ProbeCall {
  /** Begins a measure: now is the fault. */
  readonly faultNow: () => void;
  /** Since the fault; null while no answer has come. */
  readonly switchoverMs: () => number | null;
  readonly close: () => Promise<void>;
}

const everyMs = 10;
const answeredWithinMs = 10_000;
const line = 90;

export async function openProbeCall(site: SiteTopology, dn: string): Promise<ProbeCall> {
  /** When each probe was sent first, by its CSeq. */
  const sent = new Map<string, number>();
  let faultAt = Number.POSITIVE_INFINITY;
  let answeredAfterMs: number | null = null;
  const phone: Phone = await createPhone({
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
        if (!sent.has(cseq)) sent.set(cseq, performance.now());
        return;
      }
      const sentAt = sent.get(cseq);
      if (answeredAfterMs !== null || sentAt === undefined || sentAt < faultAt) return;
      answeredAfterMs = performance.now() - faultAt;
    },
  });
  const established = phone.waitFor("established", answeredWithinMs);
  const call = phone.call(dn);
  await established;
  const timer = setInterval(() => phone.probe(call), everyMs);
  return {
    faultNow() {
      faultAt = performance.now();
      answeredAfterMs = null;
    },
    switchoverMs: () => answeredAfterMs,
    async close() {
      clearInterval(timer);
      phone.hangup(call);
      await phone.close();
    },
  };
}
