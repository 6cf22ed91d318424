import type { RequestReleaseCall } from "@tandem/cti";
import { returnToQueue } from "../queues/offer.ts";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { findPart } from "./find-call.ts";
import { endCall } from "./release.ts";
import { leaveHandover } from "./transfer.ts";

/** RequestReleaseCall: hangs up, declines a ringing call, or gives up dialling. */
export function requestRelease(turn: Turn, session: Session, request: RequestReleaseCall): void {
  const { thisDN, connID, referenceID } = request;
  const found = findPart(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  const answers = { sessionID: session.sessionID, referenceID };
  const { call, leg } = found;
  if (leg === call.departing) {
    if (call.handover === null) return refuseRequest(turn, session, referenceID, "call-busy");
    return leaveHandover(turn, call, leg, answers);
  }
  // Its phone may have answered already, while the desktop still sees it ring.
  const isRinging = leg === call.destination && leg.announced === "ringing";
  const isDeclined = isRinging && leg.state !== "confirmed";
  if (isDeclined && returnToQueue(turn, found.call, 603, answers)) return;
  endCall(turn, found.call, {
    by: null,
    status: found.leg.side === 1 ? 603 : 487,
    callState:
      found.leg.side === 1 && found.leg.announced === "ringing" ? "Dropped" : "RemoteRelease",
    answers,
    askedBy: found.leg.id,
  });
}
