import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchDns } from "./bench-dns.ts";
import { cpuSeconds } from "./cpu.ts";
import { hasKamailio, proxyConfiguration, startKamailio, type Peer } from "./kamailio.ts";
import { startNode } from "./node-under-load.ts";
import { calleeScenario, callerScenario } from "./scenarios.ts";
import { registerCallee } from "./register-callee.ts";
import { runSipp, startCallee, type SippCounts } from "./sipp.ts";

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
const kamailioServer = { host: "127.190.1.11", port: 5060 };
const callee = { host: "127.190.2.1", port: 5080 };
const caller = { host: "127.190.2.2", port: 5070 };
const secret = "bench";
const secondsPerRate = 8;
/** Either peer has its turn in each, for a machine is not equally fast all the time. */
const rounds = 2;
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
    const configuration = proxyConfiguration(kamailioServer, callee);
    const kamailio = hasKamailio() ? await startKamailio(folder, configuration) : null;
    const tandem: Contestant = { name: "tandem", peer: node, remote: server, service: dn };
    const other: Contestant | null =
      kamailio === null
        ? null
        : { name: "kamailio", peer: kamailio, remote: kamailioServer, service: "service" };
    try {
      return await compete(folder, tandem, other, say);
    } finally {
      await kamailio?.stop();
      await node.stop();
    }
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

interface Contestant {
  readonly name: string;
  readonly peer: Peer;
  readonly remote: { readonly host: string; readonly port: number };
  readonly service: string;
}

async function compete(
  folder: string,
  tandem: Contestant,
  kamailio: Contestant | null,
  say: (line: string) => void,
): Promise<CallsBench> {
  const both = [tandem, ...(kamailio === null ? [] : [kamailio])];
  // Either peer is measured as it runs, not as it starts: caches, memory and compiled code.
  for (const each of both) await run(folder, each, warmUp.rate, warmUp.calls);
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (const rate of comparedRates) {
    const turns: { readonly of: Contestant; readonly measured: Measured }[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const of of both) turns.push({ of, measured: await measure(folder, of, rate, say) });
    }
    const meanOf = (name: string): Measured =>
      mean(turns.filter(({ of }) => of.name === name).map(({ measured }) => measured));
    ours.push(meanOf(tandem.name));
    if (kamailio !== null) theirs.push(meanOf(kamailio.name));
  }
  for (const rate of climb) {
    const measured = await measure(folder, tandem, rate, say);
    ours.push(measured);
    if (measured.badPercent > badPercentMax) break;
  }
  return figures(ours, theirs);
}

function run(
  folder: string,
  { name, remote, service }: Contestant,
  rate: number,
  calls: number,
): Promise<SippCounts> {
  const scenario = callerScenario;
  const each = { folder, scenario, local: caller, remote, service };
  return runSipp({ ...each, name: `calls-${name}-${rate}`, rate, calls });
}

async function measure(
  folder: string,
  of: Contestant,
  rate: number,
  say: (line: string) => void,
): Promise<Measured> {
  const calls = rate * secondsPerRate;
  const before = cpuSeconds(of.peer.pid);
  const counts = await run(folder, of, rate, calls);
  const cpu = cpuSeconds(of.peer.pid) - before;
  const badPercent = (100 * (counts.failed + counts.retransmissions)) / calls;
  const cpuPer10k = (cpu / Math.max(1, counts.succeeded)) * 10_000;
  const cost = `${cpuPer10k.toFixed(2)} CPU s a 10k`;
  say(`${of.name}: ${rate} calls/s: ${cost}, ${badPercent.toFixed(2)} % bad`);
  return { rate, cpuPer10k, badPercent, gotPerSecond: counts.succeeded / counts.seconds };
}

/** Of rounds of the same size. */
function mean(turns: readonly Measured[]): Measured {
  const of = (value: (each: Measured) => number): number =>
    turns.reduce((sum, each) => sum + value(each), 0) / turns.length;
  return {
    rate: turns[0]?.rate ?? 0,
    cpuPer10k: of((each) => each.cpuPer10k),
    badPercent: of((each) => each.badPercent),
    gotPerSecond: of((each) => each.gotPerSecond),
  };
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
