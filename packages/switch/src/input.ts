import type { TlibRequest } from "@tandem/cti";
import type { SipMessage } from "@tandem/sip";
import type { SwitchConfig } from "./config.ts";

/**
 * What an edge may say to the machine (architecture.md, Edges): values only. A datagram or message
 * is handed on as it was received, with the flow it came over and who was authenticated; both nodes
 * of a pair parse it with the same pure parser.
 */
export type Input =
  /**
   * The first input of every epoch (replication.md rule 4). `isOld`: this machine may have missed
   * the last of what another did (rule 6). `saidBeforeMs`: the other left in order (rule 8), and
   * what it owed so long ago, milliseconds, had left before it; not known after a death.
   */
  | {
      readonly kind: "epochBegan";
      readonly epoch: number;
      readonly takenOver: boolean;
      readonly isOld?: boolean;
      readonly saidBeforeMs?: number | null;
    }
  /** Wall time, epoch milliseconds: for display and for leases of logins, never for timers. */
  | { readonly kind: "wallClock"; readonly wallMs: number }
  /**
   * The whole configuration of the group, compiled. Comes first after a cold start, then at each
   * change.
   */
  | { readonly kind: "configured"; readonly config: SwitchConfig }
  /** One whole SIP message, bytes read as latin1. */
  | {
      readonly kind: "sip";
      readonly flow: Flow;
      readonly text: string;
      readonly authenticated: Authenticated | null;
      readonly [readAhead]?: ReadAhead;
    }
  /** A connection that carried SIP is gone. */
  | { readonly kind: "flowClosed"; readonly name: string; readonly remoteHost: string }
  /** What an effect `sip` asked for could not be sent: nobody listens, or no connection came up. */
  | {
      readonly kind: "sipFailed";
      readonly target: FlowTarget;
      readonly reason: "refused" | "timeout" | "reset";
      readonly text: string;
    }
  /** What the name service knows of a name that effect `resolve` asked for (RFC 3263 §4). */
  | { readonly kind: "resolved"; readonly name: string; readonly records: readonly Located[] }
  /** The value of an Authorization header that effect `sign` asked for; null without a secret. */
  | { readonly kind: "signed"; readonly id: string; readonly value: string | null }
  /** RegisterClient of a connection whose token the edge verified. */
  | {
      readonly kind: "ctiRegister";
      readonly connection: string;
      readonly referenceID: number;
      readonly identity: Identity;
      readonly applicationName: string;
      readonly resume: Resume | null;
    }
  /** A request that passed its schema. */
  | { readonly kind: "ctiRequest"; readonly connection: string; readonly request: TlibRequest }
  | { readonly kind: "ctiClosed"; readonly connection: string }
  /** Nothing happened but time (a due timer). */
  | { readonly kind: "tick" };

/**
 * Under this key an input `sip` may carry what the edge has read from `text` already, so that this
 * node need not read it twice. A symbol: whatever ships, records or compares an input does not see
 * it, and without it the machine reads the text itself, to the same result.
 */
export const readAhead: unique symbol = Symbol("readAhead");

export interface ReadAhead {
  /** What `parseMessage` makes of the text. */
  readonly message: SipMessage;
  /** Whether it is a request that `validateRequest` finds sound. */
  readonly isValid: boolean;
}

/**
 * A way back to whoever sent a message. `name` is `(epoch, number)` for a connection, empty for
 * UDP, whose flow is its pair of addresses.
 */
export interface Flow {
  readonly transport: Transport;
  readonly name: string;
  readonly localHost: string;
  readonly localPort: number;
  readonly remoteHost: string;
  readonly remotePort: number;
}

export type Transport = "UDP" | "TCP" | "TLS" | "WS" | "WSS";

/**
 * Where an effect sends: over the connection `name` while it is open, else to the address: for TCP
 * over a connection that the edge opens or already has to that address.
 */
export interface FlowTarget {
  readonly transport: Transport;
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * What the signalling edge proved about a request's sender with the digest credentials it carries.
 */
export interface Authenticated {
  /** The user whose secret made the response. */
  readonly user: string;
  /** The nonce was genuine but has expired: the machine answers `stale=true`. */
  readonly isStale: boolean;
  readonly nonce: string;
  /** The nonce count, checked by the machine (a count not above the last seen is a replay). */
  readonly nonceCount: number;
  /**
   * A ready 401/407 challenge for this request, for the machine to answer a stale or replayed one.
   */
  readonly challenge: string;
}

/**
 * One address of a name, as NAPTR, SRV and A or AAAA records give it: to be tried by priority, and
 * among equals by weight (RFC 2782). A name that is not known has none.
 */
export interface Located {
  /** The name that was asked for, where the machine keeps it. */
  readonly name?: string;
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  readonly ttlMs: number;
}

/** Whose session it is, from a verified token. */
export interface Identity {
  readonly userName: string;
  readonly role: "agent" | "supervisor" | "administrator" | "server";
  /** Agent Login codes that the person may log in with. */
  readonly agentLogins: readonly string[];
  /** DNs of the person's Places; a session may register no other, but for supervisors. */
  readonly dns: readonly string[];
  /** The token has expired: good only to resume a session that exists. */
  readonly isExpired: boolean;
}

/** Where a client stopped reading (cti.md, Session). */
export interface Resume {
  readonly serverStartTime: number;
  readonly sessionID: string;
  readonly eventSequenceNumber: number;
}
