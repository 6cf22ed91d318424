import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { round } from "./bench-calls.ts";
import { benchDns } from "./bench-dns.ts";
import { cpuSeconds } from "./cpu.ts";
import { hasKamailio, registrarConfiguration, startKamailio, type Peer } from "./kamailio.ts";
import { startNode } from "./node-under-load.ts";
import { registerScenario, usersFile } from "./scenarios.ts";
import { runSipp, type SippCounts } from "./sipp.ts";

/**
 * `tandem bench register`: REGISTER, 401, REGISTER with digest, 200, over UDP; a DN a registration.
 * Registrations per CPU second, beside Kamailio's at the same rate in the same run.
 */
export interface RegisterBench {
  readonly name: "register";
  /** Registrations a second at the compared rate. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly ratio?: { readonly of: string; readonly value: number };
  readonly badPercent: number;
  readonly passed: boolean;
}

const server = { host: "127.191.1.10", port: 5060 };
const kamailioServer = { host: "127.191.1.11", port: 5060 };
const phones = { host: "127.191.2.1", port: 5070 };
const secret = "bench";
const dns = 10_000;
const rate = 1_500;
/** Of a round; either peer has its turn in each, for a machine is not equally fast all the time. */
const calls = 6_000;
const rounds = 6;
/** V8 goes on compiling for the first 25,000 or so: a third of the CPU time, which then ends. */
const warmUpCalls = 30_000;
const badPercentMax = 0.1;
/** Of Kamailio's registrations per CPU second. */
const ratioMin = 0.4;

export async function benchRegister(say: (line: string) => void): Promise<RegisterBench> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  try {
    const users = join(folder, "users.csv");
    writeFileSync(users, usersFile(benchDns(dns), secret));
    const node = await startNode({ ...server, dns, secret, callers: "127.191.2.9" });
    const configuration = registrarConfiguration(kamailioServer, secret);
    const peer = hasKamailio() ? await startKamailio(folder, configuration) : null;
    const ours = contestant("tandem", node, server);
    const theirs = peer === null ? null : contestant("kamailio", peer, kamailioServer);
    try {
      for (const each of [ours, theirs]) if (each !== null) await run(each, folder, users, "warm");
      for (let round = 1; round <= rounds; round += 1) {
        for (const each of [ours, theirs]) {
          if (each !== null) await measure(each, folder, users, String(round), say);
        }
      }
    } finally {
      await peer?.stop();
      await node.stop();
    }
    const value = theirs === null ? null : perCpuSecond(ours) / perCpuSecond(theirs);
    const badPercent = (100 * ours.bad) / (calls * rounds);
    return {
      name: "register",
      perSecond: round(ours.succeeded / ours.seconds),
      perCpuSecond: round(perCpuSecond(ours)),
      ...(value === null ? {} : { ratio: { of: "kamailio", value: round(value) } }),
      badPercent: round(badPercent),
      passed: badPercent <= badPercentMax && (value === null || value >= ratioMin),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Who is measured, and what came of it so far. */
interface Contestant {
  readonly name: string;
  readonly peer: Peer;
  readonly remote: { readonly host: string; readonly port: number };
  succeeded: number;
  bad: number;
  seconds: number;
  cpuSeconds: number;
}

function contestant(name: string, peer: Peer, remote: Contestant["remote"]): Contestant {
  return { name, peer, remote, succeeded: 0, bad: 0, seconds: 0, cpuSeconds: 0 };
}

function perCpuSecond(of: Contestant): number {
  return of.succeeded / of.cpuSeconds;
}

/** Either peer is measured as it runs, not as it starts: caches, memory and compiled code. */
function run(of: Contestant, folder: string, users: string, turn: string): Promise<SippCounts> {
  return runSipp({
    folder,
    name: `${turn}-${of.name}`,
    scenario: registerScenario,
    local: phones,
    remote: of.remote,
    usersFile: users,
    rate,
    calls: turn === "warm" ? warmUpCalls : calls,
  });
}

async function measure(
  of: Contestant,
  folder: string,
  users: string,
  turn: string,
  say: (line: string) => void,
): Promise<void> {
  const before = cpuSeconds(of.peer.pid);
  const counts = await run(of, folder, users, turn);
  const cpu = cpuSeconds(of.peer.pid) - before;
  of.succeeded += counts.succeeded;
  of.bad += counts.failed + counts.retransmissions;
  of.seconds += counts.seconds;
  of.cpuSeconds += cpu;
  say(`${of.name}, round ${turn}: ${Math.round(counts.succeeded / cpu)} a CPU second`);
}
