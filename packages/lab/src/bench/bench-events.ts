import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildRequest, buildResponse, headerOf, parseMessage, tagOf } from "@tandem/sip";
import { connectTlib, createTokenMaker, type TlibClient } from "@tandem/sip-server/testing";
import { benchDns } from "./bench-dns.ts";
import { startNode } from "./node-under-load.ts";
import { registerScenario, usersFile } from "./scenarios.ts";
import { runSipp } from "./sipp.ts";

/**
 * `tandem bench events`: from the INVITE on the wire to EventRinging at a desktop, at 50 calls a
 * second over UDP. The time includes the way to the phone and its 180, which is at once.
 */
export interface EventsBench {
  readonly name: "events";
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
  readonly passed: boolean;
}

const server = { host: "127.190.1.10", port: 5060 };
const phoneHost = "127.190.2.1";
const callerHost = "127.190.2.2";
const secret = "bench";
const agents = 10;
const perSecond = 50;
const seconds = 20;
/** Calls before the measured ones: a server that has just started is not what is asked about. */
const warmUpCalls = 200;
const p50MaxMs = 3;
const p99MaxMs = 10;

export async function benchEvents(say: (line: string) => void): Promise<EventsBench> {
  const tokens = await createTokenMaker();
  const { publicKey } = tokens;
  const dns = benchDns(agents);
  const node = await startNode({ ...server, dns: agents, secret, callers: callerHost, publicKey });
  await registerAgents(dns);
  const phone = await openPhone();
  const caller = await bound(callerHost, 5070);
  const desktops: TlibClient[] = [];
  try {
    for (const dn of dns) {
      const desktop = await connectTlib(`ws://${server.host}:${server.port + 1_940}/tlib`);
      desktops.push(desktop);
      await desktop.register(await tokens.sign({ agentID: dn, dns: [dn] }));
      desktop.say({ request: "RequestRegisterAddress", referenceID: 2, thisDN: dn });
      await desktop.answer(2);
    }
    const times = await placeCalls(caller, dns, desktops);
    const sorted = times.slice(warmUpCalls).toSorted((a, b) => a - b);
    const p50Ms = percentile(sorted, 0.5);
    const p99Ms = percentile(sorted, 0.99);
    say(`${sorted.length} calls: p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
    const passed = p50Ms <= p50MaxMs && p99Ms <= p99MaxMs;
    return { name: "events", p50Ms, p99Ms, calls: sorted.length, passed };
  } finally {
    await Promise.all(desktops.map((desktop) => desktop.drop()));
    phone.close();
    caller.close();
    await node.stop();
  }
}

/** From the phone's own address, because a binding leads back to where it came from. */
async function registerAgents(dns: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-events-"));
  try {
    const users = join(folder, "users.csv");
    writeFileSync(users, usersFile(dns, secret));
    await runSipp({
      folder,
      name: "register",
      scenario: registerScenario,
      local: { host: phoneHost, port: 5080 },
      remote: server,
      rate: 50,
      calls: dns.length,
      usersFile: users,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nearest rank, in milliseconds with two decimals. */
function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return Math.round(value * 100) / 100;
}

async function bound(host: string, port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(port, host);
  await once(socket, "listening");
  return socket;
}

/** Rings at once, and is busy a little later, so that no call stays. */
async function openPhone(): Promise<Socket> {
  const socket = await bound(phoneHost, 5080);
  socket.on("message", (bytes: Buffer) => {
    const parsed = parseMessage(bytes.toString("latin1"));
    if (!parsed.ok || parsed.value.kind !== "request") return;
    const request = parsed.value;
    if (request.method !== "INVITE" || tagOf(request, "to") !== undefined) return;
    const reply = (status: number): void =>
      socket.send(buildResponse(request, status, { toTag: "p" }), server.port, server.host);
    reply(180);
    setTimeout(() => reply(486), ringsMs);
  });
  return socket;
}

const ringsMs = 50;

/** Milliseconds from each INVITE to its EventRinging. */
async function placeCalls(
  caller: Socket,
  dns: readonly string[],
  desktops: readonly TlibClient[],
): Promise<number[]> {
  const sentAt = new Map<string, number>();
  const times: number[] = [];
  for (const desktop of desktops) {
    desktop.onMessage((message) => {
      if (message["event"] !== "EventRinging") return;
      const at = sentAt.get(String(message["ani"]));
      if (at !== undefined) times.push(performance.now() - at);
    });
  }
  caller.on("message", (bytes: Buffer) => acknowledge(caller, bytes.toString("latin1")));
  const total = warmUpCalls + perSecond * seconds;
  const startedAt = performance.now();
  for (let index = 0; index < total; index += 1) {
    const dueMs = (index * 1_000) / perSecond;
    const waitMs = startedAt + dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const number = String(700_000 + index);
    const text = inviteFrom(number, dns[index % dns.length] ?? "");
    sentAt.set(number, performance.now());
    caller.send(text, server.port, server.host);
  }
  for (let waited = 0; times.length < total && waited < 50; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (times.length < total) throw new Error(`${total - times.length} calls rang at no desktop`);
  return times;
}

function inviteFrom(number: string, dn: string): string {
  return buildRequest({
    method: "INVITE",
    uri: `sip:${dn}@${server.host}`,
    headers: [
      ["Via", `SIP/2.0/UDP ${callerHost}:5070;branch=z9hG4bK${number};rport`],
      ["Max-Forwards", "70"],
      ["From", `<sip:${number}@${callerHost}>;tag=${number}`],
      ["To", `<sip:${dn}@${server.host}>`],
      ["Call-ID", `events-${number}`],
      ["CSeq", "1 INVITE"],
      ["Contact", `<sip:${number}@${callerHost}:5070>`],
      ["Content-Type", "application/sdp"],
    ],
    body: `v=0\r\no=- 1 1 IN IP4 ${callerHost}\r\ns=-\r\nc=IN IP4 ${callerHost}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`,
  });
}

/** The ACK of a refusal, so that the server need not repeat it. */
function acknowledge(caller: Socket, text: string): void {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "response" || parsed.value.status < 300) return;
  const { value: response } = parsed;
  const field = (name: string): string => headerOf(response, name) ?? "";
  const ack = buildRequest({
    method: "ACK",
    uri: `sip:${server.host}`,
    headers: [
      ["Via", field("via")],
      ["Max-Forwards", "70"],
      ["From", field("from")],
      ["To", field("to")],
      ["Call-ID", field("call-id")],
      ["CSeq", "1 ACK"],
    ],
  });
  caller.send(ack, server.port, server.host);
}
