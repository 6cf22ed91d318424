import type {
  MonitorNextCallType,
  RequestCancelMonitoring,
  RequestMonitorNextCall,
  TlibEvent,
} from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import { publish, type Unnumbered } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";

/**
 * RequestMonitorNextCall: a supervisor's session sees the events of an agent's next call (or of
 * every call), as that DN's own desktops do, with `thisDN` the supervisor's, `thisDNRole` Observer
 * and `otherDN` the observed DN. No media goes to the supervisor and no party is told; the call's
 * snapshot does not show it.
 *
 *   asked for → EventMonitoringNextCall → the call's events … its last one
 *             → EventMonitoringCancelled (after one call; when asked for)
 */
export interface Monitor {
  readonly sessionID: string;
  readonly thisDN: string;
  readonly type: MonitorNextCallType;
  /** The call observed now, by its ConnID. */
  connID: string | null;
}

/** Sessions that observe one DN. */
export const monitorsOfDnMax = 16;

export function requestMonitorNextCall(
  turn: Turn,
  session: Session,
  request: RequestMonitorNextCall,
): void {
  const { thisDN, otherDN, referenceID, monitorNextCallType } = request;
  if (session.identity.role === "agent") {
    return refuseRequest(turn, session, referenceID, "not-permitted");
  }
  const observed = turn.state.configured.dns.get(otherDN);
  if (observed === undefined) return refuseRequest(turn, session, referenceID, "dn-unknown");
  const others = monitorsOf(turn, otherDN).filter((each) => !isOf(each, session, thisDN));
  const isPossible = observed.queue === undefined && otherDN !== thisDN;
  if (!isPossible || others.length >= monitorsOfDnMax) {
    return refuseRequest(turn, session, referenceID, "monitor-not-possible");
  }
  const monitor = {
    sessionID: session.sessionID,
    thisDN,
    type: monitorNextCallType,
    connID: null,
  };
  turn.state.monitors.set(otherDN, [...others, monitor]);
  const answers = { sessionID: session.sessionID, referenceID };
  const event = { event: "EventMonitoringNextCall", thisDN, otherDN, monitorNextCallType } as const;
  publish(turn, [session.sessionID], event, answers);
}

export function requestCancelMonitoring(
  turn: Turn,
  session: Session,
  request: RequestCancelMonitoring,
): void {
  const { thisDN, otherDN, referenceID } = request;
  const monitor = monitorsOf(turn, otherDN).find((each) => isOf(each, session, thisDN));
  if (monitor === undefined) {
    return refuseRequest(turn, session, referenceID, "monitor-not-set");
  }
  dropMonitor(turn, otherDN, monitor);
  const answers = { sessionID: session.sessionID, referenceID };
  const event = { event: "EventMonitoringCancelled", thisDN, otherDN } as const;
  publish(turn, [session.sessionID], event, answers);
}

/** The session has unregistered thisDN, or is over. */
export function dropMonitorsOf(turn: Turn, thisDN: string, sessionID: string): void {
  for (const [observed, monitors] of turn.state.monitors) {
    for (const monitor of monitors) {
      const isIt = monitor.sessionID === sessionID && monitor.thisDN === thisDN;
      if (isIt) dropMonitor(turn, observed, monitor);
    }
  }
}

type CallEvent = Extract<Unnumbered<TlibEvent>, { readonly connID: string }>;

/**
 * An event of a call at `dn`, for those who observe it. One call is the first that begins after the
 * request; a call that was there already is not the next one.
 */
export function tellObservers(turn: Turn, dn: string, event: CallEvent): void {
  for (const monitor of monitorsOf(turn, dn)) {
    if (monitor.connID === null && begins(event)) monitor.connID = event.connID;
    const isRenamed = event.event === "EventPartyChanged";
    const isIt = monitor.connID === event.connID;
    if (!isIt && !(isRenamed && monitor.connID === event.previousConnID)) continue;
    monitor.connID = event.connID;
    const { thisDN, sessionID } = monitor;
    const told = { ...event, thisDN, thisDNRole: "Observer", otherDN: dn } as const;
    publish(turn, [sessionID], { ...told, otherDNRole: event.thisDNRole }, null);
    if (event.event !== "EventReleased" && event.event !== "EventAbandoned") continue;
    monitor.connID = null;
    if (monitor.type !== "MonitorOneCall") continue;
    dropMonitor(turn, dn, monitor);
    const cancelled = { event: "EventMonitoringCancelled", thisDN, otherDN: dn } as const;
    publish(turn, [sessionID], cancelled, null);
  }
}

function begins(event: CallEvent): boolean {
  return event.event === "EventRinging" || event.event === "EventDialing";
}

function monitorsOf(turn: Turn, dn: string): readonly Monitor[] {
  return turn.state.monitors.get(dn) ?? [];
}

function isOf(monitor: Monitor, session: Session, thisDN: string): boolean {
  return monitor.sessionID === session.sessionID && monitor.thisDN === thisDN;
}

function dropMonitor(turn: Turn, observed: string, monitor: Monitor): void {
  const kept = monitorsOf(turn, observed).filter((each) => each !== monitor);
  if (kept.length === 0) turn.state.monitors.delete(observed);
  else turn.state.monitors.set(observed, kept);
}
