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
import type { Call, Leg } from "./call.ts";
import { findPart } from "./find-call.ts";

/** RequestAttachUserData: pairs are added or replaced; every party's desktops see the whole. */
export function requestAttachUserData(
  turn: Turn,
  session: Session,
  request: RequestAttachUserData,
): void {
  const { thisDN, connID, referenceID, userData } = request;
  const found = findPart(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
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
  const found = findPart(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  setUserData(turn, session, { ...found, referenceID, userData });
}

/** RequestDeletePair: one pair goes. */
export function requestDeletePair(turn: Turn, session: Session, request: RequestDeletePair): void {
  const { thisDN, connID, referenceID, key } = request;
  const found = findPart(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
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
  for (const other of [call.origination, call.destination, call.departing]) {
    if (other === null || other === leg || other.announced === "nothing") continue;
    announceCall(turn, call, other, "EventAttachedDataChanged");
  }
}
