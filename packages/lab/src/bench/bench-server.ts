/**
 * One SIP Server node in a process of its own, with a configuration made here: what the benches
 * measure. Arguments: host, port, DNs, secret, callers' host, public keys of tokens. Says `ready`
 * to its parent, and its vitals when it is asked.
 */
import { createHash } from "node:crypto";
import type { PublicKey } from "@tandem/cti";
import { openArbiter, startSipServer, type Compiled } from "@tandem/sip-server";
import type { BenchPair } from "./node-under-load.ts";
import { nextVersion } from "./next-version.ts";
import { benchDns } from "./bench-dns.ts";

const [host = "", port = "", dns = "0", secret = "", callers = "", keys = "[]", paired = "null"] =
  process.argv.slice(2);
const pair = JSON.parse(paired) as BenchPair | null; // its parent's
const realm = "bench";

function hex(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}

const numbers = benchDns(Number(dns));
const compiled: Compiled = {
  config: {
    site: "site-1",
    host,
    port: Number(port),
    realm,
    host6: null,
    ports: {},
    domains: [],
    options: {
      t1Ms: 500,
      t2Ms: 4_000,
      t4Ms: 5_000,
      registerExpiresMinSeconds: 10,
      registerExpiresMaxSeconds: 3_600,
      registerExpiresDefaultSeconds: 60,
      bindingsPerDnMax: 5,
      noAnswerTimeoutMs: 30_000,
      outOfServiceCheckMs: 0,
      outOfServiceAfterFailures: 2,
      eventKeepMs: 30_000,
      eventsMax: 100_000,
      resumeWindowMs: 60_000,
      flowExpiresSeconds: 30,
      sessionGraceMs: 10_000,
      afterCallWorkMs: 0,
      doNotDisturbStatus: 480,
      sessionExpiresSeconds: 1_800,
      sessionExpiresMinSeconds: 90,
      callsMax: 100_000,
      sessionsMax: 10_000,
    },
    peer: null,
    dns: numbers.map((number) => ({
      number,
      peerDn: null,
      noAnswerTimeoutMs: null,
      forward: null,
    })),
    trunks: [{ name: "bench", host: callers, port: 5070, transport: "UDP", sources: [callers] }],
    dialPlan: [],
    agentLogins: numbers.map((code) => ({ code, userName: `agent-${code}` })),
  },
  secrets: new Map(
    numbers.map((user) => [
      user,
      {
        md5: hex("md5", `${user}:${realm}:${secret}`),
        sha256: hex("sha256", `${user}:${realm}:${secret}`),
      },
    ]),
  ),
  publicKeys: JSON.parse(keys) as PublicKey[], // its parent's
  tlib: { host: pair?.settings.listen.host ?? host, port: Number(port) + 1_940 },
  httpPort: 0,
};

const server = await startSipServer({
  name: pair?.name ?? "bench",
  ...(pair === null
    ? {}
    : { pair: { settings: pair.settings, arbiter: openArbiter(pair.settings) } }),
  ...(pair?.isNextVersion === true ? { version: nextVersion } : {}),
  first: compiled,
  algorithms: ["MD5"],
  sourcePerSecond: 0,
});
process.send?.("ready");
process.on("message", (wish) => {
  if (wish === "handOver") return server.handOver();
  if (pair === null) globalThis.gc?.();
  const { calls, dialogs, transactions, timers } = server.state;
  process.send?.({
    heapBytes: process.memoryUsage().heapUsed,
    calls: calls.size,
    dialogs: dialogs.size,
    transactions: transactions.size,
    timers: timers.armed.size,
    linkBytes: server.linkBytesSent(),
    role: server.role(),
    epoch: server.epoch(),
    isLinked: server.isLinked(),
    isReady: server.isReady(),
  });
});
process.on("disconnect", () => process.exit(0));
