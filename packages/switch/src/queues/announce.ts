import type { TlibEvent } from "@tandem/cti";
import { watchersOf } from "../agents/announce.ts";
import type { Call } from "../calls/call.ts";
import { publish, type Unnumbered } from "../sessions/ring.ts";
import type { Turn } from "../turn.ts";

/**
 * Events at a queue DN, for those who registered it:
 *
 *   EventQueued     the call waits; again, each time an agent did not take it
 *   EventDiverted   it rings at an agent (thirdPartyDN), at the peer (none), or has overflowed
 *   EventAbandoned  the caller hung up while it waited
 *   EventReleased   it waited as long as it may, and there is no overflow
 */
export function announceAtQueue(
  turn: Turn,
  call: Call,
  queue: string,
  event: "EventQueued" | "EventDiverted" | "EventAbandoned" | "EventReleased",
  left: { readonly to: string | null; readonly isOverflow: boolean } | null = null,
): void {
  const receivers = watchersOf(turn, queue);
  if (receivers.length === 0) return;
  const to = left?.to ?? null;
  const unnumbered: Unnumbered<TlibEvent> = {
    event,
    thisDN: queue,
    thisDNRole: "Destination",
    thisQueue: queue,
    otherDN: call.origination.party.number,
    otherDNRole: "Origination",
    ...(to === null ? {} : { thirdPartyDN: to, thirdPartyDNRole: "Destination" }),
    connID: call.connID,
    callID: call.callID,
    callUUID: call.callUUID,
    callType: call.callType,
    callState: stateOf(event, left?.isOverflow === true),
    ani: call.ani,
    dnis: call.dnis,
    userData: call.userData,
  };
  publish(turn, receivers, unnumbered, null);
}

function stateOf(event: string, isOverflow: boolean): "Ok" | "NoAnswer" | "Redirected" {
  if (event === "EventReleased") return "NoAnswer";
  return isOverflow ? "Redirected" : "Ok";
}
