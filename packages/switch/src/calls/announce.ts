import type { TlibCallEvent } from "@tandem/cti";
import { onAgentTalks } from "../agents/after-call-work.ts";
import { watchersOf } from "../agents/announce.ts";
import { tellObservers } from "../agents/monitor.ts";
import { divertQueued, queuedAnswered } from "../queues/leave.ts";
import { publish, type Answers, type Unnumbered } from "../sessions/ring.ts";
import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { otherLegOf } from "./describe.ts";

/**
 * Call events for the desktops that watch a party's DN, with the attributes of cti.md. An external
 * party has no desktop here. Nothing is built when nobody watches.
 */
export type CallEventName =
  | "EventDialing"
  | "EventNetworkReached"
  | "EventRinging"
  | "EventEstablished"
  | "EventHeld"
  | "EventRetrieved"
  | "EventReleased"
  | "EventAbandoned"
  | "EventDestinationBusy"
  | "EventAttachedDataChanged"
  | "EventPartyChanged"
  | "EventDTMFSent"
  | "EventMuteOn"
  | "EventMuteOff";

export type CallState =
  | "Ok"
  | "Busy"
  | "NoAnswer"
  | "RemoteRelease"
  | "Dropped"
  | "Forwarded"
  | "GeneralError"
  | "Transferred"
  | "Redirected"
  | "Held";

export function announceCall(
  turn: Turn,
  call: Call,
  leg: Leg,
  name: CallEventName,
  callState: CallState = "Ok",
  answers: Answers | null = null,
  more: EventDetail = {},
): void {
  if (leg.party.kind !== "dn") return;
  const { number } = leg.party;
  const receivers = watchersOf(turn, number);
  if (receivers.length === 0 && !turn.state.monitors.has(number)) return;
  const plain = callEvent(call, leg, number, name, callState);
  const event = { ...plain, ...more } as Unnumbered<TlibCallEvent>; // attributes of call events
  publish(turn, receivers, event, answers);
  tellObservers(turn, number, event);
}

/** What some events say beside the usual. */
export interface EventDetail {
  readonly thirdPartyDN?: string;
  readonly thirdPartyDNRole?: "TransferredBy";
  readonly previousConnID?: string;
  readonly dtmfDigits?: string;
}

function callEvent(
  call: Call,
  leg: Leg,
  thisDN: string,
  event: CallEventName,
  callState: CallState,
): Unnumbered<TlibCallEvent> {
  const other = otherLegOf(call, leg);
  const attributes = {
    event,
    thisDN,
    thisDNRole: leg.role,
    ...(other === null
      ? {
          otherDN: leg.side === 0 ? (call.queue ?? call.dnis) : call.ani,
          otherDNRole: oppositeRole(leg),
        }
      : { otherDN: other.party.number, otherDNRole: other.role }),
    ...thirdPartyOf(call, leg),
    ...(leg === call.destination && call.queue !== null ? { thisQueue: call.queue } : {}),
    connID: call.connID,
    ...(call.consult === null ? {} : { previousConnID: call.consult.mainConnID }),
    callID: call.callID,
    callUUID: call.callUUID,
    callType: call.callType,
    callState,
    ani: call.ani,
    dnis: call.dnis,
    userData: call.userData,
  };
  return attributes as Unnumbered<TlibCallEvent>; // what one kind has more is its sender's
}

/** Who forwarded the call to this party last. */
function thirdPartyOf(
  call: Call,
  leg: Leg,
): { readonly thirdPartyDN?: string; readonly thirdPartyDNRole?: "Destination" } {
  const by = leg.role === "Destination" ? call.forwardedBy.at(-1) : undefined;
  return by === undefined ? {} : { thirdPartyDN: by, thirdPartyDNRole: "Destination" };
}

function oppositeRole(leg: Leg): "Origination" | "Destination" {
  return leg.role === "Origination" ? "Destination" : "Origination";
}

/** EventDialing at the caller, once. */
export function announceDialing(turn: Turn, call: Call, answers: Answers | null = null): void {
  const leg = call.origination;
  if (leg.announced !== "nothing") return;
  leg.announced = "dialing";
  announceCall(turn, call, leg, "EventDialing", "Ok", answers);
}

/**
 * The callee's phone rings: EventRinging there, EventNetworkReached at the caller of an outside
 * number.
 */
export function announceRinging(turn: Turn, call: Call): void {
  const leg = call.destination;
  if (leg === null || leg.announced !== "nothing") return;
  leg.announced = "ringing";
  divertQueued(turn, call);
  announceCall(turn, call, leg, "EventRinging", arrivalState(call));
  if (leg.party.kind === "external") {
    announceCall(turn, call, call.origination, "EventNetworkReached");
  }
}

/** How the call came to the callee it has now. */
function arrivalState(call: Call): CallState {
  const by = call.forwardedBy.at(-1);
  if (by === undefined) return "Ok";
  const how = call.diversions.findLast(({ number }) => number === by)?.reason;
  return how === "deflection" ? "Redirected" : "Forwarded";
}

export function announceEstablished(turn: Turn, call: Call): void {
  announceRinging(turn, call);
  queuedAnswered(turn, call);
  for (const leg of [call.destination, call.origination]) {
    if (leg === null || leg.announced === "established" || leg.announced === "held") continue;
    leg.announced = "established";
    announceCall(turn, call, leg, "EventEstablished", "Ok", leg.answerAskedBy);
    if (leg.party.kind === "dn") onAgentTalks(turn, leg.party.number);
    leg.answerAskedBy = null;
  }
}

/** The end of a party's part, in the words of the phase it was in. */
export function announceReleased(
  turn: Turn,
  call: Call,
  leg: Leg,
  callState: CallState,
  answers: Answers | null = null,
): void {
  if (leg.announced === "nothing") return;
  const isAbandoned =
    leg.side === 1 && leg.announced === "ringing" && callState === "RemoteRelease";
  announceCall(
    turn,
    call,
    leg,
    isAbandoned ? "EventAbandoned" : "EventReleased",
    isAbandoned ? "Ok" : callState,
    answers,
  );
  leg.announced = "nothing";
}
