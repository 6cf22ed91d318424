import { nextHex } from "@tandem/kernel";
import type { RequestMakeCall } from "@tandem/cti";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import { arm, newIdentifier, optionsOf, type Turn } from "../turn.ts";
import { callTimer, type Call } from "./call.ts";
import { newCallKey } from "./incoming.ts";
import { createLeg, newConnID } from "./leg.ts";
import { emptySetup, placeOf, sendInvite } from "./outgoing.ts";
import { joinDn } from "./release.ts";
import { decideRoute } from "./route.ts";
import { silentOffer } from "./session-description.ts";

/** RequestMakeCall: answered by EventDialing once the agent's own phone has taken the call. */
export function requestMakeCall(turn: Turn, session: Session, request: RequestMakeCall): void {
  const { thisDN, otherDN, referenceID } = request;
  const refuseAs = (code: MakeCallRefusal): void => refuseRequest(turn, session, referenceID, code);
  const dn = turn.state.dns.get(thisDN);
  const binding = dn?.bindings.at(-1);
  if (dn === undefined || !dn.inService || binding === undefined) {
    return refuseAs("dn-out-of-service");
  }
  if (turn.state.callsByDn.has(thisDN)) return refuseAs("call-in-progress");
  if (turn.state.calls.size >= optionsOf(turn).callsMax) return refuseAs("too-many-calls");
  const route = decideRoute(turn, {
    number: otherDN,
    callerDn: thisDN,
    hopsUsed: [],
    isDialledHere: false,
  });
  if (route.kind === "refused") {
    return refuseAs(route.status === 404 ? "destination-unknown" : "destination-unavailable");
  }
  const origination = createLeg(turn, 0, {
    side: 0,
    party: { kind: "dn", number: thisDN },
    displayName: "",
    callId: newIdentifier(turn),
    target: binding.target,
  });
  const connID = newConnID(turn);
  const call: Call = {
    key: newCallKey(turn, connID),
    connID,
    callUUID: nextHex(turn.random, 32),
    callID: turn.state.nextCallID,
    callType: route.kind === "trunk" ? "Outbound" : "Internal",
    startedAt: turn.now,
    userData: request.userData ?? {},
    ani: thisDN,
    dnis: otherDN,
    callerDn: thisDN,
    hopsUsed: [],
    origination,
    ...emptySetup(),
    exchange: {
      kind: "makeCall",
      step: "callingOrigination",
      otherDN,
      answers: { sessionID: session.sessionID, referenceID },
    },
  };
  turn.state.nextCallID += 1;
  turn.state.calls.set(call.key, call);
  joinDn(turn, thisDN, call.key);
  const offer = silentOffer(turn.config.host);
  const place = placeOf(binding);
  sendInvite(turn, call, origination, { place, offer, purpose: null });
  const own = turn.state.configured.dns.get(thisDN)?.noAnswerTimeoutMs ?? null;
  arm(turn, callTimer(call, "no-answer"), own ?? optionsOf(turn).noAnswerTimeoutMs);
}

type MakeCallRefusal =
  | "dn-out-of-service"
  | "call-in-progress"
  | "too-many-calls"
  | "destination-unknown"
  | "destination-unavailable";
