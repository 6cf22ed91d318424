import type { SipRequest } from "@tandem/sip";
import { answer } from "../transactions/server.ts";
import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { allowHeader, contactOf, sendReinvite } from "./leg.ts";
import { readDescription } from "./hop.ts";
import { counterpart, relayRequest } from "./relay.ts";
import { keepReceived } from "./session-description.ts";
import { agreeRefresh, sessionHeaders } from "./session-timer.ts";

/**
 * UPDATE (RFC 3311). Without an offer it refreshes the session and ends here; with one it is sent
 * on. To a far end that does not take UPDATE it becomes a re-INVITE. One exchange at a time: a
 * second one gets 491.
 */
export function onUpdate(
  turn: Turn,
  call: Call,
  leg: Leg,
  transaction: string,
  request: SipRequest,
): void {
  const refused = agreeRefresh(turn, call, leg, request);
  if (refused !== null) return void answer(turn, transaction, 422, { headers: refused });
  const offer = readDescription(request);
  if (offer === "") {
    const headers = [["Contact", contactOf(turn, leg)] as const, allowHeader];
    answer(turn, transaction, 200, { headers: [...headers, ...sessionHeaders(leg)] });
    return;
  }
  const { exchange } = call;
  const isSettled = exchange.kind === "none" || (exchange.kind === "setup" && exchange.isSettled);
  if (!isSettled || call.updatedBy !== null) {
    return void answer(turn, transaction, 491, { reason: "Request Pending" });
  }
  const other = counterpart(call, leg);
  keepReceived(leg, offer);
  if (other !== null && other.state === "confirmed" && !other.abilities.update) {
    if (exchange.kind !== "none" || other.unacknowledged !== null) {
      return void answer(turn, transaction, 491, { reason: "Request Pending" });
    }
    call.exchange = { kind: "reinvite", from: leg.side, offerInInvite: true, update: transaction };
    return sendReinvite(turn, call, other, offer);
  }
  if (!relayRequest(turn, call, leg, transaction, request)) {
    return void answer(turn, transaction, 500, { headers: [["Retry-After", "2"]] });
  }
  call.updatedBy = leg.id;
}
