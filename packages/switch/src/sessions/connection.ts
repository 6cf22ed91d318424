import { restoreDesktop, loseDesktop, expireDesktop } from "../agents/desktop-lost.ts";
import { dropMonitorsOf } from "../agents/monitor.ts";
import type { Input } from "../input.ts";
import { serverInfo } from "../peers/server-info.ts";
import { arm, disarm, notice, newIdentifier, optionsOf, type Turn } from "../turn.ts";
import { refuse } from "./refusal.ts";
import { reachesBack, replayEvents } from "./ring.ts";
import { createSession, type Session } from "./session.ts";

/**
 * Connections of sessions (cti.md, Session): RegisterClient opens a session or resumes one; a lost
 * connection leaves its session alive for `resume-window`, and its agent in peace for
 * `session-grace`.
 */
export function registerConnection(
  turn: Turn,
  input: Extract<Input, { kind: "ctiRegister" }>,
): void {
  if (input.resume !== null) {
    resumeSession(turn, input, input.resume);
    return;
  }
  if (input.identity.isExpired) {
    refuse(turn, input.connection, input.referenceID, "token-expired");
    return;
  }
  if (turn.state.sessions.size >= optionsOf(turn).sessionsMax) {
    refuse(turn, input.connection, input.referenceID, "too-many-sessions");
    return;
  }
  dropOldSession(turn, input.connection);
  const sessionID = newIdentifier(turn);
  const session = createSession(sessionID, input.identity, input.applicationName, input.connection);
  turn.state.sessions.set(sessionID, session);
  turn.state.connections.set(input.connection, sessionID);
  sendLinkConnected(turn, session, input.referenceID, turn.state.ring.lastSequence);
}

function resumeSession(
  turn: Turn,
  input: Extract<Input, { kind: "ctiRegister" }>,
  resume: NonNullable<Extract<Input, { kind: "ctiRegister" }>["resume"]>,
): void {
  const session = turn.state.sessions.get(resume.sessionID);
  const isSame =
    session !== undefined &&
    resume.serverStartTime === turn.state.serverStartTime &&
    session.identity.userName === input.identity.userName &&
    reachesBack(turn.state.ring, session, resume.eventSequenceNumber);
  if (!isSame) {
    refuse(turn, input.connection, input.referenceID, "resume-too-old");
    return;
  }
  dropOldSession(turn, input.connection);
  if (session.connection !== null && session.connection !== input.connection) {
    turn.state.connections.delete(session.connection);
    turn.effects.push({
      kind: "ctiClose",
      connection: session.connection,
      reason: "session-resumed-elsewhere",
    });
  }
  session.connection = input.connection;
  session.lostAt = null;
  turn.state.connections.set(input.connection, session.sessionID);
  disarm(turn, graceKey(session.sessionID));
  disarm(turn, windowKey(session.sessionID));
  sendLinkConnected(turn, session, input.referenceID, resume.eventSequenceNumber);
  replayEvents(turn, session, resume.eventSequenceNumber);
  restoreDesktop(turn, session.sessionID);
}

/** A connection that registers a second time leaves the session it had. */
function dropOldSession(turn: Turn, connection: string): void {
  if (turn.state.connections.has(connection)) closeConnection(turn, connection);
}

function sendLinkConnected(
  turn: Turn,
  session: Session,
  referenceID: number,
  lastSequence: number,
): void {
  if (session.connection === null) return;
  turn.effects.push({
    kind: "cti",
    connection: session.connection,
    event: {
      event: "EventLinkConnected",
      referenceID,
      sessionID: session.sessionID,
      serverRole: "primary",
      epoch: turn.state.epoch,
      serverStartTime: turn.state.serverStartTime,
      lastSequence,
      lastReferenceID: session.lastReferenceID,
    },
  });
  turn.effects.push({ kind: "cti", connection: session.connection, event: serverInfo(turn) });
}

export function closeConnection(turn: Turn, connection: string): void {
  const sessionID = turn.state.connections.get(connection);
  if (sessionID === undefined) return;
  turn.state.connections.delete(connection);
  const session = turn.state.sessions.get(sessionID);
  if (session === undefined || session.connection !== connection) return;
  session.connection = null;
  session.lostAt = turn.now;
  arm(turn, graceKey(sessionID), optionsOf(turn).sessionGraceMs);
  arm(turn, windowKey(sessionID), optionsOf(turn).resumeWindowMs);
}

/** `session/<id>/grace` and `session/<id>/window`. */
export function onSessionTimer(turn: Turn, sessionID: string, name: string): void {
  const session = turn.state.sessions.get(sessionID);
  if (session === undefined || session.connection !== null) return;
  if (name === "grace") {
    loseDesktop(turn, sessionID);
    return;
  }
  if (!expireDesktop(turn, sessionID)) {
    // A call is left: look again until it is over.
    arm(turn, windowKey(sessionID), expireAgainMs);
    return;
  }
  endSession(turn, session);
}

function endSession(turn: Turn, session: Session): void {
  for (const dn of session.addresses) unwatch(turn, dn, session.sessionID);
  turn.state.sessions.delete(session.sessionID);
  notice(turn, "session", `session of ${session.identity.userName} ended`);
}

export function watch(turn: Turn, dn: string, sessionID: string): void {
  const { watchers } = turn.state;
  const list = watchers.get(dn);
  if (list === undefined) watchers.set(dn, [sessionID]);
  else if (!list.includes(sessionID)) watchers.set(dn, [...list, sessionID]);
}

export function unwatch(turn: Turn, dn: string, sessionID: string): void {
  const { watchers } = turn.state;
  const kept = (watchers.get(dn) ?? []).filter((other) => other !== sessionID);
  if (kept.length === 0) watchers.delete(dn);
  else watchers.set(dn, kept);
  dropMonitorsOf(turn, dn, sessionID);
}

const expireAgainMs = 1_000;

function graceKey(sessionID: string): string {
  return `session/${sessionID}/grace`;
}

function windowKey(sessionID: string): string {
  return `session/${sessionID}/window`;
}
