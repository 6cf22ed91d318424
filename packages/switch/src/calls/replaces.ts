import { headersOf, type SipRequest } from "@tandem/sip";
import { answer, ownTransaction } from "../transactions/server.ts";
import type { Turn } from "../turn.ts";
import { announceCall, announceReleased, announceRinging } from "./announce.ts";
import { acceptInvite } from "./acknowledge.ts";
import { dnOf, keyOf, type Call, type Leg } from "./call.ts";
import { isQuiet } from "./quiet.ts";
import { enterDialog, joinDn, learnAbilities, nextLegId, sendReinvite } from "./leg.ts";
import { findReplaced, parseReplaces } from "./refer.ts";
import { counterpart } from "./relay.ts";
import { closeLeg, dropWhenOver } from "./release.ts";
import { keepReceived } from "./session-description.ts";
import { vacateDestination } from "./vacate.ts";

/**
 * INVITE with Replaces (RFC 3891): a new dialog takes the place of one that this server has. Only a
 * phone of the group may, with the right tags; one that rings can be picked up, one that talks is
 * taken over.
 */
export type ReplacesVerdict =
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  | { readonly kind: "replaces"; readonly call: Call; readonly leg: Leg };

export function readReplaces(turn: Turn, request: SipRequest): ReplacesVerdict {
  const values = headersOf(request, "replaces");
  const [value] = values;
  if (value === undefined) return { kind: "none" };
  const parsed = parseReplaces(value);
  if (values.length > 1 || parsed === null) return refusedWith(400, "Bad Replaces");
  const found = findReplaced(turn, value, true);
  if (found === null) return refusedWith(481, "No Such Dialog");
  const { call, leg } = found;
  if (leg.state === "ended" || leg.state === "closing" || leg === call.departing) {
    return refusedWith(603, "Declined");
  }
  if (leg.state === "confirmed") {
    if (parsed.isEarlyOnly) return refusedWith(486, "Busy Here");
    return isQuiet(call, leg)
      ? { kind: "replaces", call, leg }
      : refusedWith(491, "Request Pending");
  }
  // §3: an early dialog can be replaced only where this server made it: by a phone that rings.
  const isRinging = leg === call.destination && call.exchange.kind === "setup";
  if (!isRinging || call.queue !== null) return refusedWith(481, "No Such Dialog");
  return { kind: "replaces", call, leg };
}

function refusedWith(status: number, reason: string): ReplacesVerdict {
  return { kind: "refused", status, reason };
}

export interface Replacement {
  readonly transaction: string;
  readonly request: SipRequest;
  /** The leg of the new dialog, not yet part of any call. */
  readonly leg: Leg;
  readonly offer: string;
}

export function replaceLeg(turn: Turn, call: Call, old: Leg, replacement: Replacement): void {
  const { leg, request, transaction, offer } = replacement;
  leg.id = nextLegId(call);
  leg.side = old.side;
  leg.role = old.role;
  leg.serverInvite = transaction;
  learnAbilities(leg, request);
  keepReceived(leg, offer);
  ownTransaction(turn, transaction, keyOf(call, leg), leg.localTag);
  if (old.state === "confirmed") takeOver(turn, call, old, leg, offer);
  else pickUp(turn, call, leg, offer);
}

/** The other party is offered what the new phone offers; its answer completes both. */
function takeOver(turn: Turn, call: Call, old: Leg, leg: Leg, offer: string): void {
  const other = counterpart(call, old);
  if (other === null) return;
  if (leg.dialog !== null) enterDialog(turn, call, leg, leg.dialog);
  const dn = dnOf(leg);
  if (dn !== null) joinDn(turn, dn, call.key);
  call.departing = old;
  putInPlace(call, leg);
  call.exchange = {
    kind: "reinvite",
    from: leg.side,
    offerInInvite: offer !== "",
    update: null,
    replaced: old.id,
  };
  answer(turn, leg.serverInvite ?? "", 100, {});
  sendReinvite(turn, call, other, offer);
}

function putInPlace(call: Call, leg: Leg): void {
  if (leg.side === 0) call.origination = leg;
  else call.destination = leg;
}

/** The new dialog has its answer: the old one goes, and the desktops see who talks now. */
export function finishReplacing(turn: Turn, call: Call, leg: Leg): void {
  const old = call.departing;
  if (old === null) return;
  announceReleased(turn, call, old, "Transferred");
  closeLeg(turn, call, old, { by: null, status: 480, callState: "Transferred" });
  if (old.state === "ended") call.departing = null;
  leg.announced = "established";
  announceCall(turn, call, leg, "EventEstablished");
  const other = counterpart(call, leg);
  if (other !== null) {
    announceCall(turn, call, other, "EventPartyChanged", "Transferred", null, {
      thirdPartyDN: old.party.number,
      thirdPartyDNRole: "TransferredBy",
    });
  }
}

/** The new phone's offer was refused: the old one stays. */
export function undoReplacing(turn: Turn, call: Call, leg: Leg): void {
  const old = call.departing;
  if (old === null) return;
  call.departing = leg;
  putInPlace(call, old);
  closeLeg(turn, call, leg, { by: null, status: 488, callState: "GeneralError" });
  call.departing = null;
  dropWhenOver(turn, call);
}

/**
 * Call pickup: caller and new phone have both made an offer, and each gets the other's as answer
 * (both know what they offered; the media flows where both agree).
 */
function pickUp(turn: Turn, call: Call, leg: Leg, offer: string): void {
  const caller = call.origination;
  if (offer === "" || caller.session.received === "") {
    answer(turn, leg.serverInvite ?? "", 488, {});
    return;
  }
  vacateDestination(turn, call, "Redirected");
  if (leg.dialog !== null) enterDialog(turn, call, leg, leg.dialog);
  const dn = dnOf(leg);
  if (dn !== null) joinDn(turn, dn, call.key);
  call.destination = leg;
  call.exchange = { kind: "none" };
  acceptInvite(turn, call, leg, caller.session.received);
  acceptInvite(turn, call, caller, offer);
  announceRinging(turn, call);
  for (const each of [leg, caller]) {
    each.announced = "established";
    announceCall(turn, call, each, "EventEstablished");
  }
}
