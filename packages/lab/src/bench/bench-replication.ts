import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildRequest, headerOf, parseMessage } from "@tandem/sip";
import { serveArbiter } from "@tandem/replica";
import { percentile } from "../drill/measures.ts";
import { round } from "./bench-calls.ts";
import { benchDns } from "./bench-dns.ts";
import { cpuSeconds } from "./cpu.ts";
import { startNode, type BenchPair, type MeasuredNode } from "./node-under-load.ts";
import { registerCallee } from "./register-callee.ts";
import { calleeScenario, callerScenario } from "./scenarios.ts";
import { runSipp, startCallee } from "./sipp.ts";

/**
 * `tandem bench replication`: the same calls through a node alone and through the primary of a
 * pair, in turns. What a call costs more is what the throughput of a core goes down by; what an
 * answer takes longer is measured with a call to nobody, whose 404 comes from the machine.
 */
export interface ReplicationBench {
  readonly name: "replication";
  /** CPU seconds a call alone, by those of the primary with a standby: 1 would cost nothing. */
  readonly throughputRatio: number;
  readonly addedP50Ms: number;
  readonly bytesPerCall: number;
  readonly cpuSecondsPer10k: {
    readonly alone: number;
    readonly primary: number;
    readonly standby: number;
  };
  /** The standby was one all the while; else nothing was measured. */
  readonly stayedWhole: boolean;
  readonly passed: boolean;
}

const alone = { host: "127.192.1.10", port: 5060 };
const site = { host: "127.192.1.20", port: 5060 };
const nodeHosts = ["127.192.1.21", "127.192.1.22"] as const;
const linkPort = 7090;
const arbiter = { host: "127.192.3.9", port: 7091 };
const callee = { host: "127.192.2.1", port: 5080 };
const caller = { host: "127.192.2.2", port: 5070 };
const secret = "bench";
const pairSecret = "bench-of-a-pair-of-nodes";
const rate = 300;
const seconds = 8;
const rounds = 3;
const ratioMin = 0.7;
const addedMaxMs = 1;
const wholeWithinMs = 20_000;
const questions = 400;

