import { serveArbiter, type ArbiterServer } from "@tandem/replica";
import { createPhone, type Phone } from "@tandem/softphone";
import { afterEach, expect, test, vi } from "vitest";
import { benchDns } from "../bench/bench-dns.ts";
import { startNode, type MeasuredNode } from "../bench/node-under-load.ts";

/**
 * H10 with processes, sockets and phones: a pair is upgraded to a version whose state has another
 * shape, node by node, under a call; and a new version that dies on its trial gives the site back.
 */
const site = { host: "127.193.1.20", port: 5060 };
const hosts = ["127.193.1.21", "127.193.1.22"] as const;
const arbiter = { host: "127.193.3.9", port: 7091 };
const callers = "127.193.2.9";
const secret = "a-pair-of-two-versions";
const patience = { timeout: 30_000, interval: 50 };
const [dn = ""] = benchDns(1);

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function start(index: 0 | 1, isNextVersion: boolean): Promise<MeasuredNode> {
  const peer = { host: hosts[index === 0 ? 1 : 0], port: 7090 };
  const settings = {
    name: "site-1",
    secret,
    listen: { host: hosts[index], port: 7090 },
    peer,
    arbiter: { kind: "served" as const, ...arbiter },
  };
  const name = index === 0 ? "sip-1a" : "sip-1b";
  const pair = { name, settings, isNextVersion };
  const node = await startNode({ ...site, dns: 1, secret: "phone", callers, pair });
  endings.push(node.stop);
  return node;
}

async function becomes(node: MeasuredNode, role: string): Promise<void> {
  await vi.waitFor(async () => expect((await node.vitals()).role).toBe(role), patience);
}

async function isWhole(node: MeasuredNode): Promise<void> {
  await vi.waitFor(async () => expect((await node.vitals()).isReady).toBe(true), patience);
}

interface Stage {
  readonly nodes: readonly [MeasuredNode, MeasuredNode];
  readonly caller: Phone;
  readonly callee: Phone;
  readonly call: number;
}

/** A whole pair of this version, and a call that talks. */
async function stage(): Promise<Stage> {
  const judge: ArbiterServer = await serveArbiter({ ...arbiter, secret });
  endings.push(judge.close);
  const a = await start(0, false);
  await becomes(a, "primary");
  const b = await start(1, false);
  await isWhole(a);
  const registrar = { transport: "UDP" as const, ...site };
  const callee = await createPhone({
    host: "127.193.2.1",
    port: 5060,
    accounts: [{ user: dn, domain: site.host, password: "phone", registrar }],
    answer: { kind: "auto", ringMs: 0 },
  });
  const targets = [registrar];
  const caller = await createPhone({ host: callers, port: 5070, callerUser: "5550", targets });
  endings.push(
    () => callee.close(),
    () => caller.close(),
  );
  await vi.waitFor(() => expect(callee.isRegistered(0)).toBe(true), patience);
  const established = caller.waitFor("established", 10_000);
  const call = caller.call(dn);
  await established;
  return { nodes: [a, b], caller, callee, call };
}

/** The call answers within its dialog. */
async function talks({ caller, call }: Stage): Promise<void> {
  const answered = caller.waitFor("probeAnswered", 10_000, (event) => event.call === call);
  caller.probe(call);
  expect((await answered).status).toBe(200);
}

/** The second node ends, comes back as the next version, and is handed the site. */
async function upgrade(on: Stage): Promise<MeasuredNode> {
  const [a, b] = on.nodes;
  await b.stop();
  const next = await start(1, true);
  await vi.waitFor(async () => expect((await a.vitals()).isLinked).toBe(true), patience);
  const { epoch } = await a.vitals();
  await vi.waitFor(async () => {
    const now = await a.vitals();
    if (now.role === "primary") a.handOver();
    expect(now.role).toBe("waiting");
    expect(now.epoch).toBeGreaterThan(epoch);
  }, patience);
  await becomes(next, "primary");
  return next;
}

test("H10 node by node to a version with another state, under a call", async () => {
  const on = await stage();
  const [a] = on.nodes;
  const next = await upgrade(on);
  expect((await next.vitals()).calls).toBe(1);
  await talks(on);
  await a.stop();
  await start(0, true);
  await isWhole(next);
  const second = on.caller.waitFor("established", 10_000);
  on.caller.call(dn);
  await second;
  const ended = on.callee.waitFor("ended", 10_000);
  on.caller.hangup(on.call);
  await ended;
}, 120_000);

test("H10 a new version that dies on its trial gives the site back", async () => {
  const on = await stage();
  const [a] = on.nodes;
  const next = await upgrade(on);
  await talks(on);
  await next.stop();
  await becomes(a, "primary");
  expect((await a.vitals()).calls).toBe(1);
  await talks(on);
}, 120_000);
