import { viaOf, parameterOf, type DigestAlgorithm, type SipRequest } from "@tandem/sip";
import {
  type Flow,
  type FlowTarget,
  type Input,
  type SwitchConfig,
  type Transport,
  readAhead,
  sourcesOf,
} from "@tandem/switch";
import { placeOf, plainHost } from "./address.ts";
import { createDigestFailures } from "./digest-failures.ts";
import { createReachedPlaces } from "./reached-places.ts";
import { createNonceCounts } from "./nonce-counts.ts";
import type { NonceKeeper } from "./nonce.ts";
import { screen, type ScreenContext, type ScreenGuards, type Verdict } from "./screen.ts";
import { createSourceLimits, type SourceLimits } from "./source-limits.ts";
import type { TlsMaterial } from "./tls-identity.ts";
import { createDoorServers, type DoorServers } from "./doors.ts";
import { openTransports, type Transports } from "./transports.ts";

/**
 * The signalling edge: sockets on the site's address, a screen in front of the machine, and the
 * machine's messages on their way out. It keeps connections and counters, and no call state.
 */
export interface SignallingEdge {
  readonly send: (target: FlowTarget, text: string) => void;
  readonly configure: (config: SwitchConfig, secrets: Secrets) => void;
  readonly counts: SignallingCounts;
  readonly transports: Transports;
  readonly sources: SourceLimits;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** HA1 by user and algorithm, lower-case hexadecimal. */
export type Secrets = ReadonlyMap<string, { readonly md5: string; readonly sha256: string }>;

export interface SignallingCounts {
  received: number;
  sent: number;
  malformed: number;
  challenged: number;
  /** Dropped because their source sends too many. */
  limited: number;
  /** Dropped because their source went on and is ignored for a while. */
  ignored: number;
  /** Dropped because strangers together ask for too much. */
  overload: number;
  /** Wrong passwords, and right ones that came again. */
  digestFailures: number;
  replays: number;
}

export interface SignallingLimits {
  /** Answers a second to all who have not shown who they are. */
  readonly strangersPerSecond?: number;
  readonly connectionsMax?: number;
  readonly unprovenPerSourceMax?: number;
  /** How long a stranger's connection may say nothing, and how long a message may take to come. */
  readonly unprovenIdleMs?: number;
  readonly messageTimeoutMs?: number;
}

export interface SignallingOptions extends SignallingLimits {
  readonly host: string;
  readonly host6?: string | null;
  readonly port: number;
  readonly ports?: Readonly<Partial<Record<Transport, number>>>;
  readonly epoch: number;
  /** What is known before the sockets open: the first message meets it. */
  readonly configured?: readonly [SwitchConfig, Secrets] | null;
  readonly algorithms: readonly DigestAlgorithm[];
  /** Messages a second that one proven source may send; 0 switches the limits off. */
  readonly sourcePerSecond: number;
  readonly tls?: TlsMaterial | null;
  /** With the same `tls`; of a node that opens its doors more than once. */
  readonly servers?: DoorServers;
  readonly origins?: readonly string[];
  /** Names of the configuration that the name service gave this address for. */
  readonly namesOf?: (host: string) => readonly string[];
  /** Made with the pair's key, so that a phone need not be challenged again by the other node. */
  readonly nonces: NonceKeeper;
  /** Whether this node's machine serves (H11); while it does not, what is new is answered 503. */
  readonly isServing?: () => boolean;
  /** Whether it may answer by itself: not what waited while this process stood still. */
  readonly mayAnswer?: () => boolean;
  readonly submit: (input: Input) => void;
  readonly onTrouble?: (sentence: string) => void;
}

const connectionsPreset = 20_000;
const unprovenPerSourcePreset = 100;
/** Unproven connections that say nothing are closed within 30 seconds (attack class A16). */
const unprovenIdlePresetMs = 25_000;
const messageTimeoutPresetMs = 10_000;
export const strangersPerSecondPreset = 3_000;

export async function openSignalling(options: SignallingOptions): Promise<SignallingEdge> {
  const counts = newCounts();
  const door = createDoor();
  if (options.configured) configureDoor(door, ...options.configured);
  const { sourcePerSecond, strangersPerSecond = strangersPerSecondPreset } = options;
  const sources = createSourceLimits({ sourcePerSecond, strangersPerSecond });
  const sourceOf = createSourceOf();
  const reached = createReachedPlaces();
  const isKnown = (flow: Flow): boolean => {
    const nowMs = performance.now();
    const isReached = reached.has(flow.remoteHost, flow.remotePort, nowMs);
    return isReached || isOfTrunk(flow) || sources.isProven(sourceOf(flow), nowMs);
  };
  // Trunks are also known where the name service found them.
  const isOfTrunk = ({ remoteHost }: Flow): boolean =>
    door.trunkPlaces.has(remoteHost) || (options.namesOf?.(remoteHost) ?? []).length > 0;
  const sockets: { all: Transports | null } = { all: null };
  const context: ScreenContext = {
    nonces: options.nonces,
    get realm() {
      return door.realm;
    },
    algorithms: options.algorithms,
    ha1Of: (user, algorithm) => {
      const secret = door.secrets.get(user);
      return algorithm === "MD5" ? secret?.md5 : secret?.sha256;
    },
    isTrusted: (flow) => isTrusted(door, flow),
    isServing: () => door.isConfigured && (options.isServing?.() ?? true),
    nowMs: () => Date.now(),
    guards: createGuards(counts, sources, { sourceOf, isKnown }, sockets),
  };
  const send = (target: FlowTarget, text: string): void => {
    counts.sent += 1;
    if (!text.startsWith("SIP/2.0 ")) reached.note(target.host, target.port, performance.now());
    sockets.all?.send(target, text);
  };
  const receive = (text: string, flow: Flow): void => {
    counts.received += 1;
    if (!isTrusted(door, flow) && !isOfTrunk(flow)) {
      const judged = sources.judge(sourceOf(flow), performance.now());
      if (judged !== "pass") {
        counts[judged] += 1;
        return;
      }
    }
    handle(screen(text, flow, context), text, flow);
  };
  const handle = (verdict: Verdict, text: string, flow: Flow): void => {
    if (verdict.kind === "pass") {
      const { authenticated, ahead } = verdict;
      if (ahead.message.kind === "request") reuse(sockets.all, context, ahead.message, flow);
      options.submit({ kind: "sip", flow, text, authenticated, [readAhead]: ahead });
    } else if (verdict.kind === "answer") {
      if (options.mayAnswer?.() === false) return;
      if (verdict.why === "challenge") counts.challenged += 1;
      if (verdict.why === "malformed") counts.malformed += 1;
      const { transport, name, remoteHost, remotePort } = flow;
      send({ transport, name, host: remoteHost, port: remotePort }, verdict.text);
    } else if (verdict.why !== "challenged") counts[verdict.why] += 1;
  };
  sockets.all = await openTransports({
    host: options.host,
    host6: options.host6 ?? null,
    port: options.port,
    ports: options.ports ?? {},
    epoch: options.epoch,
    tls: options.tls ?? null,
    servers: options.servers ?? createDoorServers(options.tls ?? null),
    origins: options.origins ?? [],
    connectionsMax: options.connectionsMax ?? connectionsPreset,
    unprovenPerSourceMax: options.unprovenPerSourceMax ?? unprovenPerSourcePreset,
    unprovenIdleMs: options.unprovenIdleMs ?? unprovenIdlePresetMs,
    messageTimeoutMs: options.messageTimeoutMs ?? messageTimeoutPresetMs,
    namesOf: options.namesOf ?? (() => []),
    receive,
    failed: (target, text, reason) => options.submit({ kind: "sipFailed", target, text, reason }),
    flowClosed: (flow) => {
      sources.forget(sourceOf(flow));
      const { name, remoteHost } = flow;
      options.submit({ kind: "flowClosed", name, remoteHost });
    },
    isTrusted: (flow) => isTrusted(door, flow),
    onTrouble: options.onTrouble ?? (() => undefined),
  });
  const transports = sockets.all;
  return {
    send,
    configure: (config, secrets) => configureDoor(door, config, secrets),
    counts,
    transports,
    sources,
    connections: () => transports.connections.total(),
    close: transports.close,
  };
}

export function newCounts(): SignallingCounts {
  return {
    received: 0,
    sent: 0,
    malformed: 0,
    challenged: 0,
    limited: 0,
    ignored: 0,
    overload: 0,
    digestFailures: 0,
    replays: 0,
  };
}

/** The unit of the limits: an address and a port, for behind an address may be a whole office. */
function createSourceOf(): (flow: Flow) => string {
  let last: Flow | null = null;
  let source = "";
  return (flow) => {
    if (flow === last) return source; // asked several times for one message
    last = flow;
    source = placeOf(flow.transport, flow.remoteHost, flow.remotePort);
    return source;
  };
}

interface Flows {
  readonly sourceOf: (flow: Flow) => string;
  /** Whether requests within a dialog may come from there. */
  readonly isKnown: (flow: Flow) => boolean;
}

function createGuards(
  counts: SignallingCounts,
  sources: SourceLimits,
  { sourceOf, isKnown }: Flows,
  sockets: { readonly all: Transports | null },
): ScreenGuards {
  const failures = createDigestFailures();
  const nonceCounts = createNonceCounts();
  return {
    isKnown,
    admitStranger: (flow) => isKnown(flow) || sources.admitStranger(performance.now()),
    isHeldOff(user, flow) {
      const nowMs = performance.now();
      if (!failures.isHeldOff(user, flow.remoteHost, nowMs)) return false;
      return !sources.isProvenAs(sourceOf(flow), user, nowMs);
    },
    failed(user, flow) {
      counts.digestFailures += 1;
      failures.failed(user, flow.remoteHost, performance.now());
    },
    proved(user, flow) {
      failures.succeeded(user, flow.remoteHost);
      sources.prove(sourceOf(flow), user, performance.now());
      const connection = flow.name === "" ? undefined : sockets.all?.connections.byName(flow.name);
      if (connection === undefined || connection.isProven) return;
      connection.isProven = true;
      connection.visit?.prove();
    },
    isReplay(nonce, user, count) {
      const isReplay = nonceCounts.isReplay(nonce, user, count);
      if (isReplay) counts.replays += 1;
      return isReplay;
    },
  };
}

/**
 * RFC 5923: who is known and says `alias` in his Via is sent to over this connection, at the
 * address that he names, if it is his own.
 */
function reuse(
  transports: Transports | null,
  context: ScreenContext,
  request: SipRequest,
  flow: Flow,
): void {
  if (flow.name === "" || transports === null || !context.isTrusted(flow)) return;
  const via = viaOf(request);
  if (via === undefined || parameterOf(via.params, "alias") === undefined) return;
  const isHis = via.host.replace(/^\[|\]$/g, "") === flow.remoteHost;
  const port = via.port ?? (flow.transport === "TLS" ? 5061 : 5060);
  if (isHis) transports.connections.alias(flow.name, flow.remoteHost, port);
}

/** What the screen knows of the configuration. */
interface Door {
  realm: string;
  secrets: Secrets;
  readonly trunkHosts: Set<string>;
  readonly peerHosts: Set<string>;
  /** Addresses that calls to trunks go to; not all of them may begin one here. */
  readonly trunkPlaces: Set<string>;
  isConfigured: boolean;
}

function createDoor(): Door {
  return {
    realm: "",
    secrets: new Map(),
    trunkHosts: new Set(),
    peerHosts: new Set(),
    trunkPlaces: new Set(),
    isConfigured: false,
  };
}

function configureDoor(door: Door, config: SwitchConfig, secrets: Secrets): void {
  door.realm = config.realm;
  door.secrets = secrets;
  door.trunkHosts.clear();
  for (const trunk of config.trunks) {
    for (const source of sourcesOf(trunk)) {
      door.trunkHosts.add(plainHost(source.toLowerCase()));
    }
  }
  door.trunkPlaces.clear();
  for (const { host, others = [] } of config.trunks) {
    for (const place of [host, ...others.map((other) => other.host)]) door.trunkPlaces.add(place);
  }
  door.peerHosts.clear();
  for (const { host } of config.peer?.addresses ?? []) door.peerHosts.add(plainHost(host));
  door.isConfigured = true;
}

function isTrusted(door: Door, flow: Flow): boolean {
  if (door.trunkHosts.has(flow.remoteHost)) return true;
  return flow.transport !== "UDP" && door.peerHosts.has(flow.remoteHost);
}
