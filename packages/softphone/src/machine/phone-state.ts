/**
 * A phone as plain data: its registrations, its calls, the transactions under way and its timers.
 * `stepPhone` owns it. Rows name each other by id.
 */
import { createTimers, type Timers } from "@tandem/kernel";
import type {
  Dialog,
  Direction,
  HeaderPair,
  InviteClient,
  InviteServer,
  NonInviteClient,
  NonInviteServer,
} from "@tandem/sip";
import type { Address, AnswerMode, PhoneSettings } from "./settings.ts";

export interface PhoneState {
  readonly settings: PhoneSettings;
  /** Changed by a command. */
  answer: AnswerMode;
  /** Index by account. */
  readonly registrations: Registration[];
  readonly calls: Map<number, Call>;
  readonly transactions: Map<string, Transaction>;
  readonly timers: Timers;
  nextCall: number;
  stopping: "no" | "asked" | "done";
  /** Calls that are over here, whose BYE was lost with its connection; the last `byesOwedMax`. */
  readonly byesOwed: ByeOwner[];
}

export interface ByeOwner {
  readonly kind: "bye";
  readonly dialog: Dialog;
  readonly account: number | null;
  readonly authTries: number;
}

export interface Registration {
  readonly account: number;
  readonly callId: string;
  readonly fromTag: string;
  cseq: number;
  phase: RegistrationPhase;
  /**
   * The challenge this account answered last, for whatever request; used again until it is refused.
   */
  credentials: Credentials | null;
  /** What the registrar last demanded (423), or the account's own. */
  expiresSeconds: number;
}

export type RegistrationPhase =
  | { readonly kind: "idle" }
  | { readonly kind: "registering"; readonly authTries: number; readonly wasRegistered: boolean }
  | { readonly kind: "registered" }
  | { readonly kind: "waiting" }
  | { readonly kind: "unregistering"; readonly authTries: number };

export interface Credentials {
  readonly challenge: string;
  /** Authorization or Proxy-Authorization. */
  readonly header: "authorization" | "proxy-authorization";
  /** How often the nonce was used. */
  nonceCount: number;
}

export interface Call {
  readonly id: number;
  readonly line: number;
  readonly direction: "in" | "out";
  readonly callId: string;
  /** Whose account, or null for a caller without one. */
  account: number | null;
  readonly sdpSessionId: string;
  sdpVersion: number;
  /** Whether this side holds the call. */
  isHeld: boolean;
  /** What the other side last offered or answered; null before it said anything. */
  remoteMedia: RemoteMedia | null;
  phase: CallPhase;
}

export interface RemoteMedia {
  readonly host: string;
  readonly port: number;
  /** As the other side sees it: `sendonly` means that it only sends. */
  readonly direction: Direction;
}

export type CallPhase =
  /** Our INVITE is out. */
  | {
      readonly kind: "placing";
      readonly dialled: Dialled;
      /** Index into the ways. */
      readonly way: number;
      readonly attempt: Attempt;
    }
  /** Their INVITE has no final answer yet. */
  | {
      readonly kind: "ringing";
      readonly serverId: string;
      readonly dialog: Dialog;
      readonly source: Address;
    }
  | Talking;

export interface Talking {
  readonly kind: "talking";
  readonly dialog: Dialog;
  /** Where the other side was last seen: our requests go there when its URI is a name. */
  flow: Address;
  /** The 2xx we sent and repeat until its ACK comes. */
  unacknowledged: Unacknowledged | null;
  /** The ACK of the last 2xx we got, to be repeated. */
  ack: SentAck | null;
  /** Our re-INVITE that has no final answer. */
  reinvite: Reinvite | null;
  /** Reported as established. */
  isEstablished: boolean;
  /** Hung up by us before our 2xx was acknowledged: BYE follows the ACK (RFC 3261 §15). */
  isEnding: boolean;
}

/** What was asked for, and the ways to get there, in the order in which they are tried. */
export interface Dialled {
  /** A SIP URI, or a number. */
  readonly uri: string;
  readonly headers: readonly HeaderPair[];
  readonly ways: readonly Way[];
  /** How often the call was redirected (3xx). */
  readonly redirects: number;
}

export interface Way {
  readonly address: Address;
  readonly account: number | null;
}

/** One INVITE of ours towards one target. */
export interface Attempt {
  readonly clientId: string;
  readonly request: string;
  readonly authTries: number;
  /** Any provisional response came: it can be cancelled, and is not tried elsewhere. */
  readonly isProvisional: boolean;
  readonly isRinging: boolean;
}

export interface Unacknowledged {
  readonly text: string;
  readonly cseq: number;
  readonly serverId: string;
  readonly resendMs: number;
  /** Our 2xx carried an offer: the ACK must bring the answer. */
  readonly awaitsAnswer: boolean;
}

export interface SentAck {
  readonly cseq: number;
  readonly text: string;
}

export interface Reinvite {
  readonly wantsHold: boolean;
  /** What it was before, for when it is refused. */
  readonly wasHeld: boolean;
  readonly authTries: number;
}

export type Transaction =
  | {
      readonly kind: "inviteClient";
      readonly state: InviteClient;
      readonly flow: Address;
      readonly owner: ClientOwner;
    }
  | {
      readonly kind: "nonInviteClient";
      readonly state: NonInviteClient;
      readonly flow: Address;
      readonly owner: ClientOwner;
    }
  /** `request` is kept while it has no final answer: responses are written from it. */
  | {
      readonly kind: "inviteServer";
      readonly state: InviteServer;
      readonly flow: Address;
      readonly request: string;
    }
  | { readonly kind: "nonInviteServer"; readonly state: NonInviteServer; readonly flow: Address };

/** What a request of ours was for. */
export type ClientOwner =
  | { readonly kind: "register"; readonly account: number; readonly cseq: number }
  | { readonly kind: "invite"; readonly call: number }
  /** An INVITE that was given up: a late 2xx is acknowledged and hung up, a late 1xx cancelled. */
  | {
      readonly kind: "abandoned";
      readonly request: string;
      readonly account: number | null;
      readonly isCancelled: boolean;
      /** Its 2xx came: BYE is sent, and only the ACK repeated. */
      readonly isEnded: boolean;
    }
  | { readonly kind: "reinvite"; readonly call: number }
  | ByeOwner
  | { readonly kind: "nobody" };

/** A phone that does nothing until `started` or a call. */
export function createPhoneState(settings: PhoneSettings): PhoneState {
  return {
    settings,
    answer: settings.answer,
    registrations: [],
    calls: new Map(),
    transactions: new Map(),
    timers: createTimers(),
    nextCall: 1,
    stopping: "no",
    byesOwed: [],
  };
}
