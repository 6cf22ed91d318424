/**
 * What happens within a call: BYE, ACK, re-INVITE and UPDATE of the other side (RFC 3261 §12.2.2,
 * §14.2; RFC 3311), OPTIONS, and our own hold and retrieve (§14.1). A dialog may go on from another
 * address: whoever knows its Call-ID and tags and counts on from its CSeq is the other side.
 */
import { nextInt } from "@tandem/kernel";
import {
  acceptInDialog,
  buildResponse,
  cseqOf,
  type HeaderPair,
  ownText,
  refreshTarget,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { accountFor, takeChallenge } from "./authorization.ts";
import {
  acknowledge,
  allowedMethods,
  callKey,
  destinationOf,
  endCall,
  isTalking,
  sayBye,
  type TalkingCall,
  userOf,
  writeInDialog,
} from "./calls.ts";
import { refuse, sendSuccess } from "./incoming-call.ts";
import { answerOffer, takeAnswer, updateMedia, writeOffer } from "./media.ts";
import type { Call, ClientOwner } from "./phone-state.ts";
import { type Address, authTriesMax } from "./settings.ts";
import { respond, startClient } from "./transactions.ts";
import { arm, contactFor, disarm, newTag, report, send, type Turn } from "./turn.ts";

/** A request of the other side; every one but ACK is answered. */
export function onRequestInDialog(
  turn: Turn,
  call: Call,
  id: string,
  request: SipRequest,
  source: Address,
): void {
  if (call.phase.kind === "placing") return; // no dialog yet
  const { dialog } = call.phase;
  if (acceptInDialog(dialog, request) === "outOfOrder") {
    if (request.method !== "ACK") answer(turn, id, request, 500, [["Retry-After", "1"]]);
    return;
  }
  switch (request.method) {
    case "ACK":
      if (isTalking(call)) onAck(turn, call, request);
      break;
    case "BYE":
      answer(turn, id, request, 200);
      endCall(turn, call, "remote");
      break;
    case "INVITE":
      if (isTalking(call)) onReinvite(turn, call, id, request, source);
      else answer(turn, id, request, 491);
      break;
    case "UPDATE":
      if (isTalking(call)) onUpdate(turn, call, id, request, source);
      else answer(turn, id, request, 491);
      break;
    case "OPTIONS":
      answer(turn, id, request, 200, capabilities);
      break;
    case "INFO":
    case "NOTIFY":
    case "MESSAGE":
      answer(turn, id, request, 200);
      break;
    default:
      answer(turn, id, request, 405, [["Allow", allowedMethods]]);
  }
}

/** What OPTIONS is told, within and outside a dialog (§11.2). */
export const capabilities: readonly HeaderPair[] = [
  ["Allow", allowedMethods],
  ["Accept", "application/sdp"],
];

/** Puts the call on hold, or takes it back; ignored while another change is under way. */
export function changeHold(turn: Turn, call: Call, wantsHold: boolean): void {
  if (!isTalking(call) || call.phase.reinvite !== null) return;
  if (call.phase.unacknowledged !== null || call.isHeld === wantsHold) return;
  sendReinvite(turn, call, wantsHold, 0);
}

/** A re-INVITE that met another one (491) is sent again (§14.1). */
export function reinviteAgain(turn: Turn, call: Call): void {
  if (!isTalking(call) || call.phase.reinvite === null) return;
  sendReinvite(turn, call, call.phase.reinvite.wantsHold, 0);
}

export function onReinviteResponse(
  turn: Turn,
  call: Call,
  response: SipResponse,
  flow: Address,
): void {
  if (!isTalking(call)) return;
  const { phase } = call;
  const cseq = cseqOf(response)?.number ?? 0;
  if (phase.reinvite === null) {
    if (phase.ack?.cseq === cseq && response.status >= 200) send(turn, flow, phase.ack.text);
    return;
  }
  if (response.status < 200) return;
  const { wantsHold, authTries } = phase.reinvite;
  if (response.status < 300) {
    refreshTarget(phase.dialog, response);
    phase.ack = { cseq, text: ownText(acknowledge(turn, phase.dialog, flow, cseq)) };
    if (!takeAnswer(turn, call, response.body)) {
      giveUpReinvite(turn, call, 488); // an answer that cannot be used changes nothing
      return;
    }
    phase.reinvite = null;
    report(turn, { kind: wantsHold ? "held" : "retrieved", call: call.id, by: "local" });
    updateMedia(turn, call);
    return;
  }
  const isChallenge = response.status === 401 || response.status === 407;
  const mayAnswer = isChallenge && accountFor(turn, call.account, flow) !== undefined;
  if (mayAnswer && authTries < authTriesMax && takeChallenge(turn, call.account ?? -1, response)) {
    sendReinvite(turn, call, wantsHold, authTries + 1);
  } else if (response.status === 491) {
    // §14.1: whoever made the Call-ID waits longer; everybody else less.
    const [least, most] = call.direction === "out" ? [210, 400] : [0, 200];
    arm(turn, callKey(call, "again"), 10 * nextInt(turn.context.random, least, most));
  } else {
    giveUpReinvite(turn, call, response.status);
  }
}

/** No answer to our re-INVITE: the other side is gone (§14.1, §12.2.1.2). */
export function onReinviteSilent(turn: Turn, call: Call): void {
  if (isTalking(call) && call.phase.reinvite !== null) giveUpReinvite(turn, call, 408);
}

/** Our BYE was challenged: once more with credentials. Anything else ends it. */
export function onByeResponse(
  turn: Turn,
  owner: Extract<ClientOwner, { kind: "bye" }>,
  response: SipResponse,
  flow: Address,
): void {
  const isChallenge = response.status === 401 || response.status === 407;
  if (!isChallenge || owner.authTries >= authTriesMax) return;
  if (accountFor(turn, owner.account, flow) === undefined) return;
  if (!takeChallenge(turn, owner.account ?? -1, response)) return;
  sayBye(turn, owner.dialog, flow, owner.account, owner.authTries + 1);
}

/** In-dialog OPTIONS, sent once, without a transaction. */
export function probe(turn: Turn, call: Call): void {
  if (!isTalking(call)) return;
  const target = destinationOf(call.phase.dialog, call.phase.flow);
  const { text } = writeInDialog(turn, call.phase.dialog, null, "OPTIONS", target);
  send(turn, target, text);
}

function sendReinvite(turn: Turn, call: TalkingCall, wantsHold: boolean, authTries: number): void {
  const { phase } = call;
  const wasHeld = call.isHeld;
  call.isHeld = wantsHold; // for the offer; put back when it is refused
  const target = destinationOf(phase.dialog, phase.flow);
  const { text, branch } = writeInDialog(turn, phase.dialog, call.account, "INVITE", target, {
    headers: [
      ["Allow", allowedMethods],
      ["Content-Type", "application/sdp"],
    ],
    body: writeOffer(turn, call),
  });
  const before = phase.reinvite === null ? wasHeld : phase.reinvite.wasHeld;
  phase.reinvite = { wantsHold, wasHeld: before, authTries };
  const owner = { kind: "reinvite", call: call.id } as const;
  startClient(turn, { text: ownText(text), branch, method: "INVITE", flow: target, owner });
}

function giveUpReinvite(turn: Turn, call: TalkingCall, status: number): void {
  const { phase } = call;
  if (phase.reinvite === null) return;
  call.isHeld = phase.reinvite.wasHeld;
  phase.reinvite = null;
  if (status === 408 || status === 481) {
    sayBye(turn, phase.dialog, phase.flow, call.account);
    endCall(turn, call, "lost", status);
    return;
  }
  report(turn, { kind: "holdFailed", call: call.id, status });
}

function onAck(turn: Turn, call: TalkingCall, request: SipRequest): void {
  const { phase } = call;
  const awaited = phase.unacknowledged;
  if (awaited === null || cseqOf(request)?.number !== awaited.cseq) return;
  phase.unacknowledged = null;
  disarm(turn, callKey(call, "resend"));
  disarm(turn, callKey(call, "ackWait"));
  if (phase.isEnding) {
    sayBye(turn, phase.dialog, phase.flow, call.account);
    endCall(turn, call, "local");
    return;
  }
  if (awaited.awaitsAnswer && !takeAnswer(turn, call, request.body)) {
    sayBye(turn, phase.dialog, phase.flow, call.account);
    endCall(turn, call, "media", 488);
    return;
  }
  const { callId } = phase.dialog;
  if (!phase.isEstablished) {
    phase.isEstablished = true;
    report(turn, { kind: "established", call: call.id, direction: "in", callId });
  }
  if (awaited.awaitsAnswer) updateMedia(turn, call);
}

/**
 * §14.2: ours under way, 491; theirs not yet acknowledged, 500; no codec, 488 and all as before.
 */
function onReinvite(
  turn: Turn,
  call: TalkingCall,
  id: string,
  request: SipRequest,
  source: Address,
): void {
  const { phase } = call;
  if (phase.reinvite !== null) {
    refuse(turn, id, request, 491);
    return;
  }
  if (phase.unacknowledged !== null) {
    const seconds = nextInt(turn.context.random, 0, 10);
    refuse(turn, id, request, 500, [["Retry-After", String(seconds)]]);
    return;
  }
  const hasOffer = request.body !== "";
  const sdp = hasOffer ? answerOffer(turn, call, request.body) : writeOffer(turn, call);
  if (sdp === undefined) {
    refuse(turn, id, request, 488);
    return;
  }
  moveTo(turn, call, request, source);
  sendSuccess(turn, call, id, request, sdp, !hasOffer);
  if (hasOffer) updateMedia(turn, call);
}

/** RFC 3311 §5.2: a change without the three-way handshake. */
function onUpdate(
  turn: Turn,
  call: TalkingCall,
  id: string,
  request: SipRequest,
  source: Address,
): void {
  const hasOffer = request.body !== "";
  if (hasOffer && call.phase.reinvite !== null) {
    answer(turn, id, request, 491);
    return;
  }
  const sdp = hasOffer ? answerOffer(turn, call, request.body) : "";
  if (sdp === undefined) {
    answer(turn, id, request, 488);
    return;
  }
  moveTo(turn, call, request, source);
  const contact = contactFor(turn, userOf(turn, call.account), source);
  respond(
    turn,
    id,
    200,
    buildResponse(request, 200, { headers: [["Contact", contact]], body: sdp }),
  );
  if (hasOffer) updateMedia(turn, call);
}

/** The target follows the Contact; the other side may be at another address from now on. */
function moveTo(turn: Turn, call: TalkingCall, request: SipRequest, source: Address): void {
  refreshTarget(call.phase.dialog, request);
  const { flow } = call.phase;
  call.phase.flow = source;
  if (flow.host !== source.host || flow.port !== source.port) {
    report(turn, { kind: "moved", call: call.id, source });
  }
}

function answer(
  turn: Turn,
  id: string,
  request: SipRequest,
  status: number,
  headers: readonly HeaderPair[] = [],
): void {
  respond(turn, id, status, buildResponse(request, status, { toTag: newTag(turn), headers }));
}
