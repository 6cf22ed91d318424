import { nextHex } from "@tandem/kernel";
import type { RequestMakeCall, UserData } from "@tandem/cti";
import { isQueueFull } from "../queues/enter.ts";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Answers } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import { arm, newIdentifier, optionsOf, type Turn } from "../turn.ts";
import { callTimer, type Call, type Consultation } from "./call.ts";
import { createLeg, newCallKey, newConnID } from "./leg.ts";
import { emptySetup, sendInvite } from "./outgoing.ts";
import { placeOf } from "./places.ts";
import { joinDn } from "./leg.ts";
import { decideRoute } from "./route.ts";
import { makesFirstOffer, silentOffer } from "./session-description.ts";

/** RequestMakeCall: answered by EventDialing once the agent's own phone has taken the call. */
export function requestMakeCall(turn: Turn, session: Session, request: RequestMakeCall): void {
  const { thisDN, otherDN, referenceID } = request;
  const refusedAs = turn.state.callsByDn.has(thisDN)
    ? "call-in-progress"
    : placeCall(turn, {
        thisDN,
        otherDN,
        userData: request.userData ?? {},
        consult: null,
        answers: { sessionID: session.sessionID, referenceID },
      });
  if (refusedAs !== null) refuseRequest(turn, session, referenceID, refusedAs);
}

export interface CallWish {
  readonly thisDN: string;
  readonly otherDN: string;
  readonly userData: UserData;
  /** The call that it is to consult about. */
  readonly consult: Consultation | null;
  readonly answers: Answers | null;
}

/** Calls the DN's own phone, and the other party when that has answered. */
export function placeCall(turn: Turn, wish: CallWish): MakeCallRefusal | null {
  const { thisDN, otherDN } = wish;
  const dn = turn.state.dns.get(thisDN);
  const binding = dn?.bindings.at(-1);
  if (dn === undefined || !dn.inService || binding === undefined) return "dn-out-of-service";
  if (turn.state.calls.size >= optionsOf(turn).callsMax) return "too-many-calls";
  const route = decideRoute(turn, {
    number: otherDN,
    callerDn: thisDN,
    hopsUsed: [],
    isDialledHere: false,
  });
  if (route.kind === "refused") {
    if (route.isDoNotDisturb === true) return "dnd-on";
    return route.status === 404 ? "destination-unknown" : "destination-unavailable";
  }
  if (route.kind === "queue" && isQueueFull(turn, route.number)) return "queue-full";
  const origination = createLeg(turn, 0, {
    side: 0,
    party: { kind: "dn", number: thisDN },
    displayName: "",
    callId: newIdentifier(turn),
    target: binding.target,
  });
  const connID = newConnID(turn);
  const plainType = route.kind === "trunk" ? "Outbound" : "Internal";
  const call: Call = {
    key: newCallKey(turn, connID),
    connID,
    callUUID: nextHex(turn.random, 32),
    callID: turn.state.nextCallID,
    callType: wish.consult === null ? plainType : "Consult",
    startedAt: turn.now,
    userData: wish.userData,
    ani: thisDN,
    dnis: otherDN,
    callerDn: thisDN,
    hopsUsed: [],
    origination,
    ...emptySetup(),
    consult: wish.consult,
    exchange: { kind: "makeCall", step: "callingOrigination", otherDN, answers: wish.answers },
  };
  turn.state.nextCallID += 1;
  turn.state.calls.set(call.key, call);
  joinDn(turn, thisDN, call.key);
  const offer = makesFirstOffer(binding.target) ? "" : silentOffer(turn.config.host);
  sendInvite(turn, call, origination, { place: placeOf(binding), offer, purpose: null });
  const own = turn.state.configured.dns.get(thisDN)?.noAnswerTimeoutMs ?? null;
  arm(turn, callTimer(call, "no-answer"), own ?? optionsOf(turn).noAnswerTimeoutMs);
  return null;
}

export type MakeCallRefusal =
  | "dn-out-of-service"
  | "dnd-on"
  | "queue-full"
  | "call-in-progress"
  | "too-many-calls"
  | "destination-unknown"
  | "destination-unavailable";
