/** Attack class A15: floods from one and from many sources, while agents call each other. */
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerMetrics } from "../server-metrics.ts";
import { createMetrics } from "@tandem/service";
import { callOnce, createTestPhone, testSdp, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import type { FloodOrder } from "./flood-worker.ts";
import { sizesOf } from "./sizes.ts";

const host = "127.0.222.10";
let here: TestServer;
let caller: TestPhone;
let callee: TestPhone;

beforeAll(async () => {
  here = await startTestServer(host);
  caller = await here.phone("1001", "UDP", "127.0.222.101");
  callee = await here.phone("1002", "UDP", "127.0.222.102");
});

afterAll(async () => {
  caller.client.close();
  callee.client.close();
  await here.close();
});

function flood(order: Omit<FloodOrder, "server">): Promise<number> {
  const workerData: FloodOrder = { ...order, server: here.place("UDP") };
  const worker = new Worker(new URL("./flood-worker.ts", import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const one = ["127.0.222.66"];
const many = Array.from({ length: 200 }, (_, index) => `127.0.223.${index + 1}`);

test.each<[string, string, readonly string[]]>([
  ["INVITE", "one source", one],
  ["REGISTER", "one source", one],
  ["OPTIONS", "one source", one],
  ["SUBSCRIBE", "one source", one],
  ["INVITE", "200 sources", many],
  ["REGISTER", "200 sources", many],
  ["BYE", "200 sources", many],
])(
  "A15 %s at 8,000 a second from %s: calls succeed, nothing is kept",
  async (method, _, sources) => {
    const { counts } = here.server.signalling;
    const before = { ...counts };
    const heapBefore = process.memoryUsage().heapUsed;
    const transactionsBefore = sizesOf(here.server).transactions;
    let isOver = false;
    const flooding = flood({ method, sources, perSecond: 8_000, seconds: 1 }).then((sent) => {
      isOver = true;
      return sent;
    });
    let calls = 0;
    while (!isOver) {
      await callOnce(caller, callee, host);
      calls += 1;
    }
    const sent = await flooding;
    expect(sent).toBeGreaterThan(4_000);
    expect(calls).toBeGreaterThan(3);
    const dropped = (name: "limited" | "ignored" | "overload"): number =>
      counts[name] - before[name];
    const refused = dropped("limited") + dropped("ignored") + dropped("overload");
    expect(refused).toBeGreaterThan(sent / 8);
    // What all strangers get in a second, and what they had not used before.
    expect(counts.challenged - before.challenged).toBeLessThan(7_000);
    const { transactions, calls: left, dialogs } = sizesOf(here.server);
    expect([left, dialogs]).toEqual([0, 0]);
    // Of the calls that succeeded, until their transactions end; none of the flood. Those of the
    // case before stand for 32 seconds, too.
    expect(transactions - transactionsBefore).toBeLessThan(20 * calls + 500);
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(200_000_000);
  },
);

test("A15 a phone that is new behind the attacker's address comes in during the flood", async () => {
  const flooding = flood({ method: "INVITE", sources: one, perSecond: 8_000, seconds: 1 });
  await expect
    .poll(() => here.server.signalling.sources.ignoredPlaces(performance.now()))
    .toBeGreaterThan(0);
  const newcomer = await here.phone("1003", "UDP", one[0] ?? "");
  await callOnce(newcomer, callee, host);
  await flooding;
  newcomer.client.close();
});

test("A15 an agent who floods with calls of his own does not take those of others", async () => {
  const flooder = await here.phone("1004", "UDP", "127.0.222.104");
  const asked = flooder.ask({ method: "OPTIONS", uri: `sip:${host}` });
  expect((await asked).status).toBe(200);
  for (let index = 0; index < 6_000; index += 1) {
    flooder.client.say(
      flooder.request({ method: "INVITE", uri: `sip:1003@${host}`, body: testSdp }),
    );
  }
  await callOnce(caller, callee, host);
  expect(sizesOf(here.server).calls).toBe(0);
  flooder.client.close();
});

test("A15 what was refused shows in the metrics", async () => {
  const metrics = createMetrics("sip-test");
  registerMetrics(metrics, here.server);
  const text = await metrics.registry.metrics();
  for (const name of ["limited", "ignored", "ignored_sources", "challenged", "proven_sources"]) {
    expect(
      Number(new RegExp(`tandem_sip_${name}\\{[^}]*\\} (\\d+)`).exec(text)?.[1]),
    ).toBeGreaterThan(0);
  }
});

test("A15 the stranger that nobody answers is a stranger still (no lasting ban)", async () => {
  const client = await here.connect("UDP", "127.0.222.105");
  const stranger = createTestPhone(client, "1003", "guess", host);
  expect((await stranger.ask({ method: "OPTIONS", uri: `sip:${host}` })).status).toBe(200);
  client.close();
});
