import { abandonInvite } from "../transactions/client.ts";
import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { onRefused } from "./invite-response.ts";

/**
 * Calls on their way to a peer that does not answer: each goes where it would have gone without the
 * peer (peers.md P5, P8), and nobody waits for 64·T1. One that rings there is left alone.
 *
 * `unanswered`: the connection closed, so what had no response at all was lost with it. `unheard`:
 * the peer is held dead, so a 100 of before means nothing any more.
 */
export function rerouteUnheard(turn: Turn, which: "unanswered" | "unheard"): void {
  for (const call of [...turn.state.calls.values()]) {
    const leg = call.destination;
    if (leg !== null && isUnheard(turn, leg, which)) giveUp(turn, call, leg);
  }
}

function isUnheard(turn: Turn, leg: Leg, which: "unanswered" | "unheard"): boolean {
  if (leg.hop === null || leg.state !== "trying" || leg.clientInvite === null) return false;
  if (which === "unheard") return true;
  const transaction = turn.state.transactions.get(leg.clientInvite);
  return transaction?.role === "client" && !transaction.hasProvisional;
}

function giveUp(turn: Turn, call: Call, leg: Leg): void {
  if (leg.clientInvite !== null) abandonInvite(turn, leg.clientInvite, "cancel");
  leg.clientInvite = null;
  turn.touchedCall = call.key;
  onRefused(turn, call, leg, 503, undefined);
}
