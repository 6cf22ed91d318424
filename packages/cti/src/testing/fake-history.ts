import type { TlibEvent } from "../tlib/messages.ts";

/** The numbered events of a fake SIP Server, kept for ever, and who received each. */
export interface FakeHistory {
  readonly serverStartTime: number;
  lastSequence: number;
  readonly entries: HistoryEntry[];
}

export interface HistoryEntry {
  readonly event: TlibEvent;
  readonly sequence: number;
  readonly receivers: readonly string[];
  readonly answers: { readonly sessionID: string; readonly referenceID: number } | null;
}

/** An event before it has its number. */
export type Unnumbered = TlibEvent extends infer Each
  ? Each extends TlibEvent
    ? Omit<Each, "time" | "serverStartTime" | "eventSequenceNumber">
    : never
  : never;

export function createHistory(serverStartTime: number): FakeHistory {
  return { serverStartTime, lastSequence: 0, entries: [] };
}

export function recordEvent(
  history: FakeHistory,
  unnumbered: Unnumbered,
  time: number,
  receivers: readonly string[],
  answers: HistoryEntry["answers"],
): HistoryEntry {
  history.lastSequence += 1;
  const { lastSequence: sequence, serverStartTime } = history;
  const event = {
    ...unnumbered,
    time,
    serverStartTime,
    eventSequenceNumber: sequence,
  } as TlibEvent; // an unnumbered event and its numbers
  const entry = { event, sequence, receivers, answers };
  history.entries.push(entry);
  return entry;
}

/** The event as one session sees it: the asker's copy carries the request's number. */
export function seenBy(entry: HistoryEntry, sessionID: string): TlibEvent {
  const { answers, event } = entry;
  if (answers === null || answers.sessionID !== sessionID) return event;
  return { ...event, referenceID: answers.referenceID } as TlibEvent;
}
