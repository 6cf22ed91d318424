import {
  cseqOf,
  dialogFromResponse,
  headerOf,
  ownText,
  parseMessage,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { assert, unreachable } from "@tandem/kernel";
import { keepAck } from "../transactions/client.ts";
import type { ClientTransaction } from "../transactions/transaction.ts";
import { disarm, type Turn } from "../turn.ts";
import { acceptInvite } from "./acknowledge.ts";
import { announceEstablished, announceRinging } from "./announce.ts";
import { loseAnnouncement, onAnnouncementAnswered } from "./announcement.ts";
import { onOwnPhoneRings } from "./auto-answer.ts";
import { credentialsFor, wantSignature } from "../trunks/sign.ts";
import { callTimer, keyOf, trunkOf, type Call, type Leg } from "./call.ts";
import { readDescription } from "./hop.ts";
import { enterDialog, learnAbilities, sendAck } from "./leg.ts";
import {
  offerOrigination,
  offerOwed,
  originationGotAnswer,
  originationRefused,
  placeMadeCall,
} from "./make-call.ts";
import {
  answeredElsewhere,
  isUnreachable,
  mayTryNext,
  noteRefusal,
  onForkRefused,
  promoteFork,
} from "./forks.ts";
import { advanceHandover, advanceMuteTransfer } from "./transfer.ts";
import { sendNotifyTalk } from "./notify-talk.ts";
import { onNotTaken } from "./not-taken.ts";
import { callNextAlternative, callWithoutPeer, repeatInvite } from "./outgoing.ts";
import { failReinvite, onReinviteAnswered } from "./reinvite.ts";
import { cancelFork, endAnnouncement, retireLeg } from "./release.ts";
import {
  acknowledgeHere,
  isNextReliable,
  reliabilityOf,
  sendProvisional,
  sourceOf,
} from "./reliable.ts";
import { keepReceived, makesFirstOffer } from "./session-description.ts";
import { followRedirection } from "./redirection.ts";
import { heedTimer, secondsOf } from "./session-timer.ts";

/** Responses to INVITEs of ours: the callee's leg in set-up, MakeCall's first leg, re-INVITEs. */
export function onInviteResponse(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): void {
  const { status } = response;
  if (leg === call.announcement) {
    if (status >= 200) leg.clientInvite = null;
    const invite = requestOf(transaction);
    return onAnnouncementAnswered(turn, call, leg, transaction, invite, response);
  }
  if (status < 200) return onProvisional(turn, transaction, call, leg, response);
  if (leg.clientInvite === transaction.key) leg.clientInvite = null;
  if (status === 422 && leg.state !== "confirmed") {
    if (inviteAgain(turn, transaction, call, leg, response)) return;
  }
  if (status >= 300 && status < 400 && followRedirection(turn, call, leg, response)) return;
  if (answerChallenge(turn, transaction, call, leg, response)) return;
  if (leg !== call.destination && call.forks.includes(leg)) {
    if (status >= 300) return onForkRefused(turn, call, leg, status, response.reason);
    promoteFork(call, leg);
  }
  if (status < 300) return onAccepted(turn, transaction, call, leg, response);
  onRefused(turn, call, leg, status, response.reason);
}

/** A carrier asks who we are: with that trunk's credentials, once, and never with another's. */
function answerChallenge(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): boolean {
  const { status } = response;
  if ((status !== 401 && status !== 407) || leg.state === "confirmed") return false;
  const name = trunkOf(leg);
  const config = name === null ? undefined : turn.state.configured.trunks.get(name);
  const { text } = transaction;
  if (config === undefined || /^(?:Proxy-)?Authorization:/im.test(text)) return false;
  const challenge = credentialsFor(config, response);
  if (challenge === null) return false;
  const uri = text.split(" ", 2)[1] ?? "";
  const signing = { kind: "invite", trunk: config.name, method: "INVITE", uri } as const;
  wantSignature(turn, config, challenge, { ...signing, ...keyOf(call, leg), text: ownText(text) });
  return true;
}

/** RFC 4028 §7.4: once more, with the interval that the far end takes. */
function inviteAgain(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): boolean {
  const minimum = secondsOf(headerOf(response, "min-se"));
  if (minimum === null || minimum <= leg.minSe) return false;
  leg.minSe = minimum;
  repeatInvite(turn, call, leg, transaction.text, [
    ["Session-Expires", String(minimum)],
    ["Min-SE", String(minimum)],
  ]);
  return true;
}

function onProvisional(
  turn: Turn,
  transaction: ClientTransaction,
  call: Call,
  leg: Leg,
  response: SipResponse,
): void {
  if (response.status === 100 || leg.state === "confirmed") return;
  if (leg.side !== 1) return onOwnPhoneRings(turn, call, leg, requestOf(transaction), response);
  if (leg !== call.destination && call.destination?.state === "trying") promoteFork(call, leg);
  leg.state = "ringing";
  learnAbilities(leg, response);
  if (leg.dialog === null) {
    const early = dialogFromResponse(requestOf(transaction), response);
    if (early !== undefined) enterDialog(turn, call, leg, early);
    // Asked to answer before its INVITE was renewed: this phone has not heard of it.
    if (early !== undefined && leg.answerAskedBy !== null) sendNotifyTalk(turn, call, leg);
  }
  const reliability = reliabilityOf(response);
  if (reliability !== null && !isNextReliable(leg, reliability)) return;
  const isRinging = response.status === 180 || leg.announced !== "nothing";
  if (isRinging || response.status === 183) {
    announceRinging(turn, call);
    advanceHandover(turn, call, response.status);
    advanceMuteTransfer(turn, call);
    if (turn.state.calls.get(call.key) !== call || call.destination !== leg) return;
  }
  const caller = call.origination;
  const { exchange } = call;
  const isThrough =
    exchange.kind === "setup" && caller.abilities.reliable && call.forks.length === 0;
  if (reliability !== null && !isThrough) acknowledgeHere(turn, leg, reliability);
  if (caller.serverInvite === null) return;
  // Of several phones that ring at once none is the one whose media the caller should have.
  const description = call.forks.length > 0 ? "" : readDescription(response);
  keepReceived(leg, description);
  caller.state = "ringing";
  const from = isThrough && reliability !== null ? sourceOf(call, leg, reliability) : null;
  if (exchange.kind === "setup" && from !== null && description !== "" && exchange.offerInInvite) {
    call.exchange = { ...exchange, isSettled: true };
  }
  sendProvisional(turn, call, caller, { status: response.status, description, from });
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
  leg.acknowledges = transaction.key;
  heedTimer(turn, call, leg, response);
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
      return calleeAnswered(turn, call, leg, cseq, description, exchange);
    case "makeCall":
      disarm(turn, callTimer(call, "no-answer"));
      if (exchange.step === "callingOrigination") {
        const isOffer = description !== "" && makesFirstOffer(leg.target);
        if (isOffer) leg.ackOwed = cseq;
        const ack = isOffer ? "" : sendAck(turn, leg, cseq, "");
        placeMadeCall(turn, call, exchange);
        return ack;
      }
      if (offerOwed(call.origination) !== "") {
        advanceHandover(turn, call, 200);
        return originationGotAnswer(turn, call, leg, cseq, description);
      }
      leg.ackOwed = cseq;
      advanceHandover(turn, call, 200);
      offerOrigination(turn, call, exchange, description);
      return "";
    case "none":
    case "reinvite":
    case "renegotiate":
    case "refresh":
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
  { offerInInvite, isSettled }: Extract<Call["exchange"], { kind: "setup" }>,
): string {
  disarm(turn, callTimer(call, "no-answer"));
  endAnnouncement(turn, call);
  let ack = "";
  if (offerInInvite || isSettled) {
    ack = sendAck(turn, leg, cseq, "");
    call.exchange = { kind: "none" };
  } else leg.ackOwed = cseq;
  // Phones exist that answer in an unreliable 183 and leave it out of the 2xx.
  const isMissing = description === "" && offerInInvite && !isSettled;
  const shown = isMissing ? leg.session.received : description;
  acceptInvite(turn, call, call.origination, shown);
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
  if (leg === call.announcement) return loseAnnouncement(turn, call, leg);
  if (call.forks.includes(leg)) return onForkRefused(turn, call, leg, status, reason);
  if (leg.state === "confirmed") return failReinvite(turn, call, status);
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
  const { origination } = call;
  const offer =
    exchange.kind === "makeCall" ? offerOwed(origination) : origination.session.received;
  if (mayTryNext(leg, status) && callNextAlternative(turn, call, leg, offer)) return;
  if (isUnreachable(status) && callWithoutPeer(turn, call, leg, offer)) return;
  const best = call.refusal ?? { status, reason };
  const { status: shown, reason: shownReason } = shownStatus(best.status, best.reason);
  onNotTaken(turn, call, shown, shownReason);
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
