import { refuseRequest } from "../sessions/refusal.ts";
import type { Answers } from "../sessions/ring.ts";
import type { Turn } from "../turn.ts";
import { announceEstablished } from "./announce.ts";
import type { Call, Exchange, Leg } from "./call.ts";
import { sendAck, sendReinvite } from "./leg.ts";
import { callDestination } from "./outgoing.ts";
import { endCall } from "./release.ts";
import { decideRoute } from "./route.ts";
import { keepReceived } from "./session-description.ts";

/**
 * MakeCall, step by step (RFC 3725 §4.4): the agent's phone is called first, with an offer without
 * media; when it has answered, the other party is called without an offer, and what it offers when
 * it answers is shown to the agent's phone.
 *
 *     phone ← INVITE (silent)   phone → 200            callingOrigination
 *     other ← INVITE (no SDP)   other → 180, 200 offer callingDestination
 *     phone ← re-INVITE offer   phone → 200 answer     offeringOrigination
 *     phone ← ACK               other ← ACK answer
 *
 * A browser refuses an offer without ICE and fingerprint, so that a phone on a WebSocket makes the
 * first offer itself (§4.1): its ACK waits until the other party has answered.
 *
 *     phone ← INVITE (no SDP)   phone → 200 offer      callingOrigination
 *     other ← INVITE offer      other → 200 answer     callingDestination
 *     other ← ACK               phone ← ACK answer
 */
export type MakingCall = Extract<Exchange, { kind: "makeCall" }>;

/** The phone's offer that waits for its answer in our ACK; empty where there is none. */
export function offerOwed({ ackOwed, session }: Leg): string {
  return ackOwed === null ? "" : session.received;
}

/** The phone made the first offer, and the other party has answered it. Returns the ACK to it. */
export function originationGotAnswer(
  turn: Turn,
  call: Call,
  other: Leg,
  cseq: number,
  answer: string,
): string {
  const ack = sendAck(turn, other, cseq, "");
  const { origination } = call;
  if (origination.ackOwed !== null) sendAck(turn, origination, origination.ackOwed, answer);
  origination.ackOwed = null;
  call.exchange = { kind: "none" };
  announceEstablished(turn, call);
  return ack;
}

/** The phone has answered: the desktop sees EventDialing, and the other party is called. */
export function placeMadeCall(turn: Turn, call: Call, exchange: MakingCall): void {
  call.exchange = { ...exchange, step: "callingDestination" };
  const route = decideRoute(turn, {
    number: exchange.otherDN,
    callerDn: call.ani,
    hopsUsed: call.hopsUsed,
    isDialledHere: false,
  });
  if (route.kind === "refused") {
    refuseAsker(turn, exchange.answers, route.status);
    endCall(turn, call, { by: null, status: route.status, callState: "GeneralError" });
    return;
  }
  callDestination(turn, call, route, offerOwed(call.origination));
}

export function offerOrigination(
  turn: Turn,
  call: Call,
  exchange: MakingCall,
  offer: string,
): void {
  if (offer === "") {
    endCall(turn, call, { by: null, status: 488, callState: "GeneralError" });
    return;
  }
  call.exchange = { ...exchange, step: "offeringOrigination" };
  sendReinvite(turn, call, call.origination, offer);
}

/** The agent's phone took the other party's offer. Returns the ACK that was sent. */
export function originationTookOffer(
  turn: Turn,
  call: Call,
  leg: Leg,
  cseq: number,
  description: string,
): string {
  keepReceived(leg, description);
  const ack = sendAck(turn, leg, cseq, "");
  const other = call.destination;
  if (other !== null && other.ackOwed !== null) {
    sendAck(turn, other, other.ackOwed, description);
    other.ackOwed = null;
  }
  call.exchange = { kind: "none" };
  announceEstablished(turn, call);
  return ack;
}

/** The agent's phone refused the other party's offer. */
export function failOffering(turn: Turn, call: Call, status: number): void {
  endCall(turn, call, { by: null, status, callState: "GeneralError" });
}

/** The agent's own phone did not answer: the request failed, and no desktop saw a call. */
export function originationRefused(turn: Turn, call: Call, status: number): void {
  const { exchange } = call;
  if (exchange.kind === "makeCall") refuseAsker(turn, exchange.answers, status);
  endCall(turn, call, { by: 0, status, callState: "GeneralError" });
}

function refuseAsker(turn: Turn, answers: Answers | null, status: number): void {
  if (answers === null) return;
  const session = turn.state.sessions.get(answers.sessionID);
  if (session === undefined) return;
  refuseRequest(turn, session, answers.referenceID, codeOf(status), `SIP ${status}`);
}

function codeOf(
  status: number,
): "destination-unknown" | "destination-unavailable" | "phone-refused" {
  if (status === 404) return "destination-unknown";
  return status === 480 || status === 503 ? "destination-unavailable" : "phone-refused";
}
