import { unreachable } from "@tandem/kernel";
import { referenceIDMax } from "../limits.ts";
import type { TlibEvent, TlibRequest } from "../tlib/messages.ts";
import type { EventLinkConnected } from "../tlib/session-messages.ts";
import type { ResumePosition } from "../tlib/values.ts";

/**
 * The client's side of a T-Library session (cti.md, Envelope and Resume): referenceIDs that grow,
 * the position in the event history, and what happens to requests that have no answer.
 *
 *   closed ──LinkConnected, primary──▶ open ──link lost──▶ broken ──same session──▶ open
 *                                                            │     unanswered: sent again
 *                                                            └─too old, or another session──▶
 *                                                                  unanswered: *unknown*
 *
 * Within one session a request is sent again as it was, with its referenceID: the server executes
 * it if it has not, and else repeats its answer. In another session nothing is ever sent again.
 */
export interface ClientSession {
  readonly kind: "closed" | "open" | "broken";
  readonly nextReferenceID: number;
  /** Sent and not answered, oldest first. */
  readonly unanswered: readonly TlibRequest[];
  /**
   * Where the session stands; what RegisterClient resumes from. Absent before the first session.
   */
  readonly position: ResumePosition | null;
}

/** A request before it has its referenceID. */
export type UnnumberedRequest = TlibRequest extends infer Each
  ? Each extends TlibRequest
    ? Omit<Each, "referenceID">
    : never
  : never;

export type ClientSessionEvent =
  | { readonly kind: "request"; readonly request: UnnumberedRequest }
  /** The node that serves answered RegisterClient. */
  | { readonly kind: "linked"; readonly event: EventLinkConnected }
  /** Any other event of that node. */
  | { readonly kind: "received"; readonly event: TlibEvent }
  | { readonly kind: "linkLost" }
  /** RegisterClient with `resume` was refused. */
  | { readonly kind: "resumeRefused" };

export type ClientSessionEffect =
  | { readonly kind: "send"; readonly request: TlibRequest }
  /** A new event, in order, exactly once. */
  | { readonly kind: "deliver"; readonly event: TlibEvent }
  /** The answer to a request of this session; the same event is delivered too if it is one. */
  | { readonly kind: "answered"; readonly referenceID: number; readonly event: TlibEvent }
  /** It may have been executed or not: nobody will say (continuity R24). */
  | { readonly kind: "unknown"; readonly referenceID: number }
  /** Too many requests wait for an answer. */
  | { readonly kind: "refused"; readonly request: UnnumberedRequest }
  /** A session began; `isResumed` when it is the one that was broken. */
  | { readonly kind: "opened"; readonly isResumed: boolean };

export interface ClientSessionStep {
  readonly next: ClientSession;
  readonly effects: readonly ClientSessionEffect[];
}

/**
 * The server keeps as many answers for a session; more could not be resolved after a switchover.
 */
export const unansweredMax = 256;

export function createClientSession(): ClientSession {
  return { kind: "closed", nextReferenceID: 1, unanswered: [], position: null };
}

/** Takes a referenceID for a RegisterClient, which is no request of the session. */
export function takeReferenceID(session: ClientSession): {
  readonly next: ClientSession;
  readonly referenceID: number;
} {
  const referenceID = session.nextReferenceID;
  return { next: { ...session, nextReferenceID: referenceID + 1 }, referenceID };
}

/** What RegisterClient says in `resume`, or null for a new session. */
export function resumeOf(session: ClientSession): ResumePosition | null {
  return session.kind === "closed" ? null : session.position;
}

export function stepClientSession(
  session: ClientSession,
  event: ClientSessionEvent,
): ClientSessionStep {
  switch (event.kind) {
    case "request":
      return onRequest(session, event.request);
    case "linked":
      return onLinked(session, event.event);
    case "received":
      return onReceived(session, event.event);
    case "linkLost":
      return session.kind === "open" ? step({ ...session, kind: "broken" }) : step(session);
    case "resumeRefused":
      return giveUp(session);
    default:
      return unreachable(event);
  }
}

function onRequest(session: ClientSession, unnumbered: UnnumberedRequest): ClientSessionStep {
  const isFull =
    session.unanswered.length >= unansweredMax || session.nextReferenceID > referenceIDMax;
  if (session.kind !== "open" || isFull)
    return step(session, [{ kind: "refused", request: unnumbered }]);
  const { next, referenceID } = takeReferenceID(session);
  const request = { ...unnumbered, referenceID } as TlibRequest; // an unnumbered one and its number
  return step({ ...next, unanswered: [...session.unanswered, request] }, [
    { kind: "send", request },
  ]);
}

function onLinked(session: ClientSession, event: EventLinkConnected): ClientSessionStep {
  const { position } = session;
  const isResumed =
    position !== null &&
    session.kind !== "closed" &&
    position.sessionID === event.sessionID &&
    position.serverStartTime === event.serverStartTime;
  if (isResumed) {
    // Those above lastReferenceID are executed now, the others get their stored answer.
    const again = session.unanswered.map((request) => ({ kind: "send" as const, request }));
    return step({ ...session, kind: "open" }, [{ kind: "opened", isResumed }, ...again]);
  }
  return step(
    {
      kind: "open",
      nextReferenceID: Math.max(session.nextReferenceID, event.lastReferenceID + 1),
      unanswered: [],
      position: {
        serverStartTime: event.serverStartTime,
        sessionID: event.sessionID,
        eventSequenceNumber: event.lastSequence,
      },
    },
    [...unknownOf(session), { kind: "opened", isResumed }],
  );
}

function onReceived(session: ClientSession, event: TlibEvent): ClientSessionStep {
  if (session.kind !== "open" || session.position === null) return step(session);
  const sequence = "eventSequenceNumber" in event ? event.eventSequenceNumber : null;
  const isRepeated = sequence !== null && sequence <= session.position.eventSequenceNumber;
  const effects: ClientSessionEffect[] = [];
  const answered = answeredBy(session, event);
  if (!isRepeated) effects.push({ kind: "deliver", event });
  if (answered !== null) {
    const isLost = event.event === "EventError" && event.errorCode === "already-done";
    effects.push(
      isLost
        ? { kind: "unknown", referenceID: answered }
        : { kind: "answered", referenceID: answered, event },
    );
  }
  return step(
    {
      ...session,
      unanswered: session.unanswered.filter((request) => request.referenceID !== answered),
      position:
        sequence === null || isRepeated
          ? session.position
          : { ...session.position, eventSequenceNumber: sequence },
    },
    effects,
  );
}

function answeredBy(session: ClientSession, event: TlibEvent): number | null {
  if (!("referenceID" in event) || event.referenceID === undefined) return null;
  const { referenceID } = event;
  const isOpen = session.unanswered.some((request) => request.referenceID === referenceID);
  return isOpen ? referenceID : null;
}

/** Another history: the next session is a new one. */
function giveUp(session: ClientSession): ClientSessionStep {
  return step({ ...session, kind: "closed", unanswered: [], position: null }, unknownOf(session));
}

function unknownOf(session: ClientSession): readonly ClientSessionEffect[] {
  return session.unanswered.map(({ referenceID }) => ({ kind: "unknown" as const, referenceID }));
}

function step(
  next: ClientSession,
  effects: readonly ClientSessionEffect[] = [],
): ClientSessionStep {
  return { next, effects };
}
