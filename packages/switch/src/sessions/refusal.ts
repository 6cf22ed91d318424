import { errorSentence, type ErrorCode } from "@tandem/cti";
import type { TlibEvent } from "@tandem/cti";
import type { Turn } from "../turn.ts";
import { storeAnswer, type Session } from "./session.ts";

/**
 * EventError: a request that cannot be done is refused at once, with a code of `docs/errors.md`,
 * and changes nothing.
 */
export function refusal(referenceID: number, errorCode: ErrorCode, detail?: string): TlibEvent {
  const sentence = errorSentence(errorCode);
  const errorMessage = detail === undefined ? sentence : `${sentence} (${detail})`;
  return { event: "EventError", referenceID, errorCode, errorMessage };
}

/** To a connection that has no session yet. */
export function refuse(
  turn: Pick<Turn, "effects">,
  connection: string,
  referenceID: number,
  errorCode: ErrorCode,
): void {
  turn.effects.push({ kind: "cti", connection, event: refusal(referenceID, errorCode) });
}

/** To a session; kept as the request's answer, should it be sent again. */
export function refuseRequest(
  turn: Turn,
  session: Session,
  referenceID: number,
  errorCode: ErrorCode,
  detail?: string,
): void {
  const event = refusal(referenceID, errorCode, detail);
  storeAnswer(session, referenceID, event);
  if (session.connection === null) return;
  turn.effects.push({ kind: "cti", connection: session.connection, event });
}

/** The same, for a request that can be refused in several places. */
export function refuserOf(
  turn: Turn,
  session: Session,
  referenceID: number,
): (errorCode: ErrorCode) => void {
  return (errorCode) => refuseRequest(turn, session, referenceID, errorCode);
}

/** To whoever waits for these answers, if the session is still there. */
export function refuseAnswers(
  turn: Turn,
  answers: { readonly sessionID: string; readonly referenceID: number },
  errorCode: ErrorCode,
  detail?: string,
): void {
  const session = turn.state.sessions.get(answers.sessionID);
  if (session !== undefined) refuseRequest(turn, session, answers.referenceID, errorCode, detail);
}

/** An answer that only the asking session gets and that is no event of the ring. */
export function answerRequest(
  turn: Turn,
  session: Session,
  referenceID: number,
  event: TlibEvent,
): void {
  const answer = { ...event, referenceID } as TlibEvent; // every event may carry a referenceID
  storeAnswer(session, referenceID, answer);
  if (session.connection === null) return;
  turn.effects.push({ kind: "cti", connection: session.connection, event: answer });
}
