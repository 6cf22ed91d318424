import {
  createClientSession,
  type ClientSession,
  type EventError,
  type ServerRole,
  type TlibEvent,
  type UnnumberedRequest,
} from "@tandem/cti";
import {
  connectionDeadline,
  createConnection,
  isLinked,
  type Connection,
  type ConnectionEffect,
  type ConnectionTimes,
} from "../connection/connection.ts";

/**
 * Both nodes of a pair, and the one session that lives on whichever serves (cti.md, Session;
 * continuity R7's facts). Each connection registers as a client. A node that does not serve answers
 * `backup` and is kept; when it says that it serves, it is asked again with `resume`, and the
 * session goes on there at the very event where it stopped. Of two that say they serve, the one of
 * the highest epoch seen is right; the other is taken for gone.
 *
 *   node a  linked, primary, epoch 4 ◀── session ──┐ a dies, or b tells a higher epoch
 *   node b  linked, backup                         └──▶ b: resume → session there
 */
export interface Pair {
  readonly nodes: readonly PairNode[];
  readonly session: ClientSession;
  /** Index of the node where the session is, or null. */
  readonly servingIndex: number | null;
  readonly epochMax: number;
  readonly token: string;
  readonly isStopped: boolean;
}

export interface PairNode {
  readonly connection: Connection;
  /** What the node last said of itself; null while it is not linked. */
  readonly said: { readonly role: ServerRole; readonly epoch: number } | null;
  /** A RegisterClient without answer yet, and until when one may come. */
  readonly registering: { readonly referenceID: number; readonly deadline: number } | null;
}

export interface PairOptions {
  readonly token: string;
  readonly applicationName: string;
  /** One or two addresses: `ws://127.0.1.11:7000/tlib`. */
  readonly urls: readonly string[];
  readonly addpTimeoutSeconds: number;
  readonly addpRemoteTimeoutSeconds: number;
}

export interface PairContext {
  readonly nowMs: number;
  readonly entropy: number;
  readonly times: ConnectionTimes;
  readonly options: PairOptions;
}

export type PairEvent =
  | { readonly kind: "start" }
  | { readonly kind: "socketOpened"; readonly id: string }
  | { readonly kind: "socketClosed"; readonly id: string; readonly reason: string }
  | { readonly kind: "frame"; readonly id: string; readonly text: string }
  | { readonly kind: "request"; readonly request: UnnumberedRequest }
  | { readonly kind: "tokenRenewed"; readonly token: string }
  | { readonly kind: "clock" }
  | { readonly kind: "stop" };

export type PairEffect = ConnectionEffect | PairReport;

/** What the user of the pair is told. */
export type PairReport =
  /** Which node is connected, what it says, which one serves. */
  | { readonly kind: "changed"; readonly view: PairView }
  | {
      readonly kind: "sessionOpened";
      readonly isResumed: boolean;
      /** The machine's cold start: another one is another history. */
      readonly serverStartTime: number;
    }
  /** The session could not go on: unanswered requests are unknown, the DNs must be read again. */
  | { readonly kind: "resumeTooOld" }
  /** A node refused the client itself: its token, its number of sessions. */
  | { readonly kind: "clientRefused"; readonly error: EventError }
  /** A request was taken and has this number. */
  | { readonly kind: "accepted"; readonly referenceID: number }
  /** No session: the request was not sent and never will be. */
  | { readonly kind: "notSent" }
  | { readonly kind: "delivered"; readonly event: TlibEvent }
  | { readonly kind: "answered"; readonly referenceID: number; readonly event: TlibEvent }
  | { readonly kind: "unknown"; readonly referenceID: number }
  /** A frame that is no message of the protocol; it is ignored. */
  | { readonly kind: "malformed"; readonly detail: string };

export interface PairView {
  readonly nodes: readonly NodeView[];
  /** Index of the node that serves this client, or null. */
  readonly servingIndex: number | null;
}

export interface NodeView {
  readonly url: string;
  readonly isConnected: boolean;
  readonly role: ServerRole | null;
  readonly epoch: number | null;
}

export interface PairStep {
  readonly next: Pair;
  readonly effects: readonly PairEffect[];
}

export function createPair(options: PairOptions): Pair {
  const nodes = options.urls.map((url, index) => ({
    connection: createConnection(index === 0 ? "a" : "b", url),
    said: null,
    registering: null,
  }));
  return {
    nodes,
    session: createClientSession(),
    servingIndex: null,
    epochMax: 0,
    token: options.token,
    isStopped: false,
  };
}

export function viewOf(pair: Pair): PairView {
  return {
    nodes: pair.nodes.map(({ connection, said }) => ({
      url: connection.url,
      isConnected: isLinked(connection),
      role: said?.role ?? null,
      epoch: said?.epoch ?? null,
    })),
    servingIndex: pair.servingIndex,
  };
}

export function pairDeadline(pair: Pair): number | undefined {
  const deadlines = pair.nodes
    .flatMap(({ connection, registering }) => [
      connectionDeadline(connection),
      registering?.deadline,
    ])
    .filter((deadline) => deadline !== undefined);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}
