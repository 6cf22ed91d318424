import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { round } from "./bench-calls.ts";
import { benchDns } from "./bench-dns.ts";
import { cpuSeconds } from "./cpu.ts";
import { hasKamailio, registrarConfiguration, startKamailio, type Peer } from "./kamailio.ts";
import { startNode } from "./node-under-load.ts";
import { registerScenario, usersFile } from "./scenarios.ts";
import { runSipp } from "./sipp.ts";

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
const phones = { host: "127.191.2.1", port: 5070 };
const secret = "bench";
const dns = 10_000;
const rate = 1_500;
const calls = 12_000;
const warmUpCalls = 4_500;
const badPercentMax = 0.1;
/** Of Kamailio's registrations per CPU second. */
const ratioMin = 0.4;

export async function benchRegister(say: (line: string) => void): Promise<RegisterBench> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  try {
    const users = join(folder, "users.csv");
    writeFileSync(users, usersFile(benchDns(dns), secret));
    const node = await startNode({ ...server, dns, secret, callers: "127.191.2.9" });
    const ours = await measure(folder, node, users, "tandem", say);
    await node.stop();
    const peer = hasKamailio() ? await measureKamailio(folder, users, say) : null;
    const value = peer === null ? null : ours.perCpuSecond / peer.perCpuSecond;
    return {
      name: "register",
      perSecond: round(ours.perSecond),
      perCpuSecond: round(ours.perCpuSecond),
      ...(value === null ? {} : { ratio: { of: "kamailio", value: round(value) } }),
      badPercent: round(ours.badPercent),
      passed: ours.badPercent <= badPercentMax && (value === null || value >= ratioMin),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly badPercent: number;
}

async function measure(
  folder: string,
  peer: Peer,
  users: string,
  name: string,
  say: (line: string) => void,
): Promise<Measured> {
  const run = {
    folder,
    scenario: registerScenario,
    local: phones,
    remote: server,
    usersFile: users,
  };
  // Either peer is measured as it runs, not as it starts: caches, memory and compiled code.
  await runSipp({ ...run, name: `warm-${name}`, rate, calls: warmUpCalls });
  const before = cpuSeconds(peer.pid);
  const counts = await runSipp({ ...run, name: `register-${name}`, rate, calls });
  const cpu = cpuSeconds(peer.pid) - before;
  const badPercent = (100 * (counts.failed + counts.retransmissions)) / calls;
  const perCpuSecond = counts.succeeded / cpu;
  say(`${name}: ${Math.round(perCpuSecond)} a CPU second, ${badPercent.toFixed(2)} % bad`);
  return { perSecond: counts.succeeded / counts.seconds, perCpuSecond, badPercent };
}

async function measureKamailio(
  folder: string,
  users: string,
  say: (line: string) => void,
): Promise<Measured> {
  const kamailio = await startKamailio(folder, registrarConfiguration(server, secret));
  try {
    return await measure(folder, kamailio, users, "kamailio", say);
  } finally {
    await kamailio.stop();
  }
}