export async function benchReplication(say: (line: string) => void): Promise<ReplicationBench> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  const judge = await serveArbiter({ ...arbiter, secret: pairSecret });
  const [dn = ""] = benchDns(1);
  const common = { dns: 1, secret, callers: caller.host };
  const single = await startNode({ ...common, ...alone });
  const first = await startNode({ ...common, ...site, pair: pairOf(0) });
  await until(async () => (await first.vitals()).role === "primary");
  // The standby has the load's core, as it has a host of its own in a deployment.
  const second = await startNode({ ...common, ...site, pair: pairOf(1), isAside: true });
  await until(async () => (await first.vitals()).isReady);
  say("the pair is whole");
  await registerCallee({ folder, dn, secret, callee, server: alone });
  await registerCallee({ folder, dn, secret, callee, server: site });
  const answering = startCallee(folder, calleeScenario, callee);
  try {
    return await compare(folder, dn, [single, first, second], say);
  } finally {
    await answering.stop();
    await Promise.all([single, first, second].map((node) => node.stop()));
    await judge.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function pairOf(index: 0 | 1): BenchPair {
  return {
    name: `bench-${index}`,
    settings: {
      name: "bench",
      secret: pairSecret,
      listen: { host: nodeHosts[index], port: linkPort },
      peer: { host: nodeHosts[index === 0 ? 1 : 0], port: linkPort },
      arbiter: { kind: "served", ...arbiter },
    },
  };
}

async function compare(
  folder: string,
  dn: string,
  [single, primary, standby]: readonly [MeasuredNode, MeasuredNode, MeasuredNode],
  say: (line: string) => void,
): Promise<ReplicationBench> {
  const run = async (remote: typeof alone, calls: number): Promise<number> => {
    const scenario = callerScenario;
    const name = `calls-${remote.host}`;
    const common = { folder, name, scenario, local: caller, remote, service: dn };
    return (await runSipp({ ...common, rate, calls })).succeeded;
  };
  for (const remote of [alone, site]) await run(remote, rate * 10);
  const sums = { alone: 0, primary: 0, standby: 0, ofAlone: 0, ofPair: 0 };
  const before = (await primary.vitals()).linkBytes;
  let isWhole = true;
  for (let turn = 1; turn <= rounds; turn += 1) {
    const singleBefore = cpuSeconds(single.pid);
    sums.ofAlone += await run(alone, rate * seconds);
    sums.alone += cpuSeconds(single.pid) - singleBefore;
    const [primaryBefore, standbyBefore] = [cpuSeconds(primary.pid), cpuSeconds(standby.pid)];
    sums.ofPair += await run(site, rate * seconds);
    sums.primary += cpuSeconds(primary.pid) - primaryBefore;
    sums.standby += cpuSeconds(standby.pid) - standbyBefore;
    if (!(await primary.vitals()).isReady) isWhole = false;
    say(`round ${turn}: alone ${sums.alone.toFixed(2)} s, primary ${sums.primary.toFixed(2)} s`);
  }
  const bytes = (await primary.vitals()).linkBytes - before;
  const per10k = (cpu: number, calls: number): number => round((10_000 * cpu) / Math.max(1, calls));
  const costs = {
    alone: per10k(sums.alone, sums.ofAlone),
    primary: per10k(sums.primary, sums.ofPair),
    standby: per10k(sums.standby, sums.ofPair),
  };
  const quick = await answerTimes(alone);
  const paired = await answerTimes(site);
  const addedP50Ms = round(percentile(paired, 50) - percentile(quick, 50));
  const throughputRatio = round(costs.alone / costs.primary);
  say(`an answer takes ${addedP50Ms} ms longer with a standby (median)`);
  return {
    name: "replication",
    throughputRatio,
    addedP50Ms,
    bytesPerCall: Math.round(bytes / Math.max(1, sums.ofPair)),
    cpuSecondsPer10k: costs,
    stayedWhole: isWhole,
    passed: isWhole && throughputRatio >= ratioMin && addedP50Ms <= addedMaxMs,
  };
}

/** Milliseconds from an INVITE to nobody to its 404, one after the other. */
async function answerTimes(server: typeof alone): Promise<readonly number[]> {
  const socket = createSocket("udp4");
  socket.bind(0, caller.host);
  await once(socket, "listening");
  const times: number[] = [];
  try {
    for (let index = 0; index < questions; index += 1) {
      times.push(await answerTime(socket, server, index));
    }
  } finally {
    socket.close();
  }
  return times;
}

async function answerTime(socket: Socket, server: typeof alone, index: number): Promise<number> {
  const { port } = socket.address();
  const key = `${server.host}-${port}-${index}`;
  const make = (method: string, to: string): string =>
    buildRequest({
      method,
      uri: `sip:0000@${server.host}`,
      headers: [
        ["Via", `SIP/2.0/UDP ${caller.host}:${port};branch=z9hG4bK${key}`],
        ["Max-Forwards", "70"],
        ["From", `<sip:bench@${caller.host}>;tag=t`],
        ["To", to],
        ["Call-ID", key],
        ["CSeq", `1 ${method}`],
        ["Contact", `<sip:bench@${caller.host}:${port}>`],
      ],
    });
  const startedAt = performance.now();
  const final = new Promise<string>((resolve) => {
    const hear = (bytes: Buffer): void => {
      const parsed = parseMessage(bytes.toString("latin1"));
      if (!parsed.ok || parsed.value.kind !== "response" || parsed.value.status < 300) return;
      if (headerOf(parsed.value, "call-id") !== key) return;
      socket.off("message", hear);
      resolve(headerOf(parsed.value, "to") ?? "");
    };
    socket.on("message", hear);
  });
  socket.send(make("INVITE", `<sip:0000@${server.host}>`), server.port, server.host);
  const to = await final;
  const took = performance.now() - startedAt;
  socket.send(make("ACK", to), server.port, server.host);
  return took;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + wholeWithinMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error("the pair is not whole");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
