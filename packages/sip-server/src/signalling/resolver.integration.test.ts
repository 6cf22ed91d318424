/** RFC 3263 against a name server of a few lines, over UDP in wire format (RFC 1035, RFC 2782). */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { addressBytes } from "@tandem/service";
import type { Input, Located } from "@tandem/switch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNameResolver, type NameResolver, type ResolveQuestion } from "./resolver.ts";

type Row = readonly [type: "A" | "AAAA" | "SRV" | "NAPTR", data: Buffer, ttl?: number];

const typeNumbers = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 } as const;

const nameBytes = (name: string): Buffer =>
  Buffer.concat(
    [...name.split(".").filter((label) => label !== ""), ""].map((label) =>
      Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]),
    ),
  );
const word = (...values: number[]): Buffer =>
  Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

const a = (address: string, ttl = 120): Row => ["A", addressBytes(address), ttl];
const aaaa = (address: string): Row => ["AAAA", addressBytes(address), 120];
const srv = (priority: number, weight: number, port: number, target: string): Row => [
  "SRV",
  Buffer.concat([word(priority, weight, port), nameBytes(target)]),
];
const naptr = (order: number, service: string, replacement: string): Row => [
  "NAPTR",
  Buffer.concat([word(order, 10), text("s"), text(service), text(""), nameBytes(replacement)]),
];

const zone: Readonly<Record<string, readonly Row[]>> = {
  "full.test": [
    naptr(20, "SIP+D2U", "_sip._udp.full.test"),
    naptr(10, "SIPS+D2T", "_sips._tcp.full.test"),
    naptr(5, "E2U+sip", "enum.full.test"),
  ],
  "_sips._tcp.full.test": [srv(0, 0, 5061, "one.full.test")],
  "_sip._udp.full.test": [srv(2, 0, 5080, "two.full.test"), srv(1, 60, 5070, "one.full.test")],
  "one.full.test": [a("192.0.2.1", 30), aaaa("2001:db8::1")],
  "two.full.test": [a("192.0.2.2", 999_999), a("192.0.2.3", 0)],
  "_sip._tcp.service.test": [srv(0, 5, 5070, "one.full.test")],
  "plain.test": [a("192.0.2.9")],
  "_sip._udp.none.test": [srv(0, 0, 0, "")],
  "_sip._udp.wide.test": Array.from({ length: 20 }, (_, index) =>
    srv(index, 0, 5060 + index, "two.full.test"),
  ),
};

const server = { host: "127.0.215.53", port: 15_353 };
let socket: Socket;
const asked: string[] = [];

beforeAll(async () => {
  socket = createSocket("udp4");
  socket.bind(server.port, server.host);
  await once(socket, "listening");
  socket.on("message", (query, remote) => {
    const end = query.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; query[at] !== 0; at += 1 + (query[at] ?? 0)) {
      labels.push(query.toString("latin1", at + 1, at + 1 + (query[at] ?? 0)));
    }
    const name = labels.join(".").toLowerCase();
    const type = query.readUInt16BE(end - 4);
    asked.push(name);
    if (name.endsWith("silent.test")) return;
    const rows = (zone[name] ?? []).filter(([kind]) => typeNumbers[kind] === type);
    const answers = rows.map(([kind, data, ttl = 120]) => {
      const ttlWords = [Math.floor(ttl / 65_536), ttl % 65_536];
      const head = word(0xc00c, typeNumbers[kind], 1, ...ttlWords, data.length);
      return Buffer.concat([head, data]);
    });
    const head = Buffer.concat([query.subarray(0, 2), word(0x8580, 1, answers.length, 0, 0)]);
    socket.send(
      Buffer.concat([head, query.subarray(12, end), ...answers]),
      remote.port,
      remote.address,
    );
  });
});

afterAll(() => socket.close());

