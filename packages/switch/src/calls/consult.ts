import type {
  ErrorCode,
  RequestAlternateCall,
  RequestInitiateTransfer,
  RequestMuteTransfer,
  RequestReconnectCall,
} from "@tandem/cti";
import { unreachable } from "@tandem/kernel";
import { refuseAnswers, refuserOf } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { dnOf, type Call, type Leg, type NextStep } from "./call.ts";
import { isQuiet } from "./quiet.ts";
import { findCall, findTransferable, type Part } from "./find-call.ts";
import { endCall } from "./release.ts";
import { startRenegotiation } from "./renegotiate.ts";
import { placeCall } from "./request-make-call.ts";

/**
 * Consultation: the call is held, and a second one, of type Consult, is made from the same phone.
 * The two are alternated, or the second is given up and the first comes back.
 *
 *     InitiateTransfer → EventHeld (call) → EventDialing, EventEstablished (consultation)
 *     AlternateCall    → EventHeld (active), EventRetrieved (the other)
 *     ReconnectCall    → EventReleased (consultation), EventRetrieved (call)
 */
export function requestInitiateTransfer(
  turn: Turn,
  session: Session,
  request: RequestInitiateTransfer | RequestMuteTransfer,
): void {
  const { thisDN, connID, referenceID, otherDN } = request;
  const refuse = refuserOf(turn, session, referenceID);
  const found = findTransferable(turn, thisDN, connID);
  if (typeof found === "string") return refuse(found);
  const { call, leg } = found;
  if (consultationOf(turn, call) !== null) return refuse("consult-call-exists");
  const next: NextStep = {
    kind: "consult",
    otherDN,
    userData: request.userData ?? {},
    isMute: request.request === "RequestMuteTransfer",
    answers: { sessionID: session.sessionID, referenceID },
  };
  if (leg.announced === "held") return goOn(turn, call, leg, next);
  if (!isQuiet(call, leg)) return refuse("call-busy");
  startRenegotiation(turn, call, leg, "hold", null, next);
}

export function requestAlternate(
  turn: Turn,
  session: Session,
  request: RequestAlternateCall,
): void {
  const { referenceID, heldConnID } = request;
  const { active, held } = findBoth(turn, request);
  const refuse = refuserOf(turn, session, referenceID);
  if (typeof active === "string") return refuse(active);
  if (typeof held === "string") return refuse(held);
  if (active.leg.announced !== "established") return refuse("call-not-established");
  if (held.leg.announced !== "held") return refuse("call-not-held");
  if (!isQuiet(active.call, active.leg) || !isQuiet(held.call, held.leg))
    return refuse("call-busy");
  const answers = { sessionID: session.sessionID, referenceID };
  const next: NextStep = { kind: "retrieve", connID: heldConnID, answers };
  startRenegotiation(turn, active.call, active.leg, "hold", null, next);
}

/** The call that the agent talks in and the one that waits, as the request names them. */
function findBoth(
  turn: Turn,
  { thisDN, connID, heldConnID }: RequestAlternateCall | RequestReconnectCall,
): { active: Part | ErrorCode; held: Part | ErrorCode } {
  return { active: findCall(turn, thisDN, connID), held: findCall(turn, thisDN, heldConnID) };
}

export function requestReconnect(
  turn: Turn,
  session: Session,
  request: RequestReconnectCall,
): void {
  const { referenceID } = request;
  const { active, held } = findBoth(turn, request);
  const refuse = refuserOf(turn, session, referenceID);
  if (typeof active === "string") return refuse(active);
  if (typeof held === "string") return refuse(held);
  if (held.leg.announced !== "held") return refuse("call-not-held");
  if (!isQuiet(held.call, held.leg)) return refuse("call-busy");
  const { consult } = active.call;
  if (consult !== null) active.call.consult = { ...consult, isRetrieving: false };
  endCall(turn, active.call, {
    by: null,
    status: 487,
    callState: "RemoteRelease",
    askedBy: active.leg.id,
  });
  const answers = { sessionID: session.sessionID, referenceID };
  startRenegotiation(turn, held.call, held.leg, "retrieve", answers);
}

/** The call is held: what was to come after it. */
export function goOn(turn: Turn, call: Call, holder: Leg, next: NextStep): void {
  const dn = dnOf(holder);
  if (dn === null) return;
  switch (next.kind) {
    case "consult": {
      const consult = {
        mainCall: call.key,
        mainConnID: call.connID,
        muteTransfer: next.isMute ? next.answers : null,
        isRetrieving: next.isMute,
      };
      const refusedAs = placeCall(turn, {
        thisDN: dn,
        otherDN: next.otherDN,
        userData: { ...call.userData, ...next.userData },
        consult,
        answers: next.isMute ? null : next.answers,
      });
      if (refusedAs !== null) refuseAnswers(turn, next.answers, refusedAs);
      return;
    }
    case "retrieve": {
      const held = findCall(turn, dn, next.connID);
      if (typeof held === "string") return refuseAnswers(turn, next.answers, held);
      if (held.leg.announced !== "held" || !isQuiet(held.call, held.leg)) {
        return refuseAnswers(turn, next.answers, "call-busy");
      }
      return startRenegotiation(turn, held.call, held.leg, "retrieve", next.answers);
    }
    default:
      return unreachable(next);
  }
}

/** The consultation call about this one, while there is one. */
export function consultationOf(turn: Turn, call: Call): Call | null {
  for (const leg of [call.origination, call.destination]) {
    const dn = dnOf(leg);
    for (const key of dn === null ? [] : (turn.state.callsByDn.get(dn) ?? [])) {
      const other = turn.state.calls.get(key);
      if (other?.consult?.mainCall === call.key) return other;
    }
  }
  return null;
}
