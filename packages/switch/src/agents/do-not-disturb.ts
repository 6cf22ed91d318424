import type { RequestSetDNDOff, RequestSetDNDOn } from "@tandem/cti";
import { refreshIdle } from "../queues/idle.ts";
import type { Dn } from "../registrar/dn.ts";
import { dnRow } from "../registrar/service-state.ts";
import { refuseRequest } from "../sessions/refusal.ts";
import { publish } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { watchersOf } from "./announce.ts";

/**
 * Do not disturb: calls to the DN are refused with `dnd-response`, and queues give it none. Calls
 * that are there go on. It belongs to the DN: it outlives the login, and the other site has its
 * own. Only EventDNDOn, EventDNDOff and the DN's snapshot tell of it.
 */
export function requestDoNotDisturb(
  turn: Turn,
  session: Session,
  request: RequestSetDNDOn | RequestSetDNDOff,
): void {
  const { thisDN, referenceID } = request;
  const dn = phoneDn(turn, session, request);
  if (dn === null) return;
  const isOn = request.request === "RequestSetDNDOn";
  if (dn.doNotDisturb === isOn) {
    return refuseRequest(turn, session, referenceID, "already-in-state");
  }
  dn.doNotDisturb = isOn;
  const event = isOn ? "EventDNDOn" : "EventDNDOff";
  const answers = { sessionID: session.sessionID, referenceID };
  publish(turn, watchersOf(turn, thisDN), { event, thisDN }, answers);
  refreshIdle(turn, thisDN);
}

/** The row of a DN that may have a phone; null and an answer where it is a queue. */
export function phoneDn(
  turn: Turn,
  session: Session,
  request: { readonly thisDN: string; readonly referenceID: number },
): Dn | null {
  const configured = turn.state.configured.dns.get(request.thisDN);
  if (configured !== undefined && configured.queue === undefined) {
    return dnRow(turn, request.thisDN);
  }
  const code = configured === undefined ? "dn-unknown" : "dn-is-queue";
  refuseRequest(turn, session, request.referenceID, code);
  return null;
}
