import {
  cseqOf,
  dialogFromResponse,
  parseMessage,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { assert, unreachable } from "@tandem/kernel";
import { answer } from "../transactions/server.ts";
import { keepAck } from "../transactions/client.ts";
import type { ClientTransaction } from "../transactions/transaction.ts";
import { disarm, type Turn } from "../turn.ts";
import { acceptInvite } from "./acknowledge.ts";
import { announceEstablished, announceRinging } from "./announce.ts";
import { callTimer, type Call, type Leg } from "./call.ts";
import { readDescription } from "./hop.ts";
import { allowHeader, contactOf, enterDialog, learnAbilities, sendAck } from "./leg.ts";
import { offerOrigination, originationRefused, placeMadeCall } from "./make-call.ts";
import {
  answeredElsewhere,
  isUnreachable,
  mayTryNext,
  noteRefusal,
  onForkRefused,
  promoteFork,
} from "./forks.ts";
import { callNextAlternative, callWithoutPeer } from "./outgoing.ts";
import { failReinvite, onReinviteAnswered } from "./reinvite.ts";
import { cancelFork, refuseCaller, retireLeg } from "./release.ts";
import { keepReceived, describeTo } from "./session-description.ts";

/** Responses to INVITEs of ours: the callee's leg in set-up, MakeCall's first leg, re-INVITEs. */
export function onInviteResponse(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): void {
  const { status } = response;
  if (status < 200) return onProvisional(turn, transaction, call, leg, response);
  if (leg.clientInvite === transaction.key) leg.clientInvite = null;
  if (leg !== call.destination && call.forks.includes(leg)) {
    if (status >= 300) return onForkRefused(turn, call, leg, status, response.reason);
    promoteFork(call, leg);
  }
  if (status < 300) return onAccepted(turn, transaction, call, leg, response);
  onRefused(turn, call, leg, status, response.reason);
}

function onProvisional(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): void {
  if (response.status === 100 || leg.side !== 1 || leg.state === "confirmed") return;
  if (leg !== call.destination && call.destination?.state === "trying") promoteFork(call, leg);
  leg.state = "ringing";
  learnAbilities(leg, response);
  if (leg.dialog === null) {
    const early = dialogFromResponse(requestOf(transaction), response);
    if (early !== undefined) enterDialog(turn, call, leg, early);
  }
  const isRinging = response.status === 180 || leg.announced !== "nothing";
  if (isRinging || response.status === 183) announceRinging(turn, call);
  const caller = call.origination;
  if (caller.serverInvite === null) return;
  // Of several phones that ring at once none is the one whose media the caller should have.
  const description = call.forks.length > 0 ? "" : readDescription(response);
  const body = description === "" ? "" : describeTo(caller, description);
  caller.state = "ringing";
  answer(turn, caller.serverInvite, response.status, {
    headers: [["Contact", contactOf(turn, caller)], allowHeader],
    ...(body === "" ? {} : { body, contentType: "application/sdp" }),
  });
}

function onAccepted(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): void {
  const cseq = cseqOf(response)?.number ?? 0;
  const description = readDescription(response);
  if (leg.state === "confirmed") {
    keepReceived(leg, description);
    return keepAck(turn, transaction.key, onReinviteAnswered(turn, call, leg, cseq, description));
  }
  const dialog = dialogFromResponse(requestOf(transaction), response);
  if (dialog === undefined) return onRefused(turn, call, leg, 502, "Bad Gateway");
  // A request in the early dialog (NOTIFY talk, the far end's own) has used numbers already.
  const early = leg.dialog?.remoteTag === dialog.remoteTag ? leg.dialog : null;
  dialog.localCseq = Math.max(dialog.localCseq, early?.localCseq ?? 0);
  dialog.remoteCseq = Math.max(dialog.remoteCseq, early?.remoteCseq ?? -1);
  enterDialog(turn, call, leg, dialog);
  leg.state = "confirmed";
  learnAbilities(leg, response);
  for (const fork of call.forks.splice(0)) cancelFork(turn, call, fork, answeredElsewhere);
  keepReceived(leg, description);
  keepAck(turn, transaction.key, proceed(turn, call, leg, cseq, description));
}

/** Goes on after the first 2xx of a leg; returns the ACK that was sent, or an empty text. */
function proceed(turn: Turn, call: Call, leg: Leg, cseq: number, description: string): string {
  const { exchange } = call;
  switch (exchange.kind) {
    case "setup":
      return calleeAnswered(turn, call, leg, cseq, description, exchange.offerInInvite);
    case "makeCall":
      disarm(turn, callTimer(call, "no-answer"));
      if (exchange.step === "callingOrigination") {
        const ack = sendAck(turn, leg, cseq, "");
        placeMadeCall(turn, call, exchange);
        return ack;
      }
      leg.ackOwed = cseq;
      offerOrigination(turn, call, exchange, description);
      return "";
    case "none":
    case "reinvite":
    case "renegotiate":
      assert(false, "a first answer outside set-up");
      return "";
    default:
      return unreachable(exchange);
  }
}

function calleeAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  cseq: number,
  description: string,
  offerInInvite: boolean,
): string {
  disarm(turn, callTimer(call, "no-answer"));
  let ack = "";
  if (offerInInvite) {
    ack = sendAck(turn, leg, cseq, "");
    call.exchange = { kind: "none" };
  } else leg.ackOwed = cseq;
  acceptInvite(turn, call, call.origination, description);
  announceEstablished(turn, call);
  return ack;
}

/** `status` 408 or 503 of our own making stands for a target that could not be reached. */
export function onRefused(
  turn: Turn,
  call: Call,
  leg: Leg,
  status: number,
  reason: string | undefined,
): void {
  leg.clientInvite = null;
  if (call.forks.includes(leg)) return onForkRefused(turn, call, leg, status, reason);
  if (leg.state === "confirmed") return failReinvite(turn, call, leg, status);
  const { exchange } = call;
  if (leg.side === 0) return originationRefused(turn, call, status);
  noteRefusal(call, status, reason);
  const fork = status < 600 ? call.forks.shift() : undefined;
  if (fork !== undefined) {
    fork.announced = leg.announced;
    retireLeg(turn, call, leg);
    call.destination = fork;
    return;
  }
  const offer = exchange.kind === "makeCall" ? "" : call.origination.session.received;
  if (mayTryNext(leg, status) && callNextAlternative(turn, call, leg, offer)) return;
  if (isUnreachable(status) && callWithoutPeer(turn, call, leg, offer)) return;
  const best = call.refusal ?? { status, reason };
  const { status: shown, reason: shownReason } = shownStatus(best.status, best.reason);
  refuseCaller(turn, call, shown, shownReason);
}

/**
 * What the caller gets: challenges and redirections of a far end are not the caller's to answer.
 */
function shownStatus(
  status: number,
  reason: string | undefined,
): { status: number; reason: string | undefined } {
  if (status === 401 || status === 407) return { status: 403, reason: undefined };
  if (status < 400) return { status: 480, reason: undefined };
  return { status, reason };
}

function requestOf(transaction: ClientTransaction): SipRequest {
  const parsed = parseMessage(transaction.text);
  assert(parsed.ok && parsed.value.kind === "request", "a request of ours does not parse");
  return parsed.value;
}
