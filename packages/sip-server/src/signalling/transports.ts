import type { Socket } from "node:net";
import type { Flow, FlowTarget, Transport } from "@tandem/switch";
import { isIpv6 } from "./address.ts";
import {
  createConnections,
  type Connection,
  type Connections,
  type FailureReason,
} from "./connections.ts";
import { dial } from "./dial.ts";
import {
  openDoor,
  type Door,
  type DoorCounts,
  type DoorOptions,
  type DoorServers,
} from "./doors.ts";
import { createHandshakeBudget, type HandshakeBudget } from "./handshake-budget.ts";
import { createLargeRequests } from "./large-request.ts";
import { carryStream } from "./stream-carrier.ts";
import type { TlsMaterial } from "./tls-identity.ts";
import { openUdp, type UdpSocket } from "./udp-socket.ts";
import { createVisitors, type Visitors } from "./visitors.ts";
import { carryWebSocket } from "./ws-carrier.ts";

/**
 * All the sockets of the signalling edge: datagrams, streams and WebSockets, over IPv4 and IPv6,
 * those that come and those we open. Messages in with their flow, messages out to a target.
 */
export interface Transports {
  readonly send: (target: FlowTarget, text: string) => void;
  readonly connections: Connections;
  readonly visitors: Visitors;
  readonly handshakes: HandshakeBudget;
  readonly counts: TransportCounts;
  /** Of the IPv4 datagrams. */
  readonly boundPort: () => number | null;
  readonly close: () => Promise<void>;
}

export interface TransportCounts extends DoorCounts {
  /** Closed because a message did not end in time. */
  slowSenders: number;
  /** WebSocket frames that were not one message. */
  foreignFrames: number;
  /** Large requests that went over TCP, and those that nobody took there. */
  largeOverTcp: number;
  largeRefused: number;
  /** Servers that we reached and that could not show to be the one meant. */
  untrusted: number;
}

export interface TransportOptions {
  readonly host: string;
  readonly host6: string | null;
  readonly port: number;
  readonly ports: Readonly<Partial<Record<Transport, number>>>;
  readonly epoch: number;
  readonly tls: TlsMaterial | null;
  readonly servers: DoorServers;
  /** Pages that may open a WebSocket; `*` for any. */
  readonly origins: readonly string[];
  readonly connectionsMax: number;
  readonly unprovenPerSourceMax: number;
  readonly unprovenIdleMs: number;
  readonly messageTimeoutMs: number;
  readonly namesOf: (host: string) => readonly string[];
  readonly receive: (text: string, flow: Flow) => void;
  readonly failed: (target: FlowTarget, text: string, reason: FailureReason) => void;
  readonly flowClosed: (flow: Flow) => void;
  readonly isTrusted: (flow: Flow) => boolean;
  readonly onTrouble: (sentence: string) => void;
}

/** The silent are looked for this often, or ten times within their patience. */
const sweepMaxMs = 2_500;
/** Shorter than T1: a datagram that waited this long is sent before it would be sent again. */
const largePatienceMs = 250;

