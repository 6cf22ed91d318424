import type { DigestAlgorithm } from "@tandem/sip";
import { readAhead, type Flow, type FlowTarget, type Input, type SwitchConfig } from "@tandem/switch";
import type { NonceKeeper } from "./nonce.ts";
import { screen, type ScreenContext } from "./screen.ts";
import { openTcp, type TcpConnections } from "./tcp-connections.ts";
import { createTokenBuckets, type TokenBuckets } from "./token-bucket.ts";
import { openUdp, type UdpSocket } from "./udp-socket.ts";

/**
 * The signalling edge: sockets on the site's address, a screen in front of the machine, and the
 * machine's messages on their way out. It keeps connections and counters, and no call state.
 */
export interface SignallingEdge {
  readonly send: (target: FlowTarget, text: string) => void;
  readonly configure: (config: SwitchConfig, secrets: Secrets) => void;
  readonly counts: SignallingCounts;
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
  limited: number;
}

export interface SignallingOptions {
  readonly host: string;
  readonly port: number;
  readonly epoch: number;
  readonly algorithms: readonly DigestAlgorithm[];
  /** Messages a second that one untrusted source may send, and its burst; 0 switches it off. */
  readonly sourcePerSecond: number;
  readonly nonces: NonceKeeper;
  readonly submit: (input: Input) => void;
}

export async function openSignalling(options: SignallingOptions): Promise<SignallingEdge> {
  const counts: SignallingCounts = {
    received: 0,
    sent: 0,
    malformed: 0,
    challenged: 0,
    limited: 0,
  };
  const door = createDoor();
  const buckets = createTokenBuckets(options.sourcePerSecond, 2 * options.sourcePerSecond);
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
    isServing: () => door.isServing,
    nowMs: () => Date.now(),
  };
  const sockets: { udp: UdpSocket | null; tcp: TcpConnections | null } = { udp: null, tcp: null };
  const send = (target: FlowTarget, text: string): void => {
    counts.sent += 1;
    if (target.transport === "UDP") sockets.udp?.send(target, text);
    else sockets.tcp?.send(target, text);
  };
  const receive = (text: string, flow: Flow): void => {
    counts.received += 1;
    if (isLimited(options, buckets, door, flow)) {
      counts.limited += 1;
      return;
    }
    const verdict = screen(text, flow, context);
    if (verdict.kind === "pass") {
      const { authenticated, ahead } = verdict;
      options.submit({ kind: "sip", flow, text, authenticated, [readAhead]: ahead });
    } else if (verdict.kind === "answer") {
      if (verdict.why === "challenge") counts.challenged += 1;
      if (verdict.why === "malformed") counts.malformed += 1;
      const { transport, name, remoteHost, remotePort } = flow;
      send({ transport, name, host: remoteHost, port: remotePort }, verdict.text);
    } else if (verdict.why === "malformed") counts.malformed += 1;
  };
  const udp = await openUdp(options.host, options.port, receive);
  sockets.udp = udp;
  try {
    sockets.tcp = await openTcp({
      host: options.host,
      port: options.port,
      epoch: options.epoch,
      receive,
      failed: (target, text, reason) => options.submit({ kind: "sipFailed", target, text, reason }),
      flowClosed: (name, remoteHost) => options.submit({ kind: "flowClosed", name, remoteHost }),
    });
  } catch (error) {
    await udp.close();
    throw error;
  }
  return {
    send,
    configure: (config, secrets) => configureDoor(door, config, secrets),
    counts,
    connections: () => sockets.tcp?.count() ?? 0,
    async close() {
      await Promise.all([udp.close(), sockets.tcp?.close()]);
    },
  };
}

/** What the screen knows of the configuration. */
interface Door {
  realm: string;
  secrets: Secrets;
  readonly trunkHosts: Set<string>;
  readonly peerHosts: Set<string>;
  isServing: boolean;
}

function createDoor(): Door {
  return {
    realm: "",
    secrets: new Map(),
    trunkHosts: new Set(),
    peerHosts: new Set(),
    isServing: false,
  };
}

function configureDoor(door: Door, config: SwitchConfig, secrets: Secrets): void {
  door.realm = config.realm;
  door.secrets = secrets;
  door.trunkHosts.clear();
  for (const trunk of config.trunks) {
    for (const source of trunk.sources.length > 0 ? trunk.sources : [trunk.host]) {
      door.trunkHosts.add(source);
    }
  }
  door.peerHosts.clear();
  for (const { host } of config.peer?.addresses ?? []) door.peerHosts.add(host);
  door.isServing = true;
}

function isTrusted(door: Door, flow: Flow): boolean {
  if (door.trunkHosts.has(flow.remoteHost)) return true;
  return flow.transport !== "UDP" && door.peerHosts.has(flow.remoteHost);
}

function isLimited(
  options: SignallingOptions,
  buckets: TokenBuckets,
  door: Door,
  flow: Flow,
): boolean {
  if (options.sourcePerSecond === 0 || isTrusted(door, flow)) return false;
  return !buckets.take(flow.remoteHost, Date.now());
}
