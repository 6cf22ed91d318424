import type { RequestAttachUserData } from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { announceCall } from "./announce.ts";
import { legOf, otherSide } from "./call.ts";
import { findCall } from "./find-call.ts";

/** RequestAttachUserData: pairs are added or replaced; every party's desktops see the whole. */
export function requestAttachUserData(
  turn: Turn,
  session: Session,
  request: RequestAttachUserData,
): void {
  const { thisDN, connID, referenceID, userData } = request;
  const found = findCall(turn, thisDN, connID);
  if (found === null) return refuseRequest(turn, session, referenceID, "call-unknown");
  const { call, leg } = found;
  const merged = { ...call.userData, ...userData };
  if (JSON.stringify(merged).length > userDataMax) {
    return refuseRequest(turn, session, referenceID, "user-data-too-large");
  }
  call.userData = merged;
  const answers = { sessionID: session.sessionID, referenceID };
  announceCall(turn, call, leg, "EventAttachedDataChanged", "Ok", answers);
  const other = legOf(call, otherSide(leg.side));
  if (other !== null && other.announced !== "nothing") {
    announceCall(turn, call, other, "EventAttachedDataChanged");
  }
}

/** Characters of a call's user data as JSON (64 KB). */
const userDataMax = 65_536;
