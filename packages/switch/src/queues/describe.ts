import { callsOfDnMax, type CallInfo } from "@tandem/cti";
import type { Turn } from "../turn.ts";

/** The calls that wait at a queue DN, oldest first, as its snapshot shows them. */
export function describeQueued(turn: Turn, queue: string): CallInfo[] {
  const calls: CallInfo[] = [];
  for (const row of turn.state.queues.waiting.get(queue) ?? []) {
    const call = turn.state.calls.get(row.call);
    if (call === undefined || row.isDiverted) continue;
    if (calls.length >= callsOfDnMax) break;
    calls.push({
      connID: call.connID,
      callUUID: call.callUUID,
      callID: call.callID,
      callType: call.callType,
      thisDNRole: "Destination",
      otherDN: call.origination.party.number,
      otherDNRole: "Origination",
      partyState: "Queued",
      thisQueue: queue,
      ani: call.ani,
      dnis: call.dnis,
      userData: call.userData,
    });
  }
  return calls;
}
