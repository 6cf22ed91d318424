import type { RequestAnswerCall } from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Answers } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import { sendNotifyTalk } from "./notify-talk.ts";
import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { findCall } from "./find-call.ts";

/**
 * RequestAnswerCall: the phone is told to answer with NOTIFY `Event: talk` in the early dialog. The
 * answer to the request is EventEstablished; a phone that does not know the event refuses, and then
 * so do we.
 */
export function requestAnswer(turn: Turn, session: Session, request: RequestAnswerCall): void {
  const { thisDN, connID, referenceID } = request;
  const found = findCall(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  const { call, leg } = found;
  if (leg.side !== 1 || leg.announced !== "ringing") {
    return refuseRequest(turn, session, referenceID, "call-not-ringing");
  }
  if (leg.dialog === null) return refuseRequest(turn, session, referenceID, "answer-not-supported");
  leg.answerAskedBy = { sessionID: session.sessionID, referenceID };
  sendNotifyTalk(turn, call, leg);
}

/** The phone's answer to NOTIFY talk; null means none at all. */
export function onTalkAnswered(turn: Turn, call: Call, leg: Leg, status: number | null): void {
  if (status !== null && status < 300) return;
  const asked: Answers | null = leg.answerAskedBy;
  leg.answerAskedBy = null;
  const session = asked === null ? undefined : turn.state.sessions.get(asked.sessionID);
  if (asked === null || session === undefined) return;
  const detail = status === null ? "no answer" : `SIP ${status}`;
  refuseRequest(
    turn,
    session,
    asked.referenceID,
    "answer-not-supported",
    `${call.dnis}: ${detail}`,
  );
}
