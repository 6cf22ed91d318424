import type { TlibEvent } from "@tandem/cti";
import type { LogTimeMs } from "@tandem/kernel";
import type { Identity } from "../input.ts";

/**
 * A T-Library session (cti.md, Session): what a desktop opened with its token, and what outlives
 * its connections.
 */
export interface Session {
  readonly sessionID: string;
  readonly identity: Identity;
  readonly applicationName: string;
  /** The CTI connection it uses now, or null while it has none. */
  connection: string | null;
  lostAt: LogTimeMs | null;
  /** Of the last of its events that is kept no longer; a resume from before it would miss some. */
  lastDropped: number;
  /** Of the last of its events. */
  lastSequence: number;
  /** DNs it registered, in order. */
  readonly addresses: Set<string>;
  /** DNs on which it logged agents in; a login may have moved on to another session since. */
  readonly logins: Set<string>;
  /** The highest referenceID executed. */
  lastReferenceID: number;
  /** referenceID → the answer it got; the last `answersMax`. */
  readonly answers: Map<number, TlibEvent>;
}

/** Answers kept per session for requests that are sent again (cti.md, Envelope). */
export const answersMax = 256;
/** DNs that one session may register. */
export const addressesMax = 1_000;

export function createSession(
  sessionID: string,
  identity: Identity,
  applicationName: string,
  connection: string,
): Session {
  return {
    sessionID,
    identity,
    applicationName,
    connection,
    lostAt: null,
    lastDropped: 0,
    lastSequence: 0,
    addresses: new Set(),
    logins: new Set(),
    lastReferenceID: 0,
    answers: new Map(),
  };
}

export function storeAnswer(session: Session, referenceID: number, answer: TlibEvent): void {
  if (session.answers.has(referenceID)) return; // the first answer is the answer
  session.answers.set(referenceID, answer);
  if (session.answers.size <= answersMax) return;
  for (const oldest of session.answers.keys()) {
    session.answers.delete(oldest);
    return;
  }
}
