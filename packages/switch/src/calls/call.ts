import type { UserData } from "@tandem/cti";
import type { LogTimeMs } from "@tandem/kernel";
import type { Dialog } from "@tandem/sip";
import type { FlowTarget } from "../input.ts";
import type { Answers } from "../sessions/ring.ts";

/**
 * A call between two parties, with the server as back-to-back user agent between their two legs:
 *
 *     caller ⇄ origination │ call │ destination ⇄ callee
 *                                   forks: the callee's other phones, while they ring
 *     departing: a party that hands its part over, until the new one has it
 *
 * A leg has its place (its side) and its name (its id): places change when parties do, names never.
 * A leg's dialog is one value: whatever another address would need to go on with it.
 */
export interface Call {
  /** Names the row: its ConnID, and more where a call comes by twice (over both kinds of hop). */
  readonly key: string;
  readonly connID: string;
  readonly callUUID: string;
  readonly callID: number;
  readonly callType: CallType;
  readonly startedAt: LogTimeMs;
  userData: UserData;
  readonly ani: string;
  readonly dnis: string;
  /** The DN that calls, where it is one of this group; its phone may dial out. */
  readonly callerDn: string | null;
  hopsUsed: readonly HopPurpose[];
  /** The queue through which it came to the callee it has now. */
  queue: string | null;
  /** DNs that have forwarded it, in order. */
  forwardedBy: readonly string[];
  origination: Leg;
  destination: Leg | null;
  /** The callee's other phones that were called at the same time and have not refused. */
  readonly forks: Leg[];
  departing: Leg | null;
  /** The media DN that speaks to a caller in a queue. */
  announcement: Leg | null;
  /** Contacts, trunks or nodes to try when those under way fail: a group at a time. */
  untried: Alternative[][];
  /** The best refusal so far (RFC 3261 §16.7 item 6). */
  refusal: Refusal | null;
  /** The call under way to whoever the departing party gives its part to. */
  handover: Handover | null;
  /** The call that this one consults about. */
  consult: Consultation | null;
  /** Who passed the call on before it came where it goes (RFC 5806), oldest first. */
  diversions: readonly Diversion[];
  /** The caller wants its number kept from those who are not trusted (RFC 3323). */
  isPrivate: boolean;
  /** Whose UPDATE with an offer waits for the other party's answer. */
  updatedBy: number | null;
  /** What the next INVITE of the call may still say in Max-Forwards. */
  maxForwards: number;
  nextLegId: number;
  /** The offer/answer exchange under way; a second one is refused with 491 (RFC 3261 §14.2). */
  exchange: Exchange;
}

export interface Diversion {
  readonly number: string;
  readonly reason: DiversionReason;
}

export type DiversionReason =
  | "unconditional"
  | "user-busy"
  | "no-answer"
  | "deflection"
  | "unavailable"
  | "time-of-day";

export interface Handover {
  /** Where the departing party stood, should it have to go on. */
  readonly side: Side;
  readonly otherDN: string;
  /** It is done as soon as the new party rings, not only when it answers. */
  readonly isDoneAtRinging: boolean;
  readonly answers: Answers | null;
  /** The departing party asked with REFER, and is told of the progress with NOTIFY. */
  readonly isNotified: boolean;
}

export interface Consultation {
  readonly mainCall: string;
  readonly mainConnID: string;
  /** The transfer is completed as soon as the consulted party rings: what it answers. */
  readonly muteTransfer: Answers | null;
  /** The main call comes back if nobody can be consulted. */
  readonly isRetrieving: boolean;
}

export type CallType = "Internal" | "Inbound" | "Outbound" | "Consult" | "Unknown";
export type HopPurpose = "origin" | "destination" | "queue";
export type Side = 0 | 1;

/** A leg by name. */
export interface LegKey {
  readonly call: string;
  readonly leg: number;
}

export interface Refusal {
  readonly status: number;
  readonly reason: string | undefined;
}

