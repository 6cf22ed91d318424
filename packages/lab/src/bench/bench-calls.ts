import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchDns } from "./bench-dns.ts";
import { cpuSeconds } from "./cpu.ts";
import { hasKamailio, proxyConfiguration, startKamailio, type Peer } from "./kamailio.ts";
import { startNode } from "./node-under-load.ts";
import { calleeScenario, callerScenario } from "./scenarios.ts";
import { registerCallee } from "./register-callee.ts";
import { runSipp, startCallee } from "./sipp.ts";

/**
 * `tandem bench calls`: B2BUA call set-ups over UDP, without agents and without a standby, beside
 * Kamailio's transaction-stateful proxy at the same rate in the same run. Both have one core to
 * themselves, the load has the other.
 */
export interface CallsBench {
  readonly name: "calls";
  /** The highest rate sustained with less than 0.1 % failed or retransmitted. */
  readonly perSecond: number;
  readonly cpuSecondsPer10k: number;
  readonly failedPercent: number;
  readonly ratio?: { readonly of: string; readonly value: number };
  readonly rates: readonly RateFigures[];
  readonly passed: boolean;
}

export interface RateFigures {
  readonly rate: number;
  readonly tandem: number;
  readonly kamailio: number | null;
}

const server = { host: "127.190.1.10", port: 5060 };
const callee = { host: "127.190.2.1", port: 5080 };
const caller = { host: "127.190.2.2", port: 5070 };
const secret = "bench";
const secondsPerRate = 8;
const warmUp = { rate: 500, calls: 6_000 } as const;
const comparedRates = [300, 1_000] as const;
const climb = [1_200, 1_400, 1_600, 1_800, 2_000] as const;
const badPercentMax = 0.1;
/** A call through a B2BUA may cost so much more than through a proxy that keeps transactions. */
export const ratioMax = 1.5;

export async function benchCalls(say: (line: string) => void): Promise<CallsBench> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  const [dn = ""] = benchDns(1);
  const node = await startNode({ ...server, dns: 1, secret, callers: caller.host });
  await registerCallee({ folder, dn, secret, callee, server });
  const answering = startCallee(folder, calleeScenario, callee);
  try {
    const ours = await measure(folder, node, dn, [...comparedRates, ...climb], say, "tandem");
    await node.stop();
    const peers = hasKamailio() ? await measureKamailio(folder, say) : [];
    return figures(ours, peers);
  } finally {
    await answering.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly rate: number;
  readonly cpuPer10k: number;
  readonly badPercent: number;
  readonly gotPerSecond: number;
}

async function measure(
  folder: string,
  peer: Peer,
  service: string,
  rates: readonly number[],
  say: (line: string) => void,
  name: string,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  const run = { folder, scenario: callerScenario, local: caller, remote: server, service };
  // Either peer is measured as it runs, not as it starts: caches, memory and compiled code.
  await runSipp({ ...run, name: `warm-${name}`, ...warmUp });
  for (const rate of rates) {
    const calls = rate * secondsPerRate;
    const before = cpuSeconds(peer.pid);
    const counts = await runSipp({ ...run, name: `calls-${name}-${rate}`, rate, calls });
    const cpu = cpuSeconds(peer.pid) - before;
    const badPercent = (100 * (counts.failed + counts.retransmissions)) / calls;
    const cpuPer10k = (cpu / Math.max(1, counts.succeeded)) * 10_000;
    measured.push({ rate, cpuPer10k, badPercent, gotPerSecond: counts.succeeded / counts.seconds });
    say(
      `${name}: ${rate} calls/s: ${cpuPer10k.toFixed(2)} CPU s a 10k, ${badPercent.toFixed(2)} % bad`,
    );
    if (badPercent > badPercentMax && rate > (comparedRates.at(-1) ?? 0)) break;
  }
  return measured;
}

async function measureKamailio(folder: string, say: (line: string) => void): Promise<Measured[]> {
  const kamailio = await startKamailio(folder, proxyConfiguration(server, callee));
  try {
    return await measure(folder, kamailio, "service", comparedRates, say, "kamailio");
  } finally {
    await kamailio.stop();
  }
}

function figures(ours: readonly Measured[], peers: readonly Measured[]): CallsBench {
  const sustained = ours.filter(({ badPercent }) => badPercent <= badPercentMax).at(-1);
  const rates = comparedRates.map(
    (rate): RateFigures => ({
      rate,
      tandem: ours.find((each) => each.rate === rate)?.cpuPer10k ?? Number.NaN,
      kamailio: peers.find((each) => each.rate === rate)?.cpuPer10k ?? null,
    }),
  );
  const ratios = rates.flatMap(({ tandem, kamailio }) =>
    kamailio === null ? [] : [tandem / kamailio],
  );
  const worst = ratios.length === 0 ? null : Math.max(...ratios);
  return {
    name: "calls",
    perSecond: sustained?.rate ?? 0,
    cpuSecondsPer10k: round(rates[0]?.tandem ?? Number.NaN),
    failedPercent: round(sustained?.badPercent ?? 100),
    ...(worst === null ? {} : { ratio: { of: "kamailio", value: round(worst) } }),
    rates: rates.map(({ rate, tandem, kamailio }) => ({
      rate,
      tandem: round(tandem),
      kamailio: kamailio === null ? null : round(kamailio),
    })),
    passed: sustained !== undefined && (worst === null || worst <= ratioMax),
  };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
