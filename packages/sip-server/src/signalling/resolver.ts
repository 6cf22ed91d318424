import { lookup } from "node:dns/promises";
import { Resolver, type NaptrRecord, type SrvRecord } from "node:dns";
import { isIP, isIPv6 } from "node:net";
import type { Effect, Input, Located, Transport } from "@tandem/switch";

/**
 * Where a SIP server is (RFC 3263 §4): effect `resolve` is answered by input `resolved`, always,
 * within a bounded time. NAPTR says which transports there are, SRV which hosts and ports, A and
 * AAAA their addresses; each step is left out where the question answers it already. An address
 * answers at once. What the name service does not know has no records.
 *
 *     name ─▶ [NAPTR] ─▶ [SRV] ─▶ A, AAAA ─▶ records by priority and weight
 */
export interface NameResolver {
  readonly resolve: (question: ResolveQuestion) => void;
  /** Names that this address was found for: what its certificate must speak for (RFC 5922). */
  readonly namesOf: (host: string) => readonly string[];
  readonly counts: ResolverCounts;
  readonly close: () => void;
}

export type ResolveQuestion = Omit<Extract<Effect, { kind: "resolve" }>, "kind">;

export interface ResolverCounts {
  asked: number;
  /** Asked again while the answer was awaited. */
  joined: number;
  empty: number;
}

export interface ResolverOptions {
  /** `192.0.2.53` or `192.0.2.53:5353`; none means those of the system. */
  readonly servers: readonly string[];
  /** Whether there is an IPv6 address to send from. */
  readonly hasIpv6: boolean;
  readonly submit: (input: Extract<Input, { kind: "resolved" }>) => void;
  readonly timeoutMs?: number;
}

const timeoutPresetMs = 4_000;
const recordsMax = 32;
const naptrMax = 8;
const srvMax = 16;
const waitingMax = 1_000;
const namesMax = 1_000;
const ttlMinMs = 5_000;
const ttlMaxMs = 3_600_000;

export function createNameResolver(options: ResolverOptions): NameResolver {
  const timeoutMs = options.timeoutMs ?? timeoutPresetMs;
  const dns = new Resolver({ timeout: Math.ceil(timeoutMs / 4), tries: 2 });
  if (options.servers.length > 0) dns.setServers([...options.servers]);
  const counts: ResolverCounts = { asked: 0, joined: 0, empty: 0 };
  const waiting = new Set<string>();
  const names = new Map<string, string[]>();
  let isClosed = false;

  function answer(name: string, records: readonly Located[]): void {
    if (isClosed) return;
    if (records.length === 0) counts.empty += 1;
    for (const { host } of records) remember(names, host, name);
    options.submit({ kind: "resolved", name, records });
  }

  return {
    resolve(question) {
      counts.asked += 1;
      const { name, transport, port } = question;
      const literal = name.replace(/^\[|\]$/g, "");
      if (isIP(literal) > 0) return answer(name, [place(literal, transport ?? "UDP", port)]);
      const key = `${name}|${transport ?? ""}|${port ?? ""}`;
      if (waiting.has(key) || waiting.size >= waitingMax) {
        counts.joined += 1;
        return;
      }
      waiting.add(key);
      const lookUp = locate({ dns, ...options, isSystem: options.servers.length === 0 }, question);
      void withinTime(lookUp, timeoutMs).then((records) => {
        waiting.delete(key);
        answer(name, records.slice(0, recordsMax));
      });
    },
    namesOf: (host) => names.get(host) ?? [],
    counts,
    close() {
      isClosed = true;
      dns.cancel();
    },
  };
}

function remember(names: Map<string, string[]>, host: string, name: string): void {
  const known = names.get(host) ?? [];
  if (known.includes(name)) return;
  if (names.size >= namesMax) names.clear();
  names.set(host, [...known, name]);
}

/** An answer that is late is none. */
async function withinTime(
  records: Promise<readonly Located[]>,
  timeoutMs: number,
): Promise<readonly Located[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Located[]>((resolve) => {
    timer = setTimeout(() => resolve([]), timeoutMs);
  });
  const first = await Promise.race([records, late]);
  clearTimeout(timer);
  return first;
}

interface Service {
  readonly dns: Resolver;
  readonly hasIpv6: boolean;
  readonly isSystem: boolean;
}

async function locate(service: Service, question: ResolveQuestion): Promise<readonly Located[]> {
  const { name, transport, port } = question;
  // §4.2: a port that is given leaves nothing to SRV.
  if (port !== null) return hostsOf(service, name, place("", transport ?? "UDP", port));
  const services =
    transport === null ? await servicesOf(service, name) : serviceFor(name, transport);
  const found = await Promise.all(
    services.map(({ query, transport: over }, rank) => serversOf(service, query, over, rank)),
  );
  const records = found.flat();
  if (records.length > 0) return records;
  return hostsOf(service, name, place("", transport ?? "UDP", null));
}

