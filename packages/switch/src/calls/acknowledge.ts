import { headerOf, ownText, type SipRequest } from "@tandem/sip";
import { logTime } from "@tandem/kernel";
import { answer } from "../transactions/server.ts";
import { transmit } from "../transactions/client.ts";
import { arm, disarm, optionsOf, type Turn } from "../turn.ts";
import { callTimer, isLive, legOf, otherSide, type Call, type Leg } from "./call.ts";
import { contactOf, allowHeader, sendAck } from "./leg.ts";
import { dropWhenOver, endCall, endLeg, finishClosing } from "./release.ts";
import { forgetProvisional } from "./reliable.ts";
import { onDepartingGone } from "./transfer.ts";
import { describeTo, keepReceived } from "./session-description.ts";
import { sessionHeaders, startTimer } from "./session-timer.ts";

/**
 * 2xx and ACK, which are the dialog's work and no transaction's (RFC 3261 §13.3.1.4): the 2xx is
 * repeated at T1, doubling to T2, until the ACK comes; without one for 64·T1 the call ends with
 * BYE.
 */
export function acceptInvite(turn: Turn, call: Call, leg: Leg, description: string): void {
  if (leg.serverInvite === null) return;
  const body = description === "" ? "" : describeTo(leg, description);
  const text = answer(turn, leg.serverInvite, 200, {
    headers: [["Contact", contactOf(turn, leg)], allowHeader, ...sessionHeaders(leg)],
    ...(body === "" ? {} : { body, contentType: "application/sdp" }),
  });
  leg.serverInvite = null;
  leg.state = "confirmed";
  forgetProvisional(turn, call, leg);
  startTimer(turn, call, leg);
  const { t1Ms } = optionsOf(turn);
  leg.unacknowledged = { text, intervalMs: t1Ms, giveUpAt: logTime(turn.now + 64 * t1Ms) };
  arm(turn, callTimer(call, `repeat-${leg.id}`), t1Ms);
}

/** `call/<key>/repeat-<leg>`. */
export function onRepeatTimer(turn: Turn, call: Call, leg: Leg): void {
  const owed = leg.unacknowledged;
  if (owed === null) return;
  if (turn.now >= owed.giveUpAt) {
    leg.unacknowledged = null;
    if (leg.state === "closing") return finishClosing(turn, call, leg);
    return endCall(turn, call, { by: null, status: 408, callState: "Dropped" });
  }
  owed.intervalMs = Math.min(2 * owed.intervalMs, optionsOf(turn).t2Ms);
  transmit(turn, leg.target, owed.text);
  const restMs = owed.giveUpAt - turn.now;
  arm(turn, callTimer(call, `repeat-${leg.id}`), Math.min(owed.intervalMs, restMs));
}

/** ACK of a 2xx of ours. */
export function onAck(turn: Turn, call: Call, leg: Leg, request: SipRequest): void {
  if (leg.unacknowledged === null) return; // repeated
  leg.unacknowledged = null;
  disarm(turn, callTimer(call, `repeat-${leg.id}`));
  if (leg.state === "closing") return finishClosing(turn, call, leg);
  const other = legOf(call, otherSide(leg.side));
  const carriesAnswer = other !== null && other.ackOwed !== null && isDelayed(call);
  if (carriesAnswer && isLive(other) && other.ackOwed !== null) {
    keepReceived(leg, request.body);
    sendAck(turn, other, other.ackOwed, request.body);
    other.ackOwed = null;
  }
  const { exchange } = call;
  if (exchange.kind === "setup" || exchange.kind === "reinvite") call.exchange = { kind: "none" };
}

/** The offer stood in the 2xx, so the ACK brings the answer. */
function isDelayed(call: Call): boolean {
  const { exchange } = call;
  return (exchange.kind === "setup" || exchange.kind === "reinvite") && !exchange.offerInInvite;
}

/** BYE from the far end (RFC 3261 §15.1.2). */
export function onBye(
  turn: Turn,
  call: Call,
  leg: Leg,
  transaction: string,
  request: SipRequest,
): void {
  answer(turn, transaction, 200, {});
  if (leg.state === "closing") {
    endLeg(turn, call, leg);
    return dropWhenOver(turn, call);
  }
  if (leg === call.departing) return onDepartingGone(turn, call, leg);
  endCall(turn, call, {
    by: leg.id,
    status: 480,
    callState: "RemoteRelease",
    ...givenReason(request),
  });
}

/** Why somebody left, for whoever is left (RFC 3326). */
export function givenReason(request: SipRequest): { cancelReason?: string } {
  const reason = headerOf(request, "reason");
  return reason === undefined || reason.length > reasonMax ? {} : { cancelReason: ownText(reason) };
}

const reasonMax = 200;