function open(hasIpv6 = false, timeoutMs = 2_000) {
  const told: Extract<Input, { kind: "resolved" }>[] = [];
  const waiters: (() => void)[] = [];
  const resolver: NameResolver = createNameResolver({
    ...{ servers: [`${server.host}:${server.port}`], hasIpv6, timeoutMs },
    submit(input) {
      told.push(input);
      for (const waiter of waiters.splice(0)) waiter();
    },
  });
  const find = async (question: ResolveQuestion): Promise<readonly Located[]> => {
    const came = new Promise<void>((resolve) => waiters.push(resolve));
    resolver.resolve(question);
    if (told.length === 0) await came;
    const input = told.shift();
    expect(input?.name).toBe(question.name);
    return (input?.records ?? []).toSorted((x, y) => x.priority - y.priority);
  };
  return { resolver, find };
}

const ask = (name: string, own: Partial<ResolveQuestion> = {}): ResolveQuestion => ({
  ...{ name, transport: null, port: null },
  ...own,
});
const short = (records: readonly Located[]): string[] =>
  records.map(({ transport, host, port }) => `${transport} ${host}:${port}`);

test("§4.1: NAPTR's order stands above SRV's priorities; what is no SIP is left out", async () => {
  const { find, resolver } = open();
  const records = await find(ask("full.test"));
  expect(short(records)).toEqual([
    "TLS 192.0.2.1:5061",
    "UDP 192.0.2.1:5070",
    "UDP 192.0.2.2:5080",
    "UDP 192.0.2.3:5080",
  ]);
  expect(records.map(({ priority, weight }) => [priority, weight])).toEqual([
    [0, 0],
    [65_537, 60],
    [65_538, 0],
    [65_538, 0],
  ]);
  expect(records.map(({ ttlMs }) => ttlMs)).toEqual([30_000, 30_000, 3_600_000, 5_000]);
  expect(resolver.namesOf("192.0.2.1")).toEqual(["full.test"]);
  resolver.close();
});

test("IPv6 addresses where there is an address to send from", async () => {
  const { find, resolver } = open(true);
  const records = await find(ask("service.test", { transport: "TCP" }));
  expect(short(records)).toEqual(["TCP 192.0.2.1:5070", "TCP 2001:db8::1:5070"]);
  resolver.close();
});

test("§4.2: a port that is given leaves nothing to SRV", async () => {
  const { find, resolver } = open();
  asked.length = 0;
  expect(short(await find(ask("plain.test", { port: 5_099 })))).toEqual(["UDP 192.0.2.9:5099"]);
  expect(asked).toEqual(["plain.test"]);
  expect(short(await find(ask("plain.test")))).toEqual(["UDP 192.0.2.9:5060"]);
  const secure = await find(ask("plain.test", { transport: "TLS" }));
  expect(short(secure)).toEqual(["TLS 192.0.2.9:5061"]);
  resolver.close();
});

test("addresses answer at once, without the name service", async () => {
  const { find, resolver } = open();
  asked.length = 0;
  expect(short(await find(ask("192.0.2.77")))).toEqual(["UDP 192.0.2.77:5060"]);
  expect(short(await find(ask("[2001:db8::7]", { transport: "TLS" })))).toEqual([
    "TLS 2001:db8::7:5061",
  ]);
  expect(asked).toEqual([]);
  resolver.close();
});

test("what is not known, decidedly not there, or not answered has no records", async () => {
  const { find, resolver } = open(false, 300);
  expect(await find(ask("unknown.test"))).toEqual([]);
  expect(await find(ask("none.test", { transport: "UDP" }))).toEqual([]);
  expect(await find(ask("silent.test"))).toEqual([]);
  expect(resolver.counts.empty).toBe(3);
  resolver.close();
});

test("questions that are open already are asked once; answers have an end", async () => {
  const { find, resolver } = open();
  const first = find(ask("wide.test", { transport: "UDP" }));
  resolver.resolve(ask("wide.test", { transport: "UDP" }));
  expect(await first).toHaveLength(32);
  expect(resolver.counts).toMatchObject({ asked: 2, joined: 1 });
  resolver.close();
});
