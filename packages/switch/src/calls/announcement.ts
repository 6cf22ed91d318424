import { cseqOf, dialogFromResponse, type SipRequest, type SipResponse } from "@tandem/sip";
import { answer } from "../transactions/server.ts";
import { keepAck } from "../transactions/client.ts";
import type { ClientTransaction } from "../transactions/transaction.ts";
import { newIdentifier, type Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { readDescription } from "./hop.ts";
import { allowHeader, contactOf, createLeg, enterDialog, nextLegId, sendAck } from "./leg.ts";
import { sendInvite } from "./outgoing.ts";
import { groupsOf } from "./places.ts";
import { retireLeg } from "./release.ts";
import { acknowledgeHere, isNextReliable, reliabilityOf } from "./reliable.ts";
import { decideRoute } from "./route.ts";
import { describeTo, keepReceived } from "./session-description.ts";

/**
 * What a caller hears who waits in a queue with a media DN: a leg of its own to that DN, with the
 * caller's offer, whose answer the caller gets in a 183 (early media). The 183 has a To tag of its
 * own: to the caller it is another fork (RFC 3261 §12.1), so that the answer of the agent who takes
 * the call at last may differ from it (§13.2.1).
 *
 *     caller → INVITE                     media ← INVITE (the caller's offer)
 *     caller ← 182                        media → 200 (answer), ACK
 *     caller ← 183 (that answer)          …
 *     caller ← 200 (the agent's answer)   media ← BYE
 *
 * Only a caller whose INVITE is open and makes the offer hears it; any other waits in silence.
 */
export function startAnnouncement(turn: Turn, call: Call, mediaDn: string): void {
  const caller = call.origination;
  const { exchange } = call;
  const mayHear =
    exchange.kind === "setup" && exchange.offerInInvite && caller.serverInvite !== null;
  if (!mayHear || call.announcement !== null) return;
  const question = { number: mediaDn, callerDn: call.queue, hopsUsed: [], isDialledHere: false };
  const route = decideRoute(turn, question);
  if (route.kind !== "dn" && route.kind !== "trunk") return;
  const place = groupsOf(turn, route)[0]?.[0];
  if (place === undefined) return;
  const leg = createLeg(turn, nextLegId(call), {
    side: 1,
    party: { kind: "external", number: route.number, trunk: null },
    displayName: "",
    callId: newIdentifier(turn),
    target: place.target,
  });
  call.announcement = leg;
  sendInvite(turn, call, leg, { place, offer: caller.session.received, purpose: null });
}

/** A response of the media DN, or none (`response` null). The caller waits on whatever it is. */
export function onAnnouncementAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  transaction: ClientTransaction,
  invite: SipRequest,
  response: SipResponse,
): void {
  const { status } = response;
  if (status >= 300) return loseAnnouncement(turn, call, leg);
  if (status === 100) return;
  const dialog = dialogFromResponse(invite, response);
  if (dialog !== undefined && (leg.dialog === null || status >= 200)) {
    dialog.localCseq = Math.max(dialog.localCseq, leg.dialog?.localCseq ?? 0);
    enterDialog(turn, call, leg, dialog);
  }
  const reliability = reliabilityOf(response);
  if (reliability !== null && status < 200 && isNextReliable(leg, reliability)) {
    acknowledgeHere(turn, leg, reliability);
  }
  const description = readDescription(response);
  if (description !== "") showEarlyMedia(turn, call, leg, description);
  if (status < 200) return;
  leg.state = "confirmed";
  keepAck(turn, transaction.key, sendAck(turn, leg, cseqOf(response)?.number ?? 1, ""));
}

export function loseAnnouncement(turn: Turn, call: Call, leg: Leg): void {
  leg.clientInvite = null;
  retireLeg(turn, call, leg);
  call.announcement = null;
}

/** Once: a second answer in the same early dialog would have to be the same. */
function showEarlyMedia(turn: Turn, call: Call, leg: Leg, description: string): void {
  const caller = call.origination;
  if (leg.session.received !== "" || caller.serverInvite === null) return;
  keepReceived(leg, description);
  answer(turn, caller.serverInvite, 183, {
    toTag: leg.localTag,
    headers: [["Contact", contactOf(turn, caller)], allowHeader],
    body: describeTo(caller, description),
    contentType: "application/sdp",
  });
}

/** The media DN in its dialog: BYE when it has said all; it changes nothing of the media. */
export function onAnnouncementRequest(
  turn: Turn,
  call: Call,
  leg: Leg,
  key: string,
  request: SipRequest,
): void {
  switch (request.method) {
    case "BYE":
      answer(turn, key, 200, {});
      return loseAnnouncement(turn, call, leg);
    case "OPTIONS":
      return void answer(turn, key, 200, {});
    default:
      return void answer(turn, key, 488, {});
  }
}
