import type { LogTimeMs } from "@tandem/kernel";
import type { TlibEvent } from "@tandem/cti";
import { arm, disarm, optionsOf, wallTime, type Turn } from "../turn.ts";
import { storeAnswer, type Session } from "./session.ts";

/**
 * The events, kept once for all sessions (cti.md, Session): each with its receivers, for
 * `event-keep`, so that a session which lost its connection goes on exactly where it stopped. A
 * session keeps only its position, which its client tells when it resumes.
 */
export interface EventRing {
  /** Of the last event published; events are numbered from 1 in a history. */
  lastSequence: number;
  /** By sequence number, oldest first. */
  readonly entries: Map<number, RingEntry>;
}

export interface RingEntry {
  readonly at: LogTimeMs;
  readonly receivers: readonly string[];
  readonly event: TlibEvent;
  /** Whose request this event answers; only that session sees the referenceID. */
  readonly answers: Answers | null;
}

export interface Answers {
  readonly sessionID: string;
  readonly referenceID: number;
}

/** An event before the ring numbers it. */
export type Unnumbered<Event extends TlibEvent = TlibEvent> = Event extends TlibEvent
  ? Omit<Event, "time" | "serverStartTime" | "eventSequenceNumber">
  : never;

export function createRing(): EventRing {
  return { lastSequence: 0, entries: new Map() };
}

/** Numbers an event, keeps it, and sends it to those of its receivers that are connected. */
export function publish(
  turn: Turn,
  receivers: readonly string[],
  unnumbered: Unnumbered,
  answers: Answers | null,
): void {
  if (receivers.length === 0) return;
  const { ring } = turn.state;
  ring.lastSequence += 1;
  const event = {
    ...unnumbered,
    time: wallTime(turn),
    serverStartTime: turn.state.serverStartTime,
    eventSequenceNumber: ring.lastSequence,
  } as TlibEvent; // an Unnumbered and its three numbers are the event
  prune(turn);
  ring.entries.set(ring.lastSequence, { at: turn.now, receivers, event, answers });
  if (ring.entries.size === 1) arm(turn, pruneKey, optionsOf(turn).eventKeepMs);
  for (const sessionID of receivers) {
    const session = turn.state.sessions.get(sessionID);
    if (session === undefined) continue;
    session.lastSequence = ring.lastSequence;
    sendEvent(turn, session, event, answers);
  }
}

/**
 * Sends every kept event after `position` that the session receives, in order. After a takeover all
 * sessions ask at once, most for nothing and some for the last few: those are looked up.
 */
export function replayEvents(turn: Turn, session: Session, position: number): void {
  const { entries } = turn.state.ring;
  const { sessionID, lastSequence } = session;
  const oldest = entries.keys().next();
  if (oldest.done === true) return;
  for (let at = Math.max(position + 1, oldest.value); at <= lastSequence; at += 1) {
    const entry = entries.get(at);
    if (entry?.receivers.includes(sessionID) !== true) continue;
    sendEvent(turn, session, entry.event, entry.answers);
  }
}

/** Whether every event of the session's after `position` is kept: others' may have gone. */
export function reachesBack(ring: EventRing, session: Session, position: number): boolean {
  return position >= session.lastDropped && position <= ring.lastSequence;
}

export function onRingTimer(turn: Turn): void {
  prune(turn);
  if (turn.state.ring.entries.size > 0) arm(turn, pruneKey, optionsOf(turn).eventKeepMs);
  else disarm(turn, pruneKey);
}

const pruneKey = "ring/prune";

function prune(turn: Turn): void {
  const { entries } = turn.state.ring;
  const { eventKeepMs, eventsMax } = optionsOf(turn);
  for (const [sequence, entry] of entries) {
    if (entry.at + eventKeepMs > turn.now && entries.size < eventsMax) return;
    entries.delete(sequence);
    for (const sessionID of entry.receivers) {
      const session = turn.state.sessions.get(sessionID);
      if (session !== undefined) session.lastDropped = sequence;
    }
  }
}

function sendEvent(turn: Turn, session: Session, event: TlibEvent, answers: Answers | null): void {
  const isAsker = answers !== null && answers.sessionID === session.sessionID;
  const sent = isAsker ? { ...event, referenceID: answers.referenceID } : event;
  if (isAsker) storeAnswer(session, answers.referenceID, sent);
  if (session.connection === null) return;
  turn.effects.push({ kind: "cti", connection: session.connection, event: sent });
}
