import type { Answers } from "../sessions/ring.ts";
import { unreachable } from "@tandem/kernel";
import { refuseAnswers } from "../sessions/refusal.ts";
import type { Turn } from "../turn.ts";
import { announceCall } from "./announce.ts";
import { legOf, otherSide, type Call, type Exchange, type Leg, type NextStep } from "./call.ts";
import { sendAck, sendReinvite } from "./leg.ts";
import { inactive, refuseMedia, withDirection } from "./session-description.ts";

/**
 * Hold and retrieve asked for by a desktop: the holder's phone is asked for an offer, the other
 * party is shown it (to hold: with every stream inactive), and its answer closes both exchanges.
 *
 *     holder ← re-INVITE (no offer)    holder → 200 offer
 *     other  ← re-INVITE offer         other  → 200 answer
 *     other  ← ACK                     holder ← ACK answer
 */
export type Renegotiation = Extract<Exchange, { kind: "renegotiate" }>;

export function startRenegotiation(
  turn: Turn,
  call: Call,
  leg: Leg,
  purpose: Renegotiation["purpose"],
  answers: Answers | null,
  next: NextStep | null = null,
): void {
  call.exchange = {
    kind: "renegotiate",
    holder: leg.side,
    purpose,
    step: "fetchingOffer",
    answers,
    next,
  };
  sendReinvite(turn, call, leg, "");
}

/** Returns the ACK that was sent, or an empty text, and whose step comes next once it is done. */
export function onRenegotiationAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  cseq: number,
  description: string,
  exchange: Renegotiation,
): { readonly ack: string; readonly settled: Leg | null } {
  const other = legOf(call, otherSide(exchange.holder));
  const holder = legOf(call, exchange.holder);
  if (holder === null || other === null) return { ack: "", settled: null };
  if (exchange.step === "fetchingOffer") {
    leg.ackOwed = cseq;
    call.exchange = { ...exchange, step: "offeringOther" };
    const offer = offerFor(holder, exchange.purpose, description);
    sendReinvite(turn, call, other, offer);
    return { ack: "", settled: null };
  }
  const ack = sendAck(turn, leg, cseq, "");
  if (holder.ackOwed !== null) {
    sendAck(turn, holder, holder.ackOwed, description);
    holder.ackOwed = null;
  }
  call.exchange = { kind: "none" };
  settle(turn, call, holder, exchange);
  return { ack, settled: holder };
}

/** What the other party is shown of the holder's offer. */
function offerFor(holder: Leg, purpose: Renegotiation["purpose"], offer: string): string {
  if (purpose === "hold") return inactive(offer);
  const isMuted = purpose === "muteOn" || (holder.isMuted && purpose !== "muteOff");
  return isMuted ? withDirection(offer, "recvonly") : offer;
}

function settle(turn: Turn, call: Call, holder: Leg, exchange: Renegotiation): void {
  const { purpose, answers } = exchange;
  switch (purpose) {
    case "hold":
    case "retrieve": {
      const isHold = purpose === "hold";
      holder.isHolding = isHold;
      holder.announced = isHold ? "held" : "established";
      const name = isHold ? "EventHeld" : "EventRetrieved";
      announceCall(turn, call, holder, name, isHold ? "Held" : "Ok", answers);
      break;
    }
    case "muteOn":
    case "muteOff":
      holder.isMuted = purpose === "muteOn";
      announceCall(
        turn,
        call,
        holder,
        holder.isMuted ? "EventMuteOn" : "EventMuteOff",
        "Ok",
        answers,
      );
      break;
    case "join":
      break;
    default:
      return unreachable(purpose);
  }
}

/** Either phone refused: the call stays as it was, and whoever asked is told. */
export function failRenegotiation(
  turn: Turn,
  call: Call,
  exchange: Renegotiation,
  status: number,
): void {
  call.exchange = { kind: "none" };
  const holder = legOf(call, exchange.holder);
  if (holder !== null && holder.ackOwed !== null) {
    const other = legOf(call, otherSide(exchange.holder));
    // The holder's phone offered and waits for an answer: what the other side has said last stands.
    const last = other?.session.received ?? "";
    const answer = last === "" ? refuseMedia(holder.session.received) : inactive(last);
    sendAck(turn, holder, holder.ackOwed, answer);
    holder.ackOwed = null;
  }
  const answers = exchange.answers ?? exchange.next?.answers ?? null;
  if (answers === null) return;
  refuseAnswers(turn, answers, status === 491 ? "call-busy" : "phone-refused", `SIP ${status}`);
}
