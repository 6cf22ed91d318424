import type { RequestHoldCall, RequestRetrieveCall } from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { findCall } from "./find-call.ts";
import { isQuiet } from "./quiet.ts";
import { startRenegotiation } from "./renegotiate.ts";

/** RequestHoldCall and RequestRetrieveCall, answered by EventHeld and EventRetrieved. */
export function requestHold(turn: Turn, session: Session, request: RequestHoldCall): void {
  change(turn, session, request, "hold");
}

export function requestRetrieve(turn: Turn, session: Session, request: RequestRetrieveCall): void {
  change(turn, session, request, "retrieve");
}

function change(
  turn: Turn,
  session: Session,
  request: RequestHoldCall | RequestRetrieveCall,
  purpose: "hold" | "retrieve",
): void {
  const { thisDN, connID, referenceID } = request;
  const found = findCall(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  const { call, leg } = found;
  const wanted = purpose === "hold" ? "established" : "held";
  if (leg.announced !== wanted) {
    const code = purpose === "hold" ? "call-not-established" : "call-not-held";
    return refuseRequest(turn, session, referenceID, code);
  }
  if (!isQuiet(call, leg)) return refuseRequest(turn, session, referenceID, "call-busy");
  startRenegotiation(turn, call, leg, purpose, { sessionID: session.sessionID, referenceID });
}
