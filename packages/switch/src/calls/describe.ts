import type { CallInfo } from "@tandem/cti";
import { unreachable } from "@tandem/kernel";
import { dnOf, legOf, otherSide, type Call, type Leg } from "./call.ts";

/** A call as the snapshot of one of its DNs shows it; null once that DN's part is over. */
export function describeCall(call: Call, dn: string): CallInfo | null {
  const leg = partOfDn(call, dn);
  if (leg === null) return null;
  const partyState = partyStateOf(leg);
  if (partyState === null) return null;
  const other = otherLegOf(call, leg);
  return {
    connID: call.connID,
    callUUID: call.callUUID,
    callID: call.callID,
    callType: call.callType,
    thisDNRole: leg.role,
    ...(other === null ? {} : { otherDN: other.party.number, otherDNRole: other.role }),
    partyState,
    ...(call.consult === null ? {} : { previousConnID: call.consult.mainConnID }),
    ...(leg.isMuted ? { isMuted: true } : {}),
    ...(leg === call.destination && call.queue !== null ? { thisQueue: call.queue } : {}),
    ani: call.ani,
    dnis: call.dnis,
    userData: call.userData,
  };
}

/** What a DN has of a call, as its desktops know it; who hands his part over has it until then. */
export function partOfDn(call: Call, dn: string): Leg | null {
  for (const leg of [call.origination, call.destination, call.departing]) {
    if (leg !== null && dnOf(leg) === dn && leg.announced !== "nothing") return leg;
  }
  return null;
}

/** A departing party's other is who stays, whose place may be either. */
export function otherLegOf(call: Call, leg: Leg): Leg | null {
  if (leg === call.departing && call.origination !== leg) return call.origination;
  return legOf(call, otherSide(leg.side));
}

function partyStateOf(leg: Leg): CallInfo["partyState"] | null {
  switch (leg.announced) {
    case "nothing":
      return null;
    case "dialing":
      return "Dialing";
    case "ringing":
      return "Ringing";
    case "established":
      return "Established";
    case "held":
      return "Held";
    default:
      return unreachable(leg.announced);
  }
}
