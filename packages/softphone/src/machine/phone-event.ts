/**
 * What a phone is told (inputs), what it does to the world (effects), and what it reports to
 * whoever uses it (reports). Closed unions of plain data.
 */
import type { Direction } from "@tandem/sip";
import type { Address, AnswerMode } from "./settings.ts";

export type PhoneInput =
  /** Switched on: the accounts register. */
  | { readonly kind: "started" }
  /** One whole SIP message. */
  | { readonly kind: "message"; readonly source: Address; readonly text: string }
  /** A timer may be due (`nextPhoneDeadline`). */
  | { readonly kind: "tick" }
  /** A message could not be sent: nobody listens, or no connection came up. */
  | { readonly kind: "sendFailed"; readonly target: Address; readonly text: string }
  /** A connection is gone. */
  | { readonly kind: "connectionClosed"; readonly target: Address }
  | PhoneCommand;

/** Commands without `call` are about the newest call. */
export type PhoneCommand =
  /** `uri` is a SIP URI or a number. */
  | {
      readonly kind: "call";
      readonly uri: string;
      readonly account?: number;
      readonly headers?: readonly (readonly [string, string])[];
    }
  | { readonly kind: "answer"; readonly call?: number }
  /** Ends a call in whatever phase: CANCEL, a refusal, or BYE. */
  | { readonly kind: "hangup"; readonly call?: number; readonly status?: number }
  | { readonly kind: "hold"; readonly call?: number }
  | { readonly kind: "retrieve"; readonly call?: number }
  /** In-dialog OPTIONS, sent once and never repeated: a probe of who answers. */
  | { readonly kind: "probe"; readonly call?: number }
  /**
   * REFER (RFC 3515): the other side is sent to a number, or with `to` to whom another call of this
   * phone talks (RFC 5589 §7).
   */
  | {
      readonly kind: "refer";
      readonly call?: number;
      readonly number: string;
      readonly to?: number;
    }
  | { readonly kind: "setAnswer"; readonly answer: AnswerMode }
  /** Registers again now, whatever the phase. */
  | { readonly kind: "register" }
  /** Ends all calls and takes the registrations back. */
  | { readonly kind: "stop" };

/** In the order in which they must leave. */
export type PhoneEffect =
  | { readonly kind: "send"; readonly target: Address; readonly text: string }
  /** RTP of one call: begins, changes, or ends when `media` is null. */
  | { readonly kind: "media"; readonly call: number; readonly media: Media | null }
  | { readonly kind: "report"; readonly report: PhoneReport };

export interface Media {
  readonly localPort: number;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly isSending: boolean;
}

export type EndCause =
  /** The other side said BYE, or CANCEL before the answer. */
  | "remote"
  | "cancelled"
  /** We did. */
  | "local"
  /** 486, 600. */
  | "busy"
  /** 603, 403, 404 … : `status` says which. */
  | "refused"
  /** 408, 480, rang out. */
  | "noAnswer"
  /** No target answered at all. */
  | "unreachable"
  /** Our 2xx was never acknowledged, or the dialog is unknown at the other side. */
  | "lost"
  /** Offer and answer have no codec in common, or a message is unusable. */
  | "media";

export type PhoneReport =
  | {
      readonly kind: "registered";
      readonly account: number;
      readonly expiresSeconds: number;
      readonly isRenewal: boolean;
    }
  | {
      readonly kind: "registrationFailed";
      readonly account: number;
      readonly reason: "timeout" | "transport" | "refused";
      readonly status?: number;
      readonly retryInMs: number;
    }
  | { readonly kind: "unregistered"; readonly account: number }
  /** A call begins; `source` is whoever sent the INVITE. */
  | {
      readonly kind: "incoming";
      readonly call: number;
      readonly account: number | null;
      readonly source: Address;
      readonly from: string;
      readonly fromDisplay: string;
      readonly to: string;
      readonly callId: string;
    }
  | {
      readonly kind: "placing";
      readonly call: number;
      readonly target: Address;
      readonly callId: string;
    }
  /** The other side says that it rings (180). */
  | { readonly kind: "ringing"; readonly call: number }
  | {
      readonly kind: "established";
      readonly call: number;
      readonly direction: "in" | "out";
      readonly callId: string;
    }
  | { readonly kind: "held"; readonly call: number; readonly by: "local" | "remote" }
  | { readonly kind: "retrieved"; readonly call: number; readonly by: "local" | "remote" }
  /** Hold or retrieve was refused; everything is as before. */
  | { readonly kind: "holdFailed"; readonly call: number; readonly status: number }
  /** The dialog's other end is now somewhere else (a re-INVITE from another address). */
  | { readonly kind: "moved"; readonly call: number; readonly source: Address }
  | {
      readonly kind: "media";
      readonly call: number;
      readonly remoteHost: string;
      readonly remotePort: number;
      readonly direction: Direction;
    }
  | {
      readonly kind: "ended";
      readonly call: number;
      readonly cause: EndCause;
      readonly status?: number;
      readonly wasEstablished: boolean;
    }
  | {
      readonly kind: "probeAnswered";
      readonly call: number;
      readonly cseq: number;
      readonly status: number;
    }
  /** All is said: every call ended, every registration taken back. */
  | { readonly kind: "stopped" };
