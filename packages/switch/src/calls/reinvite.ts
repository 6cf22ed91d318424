import { unreachable } from "@tandem/kernel";
import type { SipRequest } from "@tandem/sip";
import { answer, ownTransaction } from "../transactions/server.ts";
import type { Turn } from "../turn.ts";
import { acceptInvite } from "./acknowledge.ts";
import { announceCall } from "./announce.ts";
import { isLive, keyOf, legOf, otherSide, type Call, type Leg } from "./call.ts";
import { readDescription } from "./hop.ts";
import { allowHeader, contactOf, sendAck, sendReinvite } from "./leg.ts";
import { failOffering, originationTookOffer } from "./make-call.ts";
import { endCall } from "./release.ts";
import { finishReplacing, undoReplacing } from "./replaces.ts";
import { goOn } from "./consult.ts";
import { failRenegotiation, onRenegotiationAnswered } from "./renegotiate.ts";
import { describeTo, isHoldOffer, keepReceived } from "./session-description.ts";
import { agreeRefresh, sessionHeaders } from "./session-timer.ts";

/**
 * re-INVITE (RFC 3261 §14): passed to the other side, its answer passed back. One exchange at a
 * time: a second one, from either side, gets 491 and is tried again by its phone (§14.1).
 */
export function onReinvite(
  turn: Turn,
  transaction: string,
  call: Call,
  leg: Leg,
  request: SipRequest,
): void {
  const other = legOf(call, otherSide(leg.side));
  const isBusy =
    call.exchange.kind !== "none" ||
    call.updatedBy !== null ||
    leg.unacknowledged !== null ||
    (other !== null && other.unacknowledged !== null);
  if (isBusy) return void answer(turn, transaction, 491, { reason: "Request Pending" });
  if (!isLive(other) || other.state !== "confirmed") {
    return void answer(turn, transaction, 500, { headers: [["Retry-After", "2"]] });
  }
  const refused = agreeRefresh(turn, call, leg, request);
  if (refused !== null) return void answer(turn, transaction, 422, { headers: refused });
  ownTransaction(turn, transaction, keyOf(call, leg), null);
  leg.serverInvite = transaction;
  const offer = readDescription(request);
  keepReceived(leg, offer);
  call.exchange = { kind: "reinvite", from: leg.side, offerInInvite: offer !== "", update: null };
  answer(turn, transaction, 100, {});
  sendReinvite(turn, call, other, offer);
}

/** A 2xx to a re-INVITE of ours on `leg`. Returns the ACK that was sent, or an empty text. */
export function onReinviteAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  cseq: number,
  description: string,
): string {
  const { exchange } = call;
  switch (exchange.kind) {
    case "reinvite":
      return relayAnswer(turn, call, leg, cseq, description, exchange);
    case "makeCall":
      return originationTookOffer(turn, call, leg, cseq, description);
    case "renegotiate": {
      const answered = onRenegotiationAnswered(turn, call, leg, cseq, description, exchange);
      const { ack, settled } = answered;
      if (settled !== null && exchange.next !== null) goOn(turn, call, settled, exchange.next);
      return ack;
    }
    case "refresh":
      call.exchange = { kind: "none" };
      return sendAck(turn, leg, cseq, "");
    case "none":
    case "setup":
      return sendAck(turn, leg, cseq, ""); // an answer to what was taken back
    default:
      return unreachable(exchange);
  }
}

function relayAnswer(
  turn: Turn,
  call: Call,
  leg: Leg,
  cseq: number,
  description: string,
  exchange: Extract<Call["exchange"], { kind: "reinvite" }>,
): string {
  const asker = legOf(call, exchange.from);
  let ack = "";
  if (exchange.offerInInvite) {
    ack = sendAck(turn, leg, cseq, "");
    call.exchange = { kind: "none" };
  } else leg.ackOwed = cseq;
  if (asker === null) return ack;
  if (exchange.update === null) acceptInvite(turn, call, asker, description);
  else {
    answer(turn, exchange.update, 200, {
      headers: [["Contact", contactOf(turn, asker)], allowHeader, ...sessionHeaders(asker)],
      body: describeTo(asker, description),
      contentType: "application/sdp",
    });
  }
  if (exchange.replaced !== undefined) finishReplacing(turn, call, asker);
  else if (exchange.offerInInvite) {
    setHolding(turn, call, asker, isHoldOffer(asker.session.received));
  }
  return ack;
}

/** The desktops of the party that holds are told, once. */
export function setHolding(turn: Turn, call: Call, leg: Leg, isHolding: boolean): void {
  if (leg.isHolding === isHolding) return;
  leg.isHolding = isHolding;
  leg.announced = isHolding ? "held" : "established";
  announceCall(
    turn,
    call,
    leg,
    isHolding ? "EventHeld" : "EventRetrieved",
    isHolding ? "Held" : "Ok",
  );
}

/**
 * A re-INVITE of ours was refused; 481 and 408 mean that the far end has no such dialog any more.
 */
export function failReinvite(turn: Turn, call: Call, status: number): void {
  const isGone = status === 481 || status === 408;
  const { exchange } = call;
  switch (exchange.kind) {
    case "reinvite": {
      const asker = legOf(call, exchange.from);
      call.exchange = { kind: "none" };
      if (asker !== null && exchange.replaced !== undefined) {
        undoReplacing(turn, call, asker);
        break;
      }
      if (asker !== null && asker.serverInvite !== null) {
        answer(turn, asker.serverInvite, isGone ? 480 : status, {});
        asker.serverInvite = null;
      }
      if (exchange.update !== null) answer(turn, exchange.update, isGone ? 480 : status, {});
      break;
    }
    case "makeCall":
      return failOffering(turn, call, status);
    case "renegotiate":
      failRenegotiation(turn, call, exchange, status);
      break;
    case "refresh":
      call.exchange = { kind: "none" };
      break;
    case "none":
    case "setup":
      break;
    default:
      return unreachable(exchange);
  }
  if (isGone) endCall(turn, call, { by: null, status: 480, callState: "Dropped" });
}
