import type { Flow, FlowTarget, Transport } from "@tandem/switch";
import { isIpv6, placeOf, plainHost } from "./address.ts";
import type { Visit } from "./visitors.ts";

/**
 * The connections that carry SIP, whatever they run over. Each is a flow named (epoch, number), and
 * is found by that name, else by the far end's address, else by an alias that the far end asked for
 * (RFC 5923). What cannot be sent is told, so that a transaction need not wait for its timer.
 */
export interface Connections {
  readonly adopt: (ends: Ends, carrier: Carrier | null, visit: Visit | null) => Connection;
  /** `undelivered` when it cannot be sent; `delivered` is asked just before it is written. */
  readonly send: (
    target: FlowTarget,
    text: string,
    undelivered: Undelivered,
    delivered?: Delivered,
  ) => void;
  /** Requests to that place go over this connection from now on, while it is open. */
  readonly alias: (name: string, host: string, port: number) => void;
  readonly byName: (name: string) => Connection | undefined;
  readonly count: (transport: Transport) => number;
  readonly total: () => number;
  readonly counts: { slowReaders: number };
  readonly closeAll: () => void;
}

export type FailureReason = "refused" | "timeout" | "reset";
/** Asked when a message can be written; false when it went another way meanwhile. */
export type Delivered = () => boolean;
export type Undelivered = (reason: FailureReason) => void;

/** What a connection can do: a stream or a WebSocket. */
export interface Carrier {
  readonly write: (text: string) => void;
  readonly unsentBytes: () => number;
  readonly destroy: () => void;
}

export interface Ends {
  readonly transport: Transport;
  readonly localHost: string;
  readonly localPort: number;
  readonly remoteHost: string;
  readonly remotePort: number;
}

export interface Connection {
  readonly flow: Flow;
  readonly visit: Visit | null;
  /** Null until it is up. */
  carrier: Carrier | null;
  /** Over it came a request with right credentials. */
  isProven: boolean;
  /** The far end showed a certificate that we trust. */
  isCertified: boolean;
  readonly waiting: Waiting[];
  readonly aliases: string[];
  readonly opened: (carrier: Carrier) => void;
  readonly closed: (reason: FailureReason) => void;
}

interface Waiting {
  readonly text: string;
  readonly undelivered: Undelivered;
  readonly delivered: Delivered;
}

export interface ConnectionsOptions {
  readonly epoch: number;
  /** Begins a connection of our own, or null where that transport cannot be dialled. */
  readonly dial: (target: FlowTarget) => Connection | null;
  readonly flowClosed: (flow: Flow) => void;
}

/** A far end that has so much unread is closed: better an error now than memory. */
export const unsentBytesMax = 1_048_576;
/** Messages that wait for a connection to come up. */
const waitingMax = 1_000;
const aliasesMax = 4;

export function createConnections(options: ConnectionsOptions): Connections {
  const byName = new Map<string, Connection>();
  const byPlace = new Map<string, Connection>();
  const perTransport: Record<Transport, number> = { UDP: 0, TCP: 0, TLS: 0, WS: 0, WSS: 0 };
  const counts = { slowReaders: 0 };
  let nextNumber = 1;

  function adopt(ends: Ends, carrier: Carrier | null, visit: Visit | null): Connection {
    const name = `${options.epoch}.${nextNumber}`;
    nextNumber += 1;
    const remoteHost = plainHost(ends.remoteHost);
    const flow: Flow = { ...ends, name, remoteHost };
    const place = placeOf(ends.transport, remoteHost, ends.remotePort);
    const connection: Connection = {
      flow,
      visit,
      carrier,
      isProven: false,
      isCertified: false,
      waiting: [],
      aliases: [place],
      opened(now) {
        connection.carrier = now;
        for (const { text, delivered } of connection.waiting.splice(0)) {
          if (delivered()) now.write(text);
        }
      },
      closed(reason) {
        if (!byName.delete(name)) return;
        perTransport[ends.transport] -= 1;
        for (const each of connection.aliases) {
          if (byPlace.get(each) === connection) byPlace.delete(each);
        }
        visit?.leave();
        for (const { undelivered } of connection.waiting.splice(0)) undelivered(reason);
        options.flowClosed(flow);
      },
    };
    byName.set(name, connection);
    byPlace.set(place, connection);
    perTransport[ends.transport] += 1;
    return connection;
  }

  function send(
    target: FlowTarget,
    text: string,
    undelivered: Undelivered,
    delivered: Delivered = always,
  ): void {
    const place = placeOf(target.transport, plainHost(target.host), target.port);
    const named = target.name === "" ? undefined : byName.get(target.name);
    const connection = named ?? byPlace.get(place) ?? options.dial(target);
    if (connection === null) return undelivered("refused");
    const { carrier } = connection;
    if (carrier === null) {
      if (connection.waiting.length >= waitingMax) return undelivered("timeout");
      connection.waiting.push({ text, undelivered, delivered });
      return;
    }
    if (carrier.unsentBytes() > unsentBytesMax) {
      counts.slowReaders += 1;
      carrier.destroy();
      return undelivered("timeout");
    }
    if (delivered()) carrier.write(text);
  }

  return {
    adopt,
    send,
    alias(name, host, port) {
      const connection = byName.get(name);
      if (connection === undefined || connection.aliases.length >= aliasesMax) return;
      const place = placeOf(connection.flow.transport, plainHost(host), port);
      if (byPlace.has(place)) return; // the first one keeps it
      connection.aliases.push(place);
      byPlace.set(place, connection);
    },
    byName: (name) => byName.get(name),
    count: (transport) => perTransport[transport],
    total: () => byName.size,
    counts,
    closeAll() {
      for (const { carrier } of byName.values()) carrier?.destroy();
    },
  };
}

const always: Delivered = () => true;

/** From which of our addresses a place is reached; undefined where we have none of its kind. */
export function localHostFor(
  hosts: { readonly host: string; readonly host6: string | null },
  remoteHost: string,
): string | undefined {
  if (!isIpv6(remoteHost)) return isIpv6(hosts.host) ? undefined : hosts.host;
  return hosts.host6 ?? (isIpv6(hosts.host) ? hosts.host : undefined);
}