export type Party =
  /** A DN of this site: its desktops see events. */
  | { readonly kind: "dn"; readonly number: string }
  /** Someone beyond a trunk, or a DN at the peer, which has its own events there. */
  | { readonly kind: "external"; readonly number: string; readonly trunk: string | null };

export function trunkOf(leg: Leg): string | null {
  return leg.party.kind === "external" ? leg.party.trunk : null;
}

export interface Leg {
  /** Unique in its call. */
  id: number;
  side: Side;
  /** What its party's desktops are told: the one who called, or who was called. */
  role: PartyRole;
  readonly party: Party;
  /** Name to show, from the From header of an incoming leg, without quotes; may be empty. */
  readonly displayName: string;
  state: LegState;
  callId: string;
  readonly localTag: string;
  /** What the far end has said of itself. */
  abilities: Abilities;
  /** The whole dialog; null until the far end has given its tag. */
  dialog: Dialog | null;
  /** Where in-dialog requests go. */
  target: FlowTarget;
  /** A server INVITE transaction of this leg that has no final response yet. */
  serverInvite: string | null;
  /** A client INVITE transaction of this leg that has no final response yet. */
  clientInvite: string | null;
  /** The one before it, given up with its flow; a late 2xx of it is as good. */
  renewed: string | null;
  /** A 2xx that was sent and is repeated until its ACK comes. */
  unacknowledged: Unacknowledged | null;
  /** A reliable provisional response that waits for its PRACK, and those that wait for it. */
  provisional: OwedProvisional | null;
  readonly waiting: Provisional[];
  rseqSent: number;
  /** RSeq of the far end's last reliable response; 0 before the first. */
  rseqHeard: number;
  sessionTimer: SessionTimer | null;
  /** The shortest interval that the far end takes, in seconds (RFC 4028 §5); 0 when unsaid. */
  minSe: number;
  /** CSeq of an INVITE of ours whose 2xx waits for our ACK (it carries the answer). */
  ackOwed: number | null;
  /** The transaction of the last INVITE of ours that was answered with a 2xx: it keeps our ACK. */
  acknowledges: string | null;
  /** Session descriptions as the far end saw and gave them. */
  session: SessionDescription;
  /** The far end put its peer on hold, or its desktop did. */
  isHolding: boolean;
  /** What this party says is kept from the other. */
  isMuted: boolean;
  /** The AnswerCall under way, answered by EventEstablished. */
  answerAskedBy: Answers | null;
  /** What this party's desktops were told last. */
  announced: "nothing" | "dialing" | "ringing" | "established" | "held";
  /** For a leg over the peer trunk: what the hop is for. */
  hop: HopPurpose | null;
}

export type PartyRole = "Origination" | "Destination";

/** From Supported, Require and Allow. */
export interface Abilities {
  /** Reliable provisional responses (RFC 3262). */
  readonly reliable: boolean;
  /** Session timers (RFC 4028). */
  readonly timer: boolean;
  /** UPDATE (RFC 3311). */
  readonly update: boolean;
}

export type LegState =
  /** INVITE received or sent, nothing final, nothing provisional above 100. */
  | "trying"
  | "ringing"
  | "confirmed"
  /** Over, but for a BYE that must wait for the ACK (RFC 3261 §15). */
  | "closing"
  | "ended";

export interface Alternative {
  readonly requestUri: string;
  /** Route headers (Path of a registration). */
  readonly route: readonly string[];
  /** Headers for this one alone (Replaces). */
  readonly headers: readonly (readonly [string, string])[];
  readonly target: FlowTarget;
  readonly trunk?: string;
  /** Others of the same callee are called at the same time. */
  readonly isForked?: boolean;
}

/** A provisional response for the caller; `from` names the reliable one that it passes on. */
export interface Provisional {
  readonly status: number;
  readonly description: string;
  readonly from: { readonly leg: number; readonly rseq: number; readonly cseq: number } | null;
}

export interface OwedProvisional {
  readonly rseq: number;
  readonly text: string;
  intervalMs: number;
  readonly giveUpAt: LogTimeMs;
  readonly from: NonNullable<Provisional["from"]>;
}

