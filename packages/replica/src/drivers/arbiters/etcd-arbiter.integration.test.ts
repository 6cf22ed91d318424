import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Arbiter, ArbiterRequest } from "../../arbiter.ts";
import { arbiterContract, askUntilKnown } from "../../testing/arbiter-contract.ts";
import { type EtcdCluster, etcdMissing, startEtcdCluster } from "../../testing/etcd-cluster.ts";
import { openEtcdArbiter } from "./etcd-arbiter.ts";

/** etcd as the arbiter, on three real members, some of which are killed while it is asked. */
const missing = etcdMissing();
let cluster: EtcdCluster;
let pairs = 0;
const opened: Arbiter[] = [];

beforeAll(async () => {
  if (missing === null) cluster = await startEtcdCluster({ host: "127.0.61.2" });
}, 60_000);

afterEach(async () => {
  for (const arbiter of opened.splice(0)) await arbiter.close();
});

afterAll(async () => {
  if (missing === null) await cluster.close();
});

function open(pair: string, timeoutMs = 1_000, told: string[] = []): Arbiter {
  const arbiter = openEtcdArbiter({
    endpoints: cluster.endpoints,
    prefix: "/tandem-test",
    pair,
    timeoutMs,
    tell: (sentence) => told.push(sentence),
  });
  opened.push(arbiter);
  return arbiter;
}

function freshPair(): string {
  pairs += 1;
  return `pair-${pairs}`;
}

function change(epoch: number, primary: string, onlyWithoutLease = false): ArbiterRequest {
  const view = { epoch, primary, members: [primary], fallback: null };
  return { kind: "change", expectedEpoch: epoch - 1, view, onlyWithoutLease };
}

async function untilLapsed(arbiter: Arbiter): Promise<void> {
  const endsAt = performance.now() + 30_000;
  while (performance.now() < endsAt) {
    const answer = await arbiter.ask({ kind: "read" });
    if (answer.kind === "read" && !answer.hasLease) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the lease did not lapse");
}

async function kill(count: number): Promise<void> {
  await Promise.all(cluster.members.slice(0, count).map((member) => member.kill()));
}

async function revive(): Promise<void> {
  for (const member of cluster.members) member.start();
  await cluster.ready();
}

describe.skipIf(missing !== null)(missing ?? "etcd arbiter", () => {
  test.each(arbiterContract)("$name", async ({ run }) => {
    const pair = freshPair();
    const [a, b] = [open(pair), open(pair)];
    await run({
      a,
      b,
      lapse: () => untilLapsed(open(pair)),
      cut: () => kill(2),
      mend: revive,
    });
  });

  test("a member that is killed, whichever it was, costs an election at most", async () => {
    const arbiter = open(freshPair(), 400);
    let epoch = 0;
    for (const member of cluster.members) {
      await member.kill();
      epoch += 1;
      const answer = await askUntilKnown(arbiter, change(epoch, "a/1"), 10_000);
      expect(answer).toEqual({ kind: "changed" });
      expect(await askUntilKnown(arbiter, { kind: "renew", primary: "a/1" })).toEqual({
        kind: "renewed",
      });
      member.start();
      await cluster.ready();
    }
  });

  test("H12 without a majority nothing is known; back, what was kept is there", async () => {
    const told: string[] = [];
    const arbiter = open(freshPair(), 400, told);
    expect(await askUntilKnown(arbiter, change(1, "a/1"))).toEqual({ kind: "changed" });
    await kill(2);
    expect(await arbiter.ask(change(2, "a/1"))).toEqual({ kind: "unknown" });
    expect(await arbiter.ask({ kind: "renew", primary: "a/1" })).toEqual({ kind: "unknown" });
    expect(told.length).toBeGreaterThan(0);
    await revive();
    const read = await askUntilKnown(arbiter, { kind: "read" });
    expect(read).toMatchObject({ kind: "read", view: { primary: "a/1" } });
  });

  test("a member that is stopped answers nothing, and the others are asked in time", async () => {
    const arbiter = open(freshPair(), 1_500);
    expect(await askUntilKnown(arbiter, change(1, "a/1"))).toEqual({ kind: "changed" });
    const pid = cluster.members[0]?.pid() ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, "SIGSTOP");
    try {
      expect(await askUntilKnown(arbiter, change(2, "a/1"))).toEqual({ kind: "changed" });
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await cluster.ready();
  });

  test("what is no etcd is unknown, and told once", async () => {
    const told: string[] = [];
    const arbiter = openEtcdArbiter({
      endpoints: ["http://127.0.61.2:1"],
      prefix: "/tandem-test",
      pair: "pair",
      timeoutMs: 200,
      tell: (sentence) => told.push(sentence),
    });
    opened.push(arbiter);
    expect(await arbiter.ask({ kind: "read" })).toEqual({ kind: "unknown" });
    expect(await arbiter.ask({ kind: "read" })).toEqual({ kind: "unknown" });
    expect(told).toHaveLength(1);
  });
});