interface ServiceQuery {
  readonly query: string;
  readonly transport: Transport;
}

/** RFC 3263 §4.1, RFC 7118 §5.5 has none for us to dial. */
const naptrServices: Readonly<Record<string, Transport>> = {
  "SIP+D2U": "UDP",
  "SIP+D2T": "TCP",
  "SIPS+D2T": "TLS",
};

async function servicesOf(service: Service, name: string): Promise<readonly ServiceQuery[]> {
  const records = await ask<NaptrRecord[]>((done) => service.dns.resolveNaptr(name, done));
  const known = records.flatMap((record): (NaptrRecord & { over: Transport })[] => {
    const over = naptrServices[record.service.toUpperCase()];
    const isSrv = record.flags.toLowerCase() === "s" && record.replacement !== "";
    return over === undefined || !isSrv ? [] : [{ ...record, over }];
  });
  const sorted = known.toSorted((a, b) => a.order - b.order || a.preference - b.preference);
  const queries = sorted.slice(0, naptrMax).map((each) => ({
    query: each.replacement,
    transport: each.over,
  }));
  if (queries.length > 0) return queries;
  return (["UDP", "TCP", "TLS"] as const).flatMap((transport) => serviceFor(name, transport));
}

function serviceFor(name: string, transport: Transport): readonly ServiceQuery[] {
  switch (transport) {
    case "UDP":
      return [{ query: `_sip._udp.${name}`, transport }];
    case "TCP":
      return [{ query: `_sip._tcp.${name}`, transport }];
    case "TLS":
      return [{ query: `_sips._tcp.${name}`, transport }];
    case "WS":
    case "WSS":
      return []; // nobody is dialled there
  }
}

/** Of one transport; `rank` keeps NAPTR's order above SRV's priorities. */
async function serversOf(
  service: Service,
  query: string,
  transport: Transport,
  rank: number,
): Promise<readonly Located[]> {
  const records = await ask<SrvRecord[]>((done) => service.dns.resolveSrv(query, done));
  const wanted = records
    .filter(({ name }) => name !== "" && name !== ".") // RFC 2782: decidedly not there
    .toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)
    .slice(0, srvMax);
  const found = await Promise.all(
    wanted.map(({ name, port, priority, weight }) =>
      hostsOf(service, name, {
        ...place("", transport, port),
        priority: rank * priorityRange + priority,
        weight,
      }),
    ),
  );
  return found.flat();
}

const priorityRange = 65_536;

/** A and AAAA of one name; everything but the address is the given record's. */
async function hostsOf(
  { dns, hasIpv6, isSystem }: Service,
  name: string,
  like: Located,
): Promise<readonly Located[]> {
  const ttl = { ttl: true } as const;
  const [four, six] = await Promise.all([
    ask<Address[]>((done) => dns.resolve4(name, ttl, done)),
    hasIpv6 ? ask<Address[]>((done) => dns.resolve6(name, ttl, done)) : [],
  ]);
  const addresses = [...four, ...six];
  // The system's own table (/etc/hosts) is asked through the system alone.
  const known = addresses.length === 0 && isSystem ? await fromSystem(name, hasIpv6) : addresses;
  return known.map(({ address, ttl: seconds }) => ({
    ...like,
    host: address,
    ttlMs: Math.min(ttlMaxMs, Math.max(ttlMinMs, seconds * 1_000)),
  }));
}

interface Address {
  readonly address: string;
  readonly ttl: number;
}

const systemTtlSeconds = 60;

async function fromSystem(name: string, hasIpv6: boolean): Promise<readonly Address[]> {
  try {
    const found = await lookup(name, { all: true });
    return found
      .filter(({ address }) => hasIpv6 || !isIPv6(address))
      .map(({ address }) => ({ address, ttl: systemTtlSeconds }));
  } catch {
    return []; // not known there either: an answer like any other
  }
}

/** No such name, no such record, no answer: all mean that there is none. */
function ask<Records extends readonly unknown[]>(
  question: (done: (error: Error | null, records: Records) => void) => void,
): Promise<Records | readonly never[]> {
  return new Promise((resolve) => {
    question((error, records) => resolve(error === null ? records : []));
  });
}

function place(host: string, transport: Transport, port: number | null): Located {
  const preset = transport === "TLS" || transport === "WSS" ? 5_061 : 5_060;
  return { transport, host, port: port ?? preset, priority: 0, weight: 0, ttlMs: ttlMaxMs };
}