export interface SessionTimer {
  readonly seconds: number;
  readonly refresher: "us" | "them";
  /** The far end takes part (RFC 4028); else we only look whether it is there. */
  readonly isAgreed: boolean;
}

export interface Unacknowledged {
  readonly text: string;
  intervalMs: number;
  readonly giveUpAt: LogTimeMs;
}

/**
 * Offer/answer towards the far end of one leg. Every description sent carries an origin of ours
 * with one session id, and a version that rises exactly when the text differs (RFC 3264 §8),
 * wherever the description came from.
 */
export interface SessionDescription {
  readonly originId: string;
  version: number;
  /** The last one sent to the far end, without its `o=` line; empty before the first. */
  sent: string;
  /** The last one the far end gave. */
  received: string;
}

export type Exchange =
  | { readonly kind: "none" }
  /**
   * The caller's INVITE, relayed to the callee. `offerInInvite` false: the ACK carries the answer.
   */
  | {
      readonly kind: "setup";
      readonly offerInInvite: boolean;
      /** Offer and answer have passed already, in reliable provisional responses and PRACK. */
      readonly isSettled: boolean;
    }
  /** A re-INVITE of `from`, relayed to the other side. */
  | {
      readonly kind: "reinvite";
      readonly from: Side;
      readonly offerInInvite: boolean;
      /** It came as UPDATE, in this transaction, to a far end that takes none. */
      readonly update: string | null;
      /** It came in a new dialog that takes the place of this leg's (RFC 3891). */
      readonly replaced?: number;
    }
  /** A re-INVITE of ours that changes nothing (RFC 4028 §7.4). */
  | { readonly kind: "refresh"; readonly leg: number }
  /** MakeCall, step by step (RFC 3725 §4.4 with a silent stream in the first offer). */
  | {
      readonly kind: "makeCall";
      readonly step: "callingOrigination" | "callingDestination" | "offeringOrigination";
      readonly otherDN: string;
      readonly answers: Answers | null;
    }
  /**
   * Hold or retrieve asked for by a desktop: an offer fetched from `holder`, shown to the other.
   */
  | {
      readonly kind: "renegotiate";
      readonly holder: Side;
      readonly purpose: "hold" | "retrieve" | "muteOn" | "muteOff" | "join";
      readonly step: "fetchingOffer" | "offeringOther";
      readonly answers: Answers | null;
      readonly next: NextStep | null;
    };

/** What is done once a call is held. */
export type NextStep =
  | {
      readonly kind: "consult";
      readonly otherDN: string;
      readonly userData: UserData;
      readonly isMute: boolean;
      readonly answers: Answers;
    }
  | { readonly kind: "retrieve"; readonly connID: string; readonly answers: Answers };

/** `call/<key>/<why>`: the name of a call's timer. */
export function callTimer(call: Call, why: string): string {
  return `call/${call.key}/${why}`;
}

export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

export function legOf(call: Call, side: Side): Leg | null {
  return side === 0 ? call.origination : call.destination;
}

/** Every leg there is, those in set-up too. */
export function legsOf(call: Call): Leg[] {
  const legs = [call.origination];
  if (call.destination !== null) legs.push(call.destination);
  legs.push(...call.forks);
  if (call.departing !== null) legs.push(call.departing);
  if (call.announcement !== null) legs.push(call.announcement);
  return legs;
}

export function legById(call: Call, id: number): Leg | null {
  return legsOf(call).find((leg) => leg.id === id) ?? null;
}

export function keyOf(call: Call, leg: Leg): LegKey {
  return { call: call.key, leg: leg.id };
}

/** DNs of this site that take part. */
export function dnOf(leg: Leg | null): string | null {
  return leg !== null && leg.party.kind === "dn" ? leg.party.number : null;
}

export function isLive(leg: Leg | null): leg is Leg {
  return leg !== null && leg.state !== "ended" && leg.state !== "closing";
}