export async function openTransports(options: TransportOptions): Promise<Transports> {
  const counts: TransportCounts = {
    handshakesFailed: 0,
    upgradesRefused: 0,
    slowSenders: 0,
    foreignFrames: 0,
    largeOverTcp: 0,
    largeRefused: 0,
    untrusted: 0,
  };
  const { connectionsMax, unprovenPerSourceMax, unprovenIdleMs } = options;
  const visitors = createVisitors({ connectionsMax, unprovenPerSourceMax, unprovenIdleMs });
  const handshakes = createHandshakeBudget();
  const opened: (() => Promise<void>)[] = [];
  const udp = new Map<"4" | "6", UdpSocket>();

  const welcome = (connection: Connection): void => {
    if (!options.isTrusted(connection.flow)) return;
    connection.isProven = true;
    connection.visit?.prove();
  };
  const received = (text: string, connection: Connection): void => {
    connection.visit?.heard(performance.now());
    if (!connection.isProven) welcome(connection); // the configuration may have come since
    options.receive(text, connection.flow);
  };
  const carry = (socket: Socket, connection: Connection): void => {
    connection.opened(
      carryStream(socket, {
        messageTimeoutMs: options.messageTimeoutMs,
        receive: (text) => received(text, connection),
        onSlow: () => (counts.slowSenders += 1),
      }),
    );
  };
  const connections = createConnections({
    epoch: options.epoch,
    flowClosed: options.flowClosed,
    dial: (target) =>
      dial(
        {
          hosts: options,
          tls: options.tls,
          namesOf: options.namesOf,
          adopt: (ends) => connections.adopt(ends, null, null),
          carry,
          onUntrusted(host, why) {
            counts.untrusted += 1;
            options.onTrouble(`TLS to ${host}: ${why}`);
          },
        },
        target,
      ),
  });

  const openDatagrams = async (host: string): Promise<void> => {
    const datagrams = await openUdp(host, options.ports.UDP ?? options.port, options.receive);
    opened.push(datagrams.close);
    udp.set(isIpv6(host) ? "6" : "4", datagrams);
  };
  const openStreams = async (host: string, transport: DoorOptions["transport"]): Promise<void> => {
    const { ports, port } = options;
    const at = ports[transport] ?? (transport === "TCP" ? port : undefined);
    if (at === undefined) return;
    const door: Door = await openDoor({
      transport,
      host,
      port: at,
      servers: options.servers,
      origins: options.origins,
      visitors,
      handshakes,
      counts,
      onStream(socket, ends, visit) {
        const connection = connections.adopt(ends, null, visit);
        socket.once("close", () => connection.closed("reset"));
        connection.isCertified = options.tls?.clientCertificates === "required";
        welcome(connection);
        carry(socket, connection);
      },
      onWebSocket(socket, ends, visit) {
        const connection = connections.adopt(ends, null, visit);
        socket.once("close", () => connection.closed("reset"));
        welcome(connection);
        connection.opened(
          carryWebSocket(socket, {
            receive: (text) => received(text, connection),
            onForeign: () => (counts.foreignFrames += 1),
          }),
        );
      },
    });
    opened.push(door.close);
  };
  /** All at once: phones wait for each of them. One that fails closes the others. */
  const openAll = async (host: string): Promise<void> => {
    const streams = (["TCP", "TLS", "WS", "WSS"] as const).map((each) => openStreams(host, each));
    const outcomes = await Promise.allSettled([openDatagrams(host), ...streams]);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };

  const sweepMs = Math.min(sweepMaxMs, unprovenIdleMs / 10);
  const sweeper = setInterval(() => visitors.sweep(performance.now()), sweepMs);
  const close = async (): Promise<void> => {
    clearInterval(sweeper);
    handshakes.close();
    visitors.evictAll();
    connections.closeAll();
    await Promise.all(opened.map((end) => end()));
  };
  try {
    await openAll(options.host);
    if (options.host6 !== null) await openAll(options.host6);
  } catch (error) {
    await close();
    throw error;
  }
  const send = createSender(options, connections, counts, (target) =>
    udp.get(isIpv6(target.host) ? "6" : "4"),
  );
  const boundPort = (): number | null => udp.get("4")?.port ?? null;
  return { send, connections, visitors, handshakes, counts, boundPort, close };
}

/** Datagrams, large requests over TCP where somebody answers there, and connections. */
function createSender(
  options: Pick<TransportOptions, "failed">,
  connections: Connections,
  counts: TransportCounts,
  socketFor: (target: FlowTarget) => UdpSocket | undefined,
): (target: FlowTarget, text: string) => void {
  const large = createLargeRequests();
  return (target, text) => {
    if (target.transport !== "UDP") {
      connections.send(target, text, (reason) => options.failed(target, text, reason));
      return;
    }
    const over = large.overTcp(target, text, performance.now());
    if (over === null) return socketFor(target)?.send(target, text);
    let isSettled = false;
    const fallBack = (): void => {
      if (isSettled) return;
      isSettled = true;
      counts.largeRefused += 1;
      large.remember(target, performance.now());
      socketFor(target)?.send(target, text);
    };
    const patience = setTimeout(fallBack, largePatienceMs);
    connections.send(over.target, over.text, fallBack, () => {
      clearTimeout(patience);
      if (isSettled) return false;
      isSettled = true;
      counts.largeOverTcp += 1;
      return true;
    });
  };
}
