/**
 * What a phone is told once: its address, its accounts or the gateways' targets it calls through,
 * how it answers, and its times. Plain data.
 */
import type { Timing } from "@tandem/sip";

export type Transport = "UDP" | "TCP";

/** Where something is sent. */
export interface Address {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
}

/** One registration. A phone of two sites has two, and each lives its own life. */
export interface Account {
  /** The user part of the address of record, `1001`. */
  readonly user: string;
  /** The domain of the address of record. */
  readonly domain: string;
  /** The user name of the digest; mostly `user`. */
  readonly authUser: string;
  readonly password: string;
  /** The registrar, which is also the way out for calls of this account. */
  readonly registrar: Address;
  readonly expiresSeconds: number;
}

export type AnswerMode =
  /** 180 at once, 200 after `ringMs`; with 0 there is no 180. */
  | { readonly kind: "auto"; readonly ringMs: number }
  /** 180, then whatever is commanded; 480 after `giveUpMs`. */
  | { readonly kind: "manual"; readonly giveUpMs: number }
  | { readonly kind: "reject"; readonly status: number };

export interface PhoneSettings {
  /** The phone's own address, UDP and TCP; stands in Via, Contact and SDP. */
  readonly host: string;
  readonly port: number;
  /** RTP of line n is received at `rtpPort + 2 n`. */
  readonly rtpPort: number;
  /** Without quotes; empty for none. */
  readonly displayName: string;
  readonly accounts: readonly Account[];
  /**
   * A caller without registration (a trunk's gateway) sends its calls here; when one target does
   * not answer within `tryNextAfterMs`, or with 408 or 5xx, the next is tried. Empty for a phone.
   */
  readonly targets: readonly Address[];
  /** The user part of From when there is no account. */
  readonly callerUser: string;
  readonly tryNextAfterMs: number;
  readonly answer: AnswerMode;
  /** Calls that it has at once; the next one is answered 486. */
  readonly lines: number;
  /** After a registration failed. */
  readonly registerRetryMs: number;
  /** A call that rings this long unanswered is cancelled. */
  readonly ringOutMs: number;
  readonly timing: Omit<Timing, "reliable">;
}

/** What a desk phone has. */
export const linesPreset = 4;
/** How often one request is sent again with credentials before the phone gives up. */
export const authTriesMax = 2;
/** RFC 3261 §13.3.1.4: a 2xx is repeated, and its ACK awaited, this many T1. */
export const ackWaitT1s = 64;
/** A registration is renewed when this share of it has passed, in hundredths. */
export const renewPercent = 90;

/** What a phone does unless it is told otherwise. */
export const phoneDefaults: Omit<PhoneSettings, "host" | "port" | "rtpPort"> = {
  displayName: "",
  accounts: [],
  targets: [],
  callerUser: "anonymous",
  tryNextAfterMs: 2_000,
  answer: { kind: "auto", ringMs: 0 },
  lines: linesPreset,
  registerRetryMs: 5_000,
  ringOutMs: 180_000,
  timing: { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 },
};
