import type { LogTimeMs } from "@tandem/kernel";
import type { InviteClient, InviteServer, NonInviteClient, NonInviteServer } from "@tandem/sip";
import type { Digits } from "../calls/request-on-call.ts";
import type { LegKey } from "../calls/call.ts";
import type { FlowTarget } from "../input.ts";

/**
 * The table of transactions (RFC 3261 §17): the machines are `@tandem/sip`'s; a row adds where its
 * messages go and whose it is. What an answer means is decided by the owner, one layer up.
 */
export type Transaction = ClientTransaction | ServerTransaction;

export interface ClientTransaction {
  readonly role: "client";
  /** Branch and method. */
  readonly key: string;
  readonly method: string;
  target: FlowTarget;
  owner: Owner;
  /** When it last sent something. */
  sentAt: LogTimeMs;
  /** It has done its work and stays for repeats. */
  lingers: boolean;
  /** Its request has been sent; false while it waits for its phone's flow. */
  isSent: boolean;
  machine:
    | { readonly kind: "invite"; readonly state: InviteClient }
    | { readonly kind: "nonInvite"; readonly state: NonInviteClient };
  /** The INVITE as sent; kept as long as a dialog or CANCEL may have to be made from it. */
  text: string;
  /** The ACK of the 2xx, sent again when the 2xx is repeated. */
  ack: string;
  hasProvisional: boolean;
  /** CANCEL waits for the first provisional response (RFC 3261 §9.1). */
  isCancelWanted: boolean;
  /** The Reason of that CANCEL. */
  cancelReason: string | null;
}

export interface ServerTransaction {
  readonly role: "server";
  /** Branch, sent-by and method. */
  readonly key: string;
  target: FlowTarget;
  /** When it last sent something. */
  sentAt: LogTimeMs;
  /** It has done its work and stays for repeats. */
  lingers: boolean;
  machine:
    | { readonly kind: "invite"; readonly state: InviteServer }
    | { readonly kind: "nonInvite"; readonly state: NonInviteServer };
  /** The request as received, until its final response is built. */
  text: string;
  /** Of every response but 100. */
  toTag: string;
  /** The leg whose INVITE it is. */
  owner: LegKey | null;
}

/** Whose request it was, and so who understands its answer. */
export type Owner =
  | ({ readonly kind: "invite" } & LegKey)
  | ({ readonly kind: "talk" } & LegKey)
  | ({ readonly kind: "probe" } & LegKey)
  | ({ readonly kind: "refresh" } & LegKey)
  | ({ readonly kind: "dtmf"; readonly digits: Digits } & LegKey)
  /** A request of leg `asker`, in the transaction named, sent on to this leg. */
  | ({
      readonly kind: "relay";
      readonly asker: number;
      readonly transaction: string;
    } & LegKey)
  /** An INVITE nobody waits for any more: a 2xx gets its ACK, and BYE where the dialog is new. */
  | { readonly kind: "abandoned"; readonly withBye: boolean }
  | { readonly kind: "check"; readonly dn: string }
  | { readonly kind: "trunkCheck"; readonly trunk: string; readonly place: string }
  | { readonly kind: "trunkRegister"; readonly trunk: string; readonly isSigned: boolean }
  | { readonly kind: "peerOptions"; readonly index: number }
  | { readonly kind: "peerSubscribe" }
  | { readonly kind: "peerNotify" }
  | { readonly kind: "nobody" };
