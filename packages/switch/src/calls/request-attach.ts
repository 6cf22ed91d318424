import {
  userDataBytesMax,
  userDataPairsMax,
  utf8Length,
  type RequestAttachUserData,
  type RequestDeletePair,
  type RequestUpdateUserData,
  type UserData,
} from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { announceCall } from "./announce.ts";
import { legOf, otherSide, type Call, type Leg } from "./call.ts";
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
  setUserData(turn, session, { call, leg, referenceID, userData: merged });
}

/** RequestUpdateUserData: the call's data is replaced as a whole. */
export function requestUpdateUserData(
  turn: Turn,
  session: Session,
  request: RequestUpdateUserData,
): void {
  const { thisDN, connID, referenceID, userData } = request;
  const found = findCall(turn, thisDN, connID);
  if (found === null) return refuseRequest(turn, session, referenceID, "call-unknown");
  setUserData(turn, session, { ...found, referenceID, userData });
}

/** RequestDeletePair: one pair goes. */
export function requestDeletePair(turn: Turn, session: Session, request: RequestDeletePair): void {
  const { thisDN, connID, referenceID, key } = request;
  const found = findCall(turn, thisDN, connID);
  if (found === null) return refuseRequest(turn, session, referenceID, "call-unknown");
  if (!Object.hasOwn(found.call.userData, key)) {
    return refuseRequest(turn, session, referenceID, "key-unknown");
  }
  const kept = Object.entries(found.call.userData).filter(([name]) => name !== key);
  const userData = Object.fromEntries(kept);
  setUserData(turn, session, { ...found, referenceID, userData });
}

interface Change {
  readonly call: Call;
  readonly leg: Leg;
  readonly referenceID: number;
  readonly userData: UserData;
}

function setUserData(turn: Turn, session: Session, change: Change): void {
  const { call, leg, referenceID, userData } = change;
  const isTooLarge =
    utf8Length(JSON.stringify(userData)) > userDataBytesMax ||
    Object.keys(userData).length > userDataPairsMax;
  if (isTooLarge) {
    return refuseRequest(turn, session, referenceID, "user-data-too-large");
  }
  call.userData = userData;
  const answers = { sessionID: session.sessionID, referenceID };
  announceCall(turn, call, leg, "EventAttachedDataChanged", "Ok", answers);
  const other = legOf(call, otherSide(leg.side));
  if (other !== null && other.announced !== "nothing") {
    announceCall(turn, call, other, "EventAttachedDataChanged");
  }
}
