import type { ForwardMode, RequestCallForwardCancel, RequestCallForwardSet } from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import { publish, type Unnumbered } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { watchersOf } from "./announce.ts";
import { phoneDn } from "./do-not-disturb.ts";

/**
 * Call forward: one target of each mode, kept on the DN's row. A target is another DN or a number
 * that the DN itself may dial; whether it can be reached shows when a call comes. A chain of
 * forwards is followed for `forwardHopsMax` steps and never to a DN it has passed.
 */
export function requestForwardSet(
  turn: Turn,
  session: Session,
  request: RequestCallForwardSet,
): void {
  const { thisDN, otherDN, forwardMode, referenceID } = request;
  const dn = phoneDn(turn, session, request);
  if (dn === null) return;
  if (!isForwardTarget(turn, thisDN, otherDN)) {
    return refuseRequest(turn, session, referenceID, "forward-invalid");
  }
  const index = dn.forwards.findIndex(({ mode }) => mode === forwardMode);
  const forward = { mode: forwardMode, otherDN };
  if (index < 0) dn.forwards.push(forward);
  else dn.forwards[index] = forward;
  tell(turn, session, request, { event: "EventForwardSet", thisDN, otherDN, forwardMode });
}

export function requestForwardCancel(
  turn: Turn,
  session: Session,
  request: RequestCallForwardCancel,
): void {
  const { thisDN, forwardMode, referenceID } = request;
  const dn = phoneDn(turn, session, request);
  if (dn === null) return;
  const kept = dn.forwards.filter(({ mode }) => forwardMode !== undefined && mode !== forwardMode);
  if (kept.length === dn.forwards.length) {
    return refuseRequest(turn, session, referenceID, "forward-not-set");
  }
  dn.forwards.splice(0, dn.forwards.length, ...kept);
  const mode = forwardMode === undefined ? {} : { forwardMode };
  tell(turn, session, request, { event: "EventForwardCancel", thisDN, ...mode });
}

function tell(
  turn: Turn,
  session: Session,
  request: { readonly thisDN: string; readonly referenceID: number },
  event: Unnumbered,
): void {
  const answers = { sessionID: session.sessionID, referenceID: request.referenceID };
  publish(turn, watchersOf(turn, request.thisDN), event, answers);
}

/** Not to itself; to a DN of the group, or out as the dial plan allows. */
function isForwardTarget(turn: Turn, thisDN: string, otherDN: string): boolean {
  if (otherDN === thisDN) return false;
  if (turn.state.configured.dns.has(otherDN)) return true;
  return turn.config.dialPlan.some(({ prefix }) => otherDN.startsWith(prefix));
}

/** Steps of one chain of forwards. */
export const forwardHopsMax = 5;

/**
 * Where a call for `number` goes instead for this mode, or null. `passed`: the DNs that have
 * forwarded the call already.
 */
export function forwardFor(
  turn: Turn,
  number: string,
  mode: ForwardMode,
  passed: readonly string[],
): string | null {
  if (passed.length >= forwardHopsMax) return null;
  const forwards = turn.state.dns.get(number)?.forwards ?? [];
  const found = forwards.find((forward) => forward.mode === mode);
  if (found === undefined || found.otherDN === number) return null;
  return passed.includes(found.otherDN) ? null : found.otherDN;
}
