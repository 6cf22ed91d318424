/**
 * Calls that come to the phone (RFC 3261 §13.3).
 *
 *   INVITE ─▶ ringing (180) ──answer──▶ talking: 200, repeated until the ACK (§13.3.1.4)
 *               ├─CANCEL: 487──▶ ended                     └─ no ACK for 64 T1: BYE
 *               └─rejected, given up: 4xx──▶ ended
 *
 * An INVITE without SDP is answered with an offer; the answer comes in the ACK (3PCC, RFC 3725).
 */
import {
  buildResponse,
  callIdOf,
  cseqOf,
  dialogFromRequest,
  headerOf,
  headersOf,
  type HeaderPair,
  listOf,
  ownText,
  parseMessage,
  parseNameAddr,
  type SipRequest,
  uriOf,
} from "@tandem/sip";
import {
  addCall,
  allowedMethods,
  callKey,
  endCall,
  isTalking,
  sayBye,
  type TalkingCall,
  userOf,
} from "./calls.ts";
import { answerOffer, updateMedia, writeOffer } from "./media.ts";
import type { Call, CallPhase } from "./phone-state.ts";
import { ackWaitT1s, type Address } from "./settings.ts";
import { cancelledId, respond } from "./transactions.ts";
import { arm, contactFor, disarm, newTag, report, type Turn } from "./turn.ts";

type Ringing = Extract<CallPhase, { kind: "ringing" }>;

/** An INVITE outside any dialog. */
export function onInvite(turn: Turn, id: string, request: SipRequest, source: Address): void {
  const refusal = refusalOf(turn, request);
  if (refusal !== undefined) {
    refuse(turn, id, request, refusal.status, refusal.headers);
    return;
  }
  const dialog = dialogFromRequest(request, newTag(turn));
  if (dialog === undefined) {
    refuse(turn, id, request, 400);
    return;
  }
  const account = accountOf(turn, source);
  const phase: Ringing = { kind: "ringing", serverId: id, dialog, source };
  const callId = ownText(callIdOf(request));
  const call = addCall(turn, { direction: "in", account, callId }, phase);
  if (call === undefined) {
    refuse(turn, id, request, 486);
    return;
  }
  const from = parseNameAddr(headerOf(request, "from") ?? "");
  report(turn, {
    kind: "incoming",
    call: call.id,
    account,
    source,
    from: ownText(from?.uri ?? ""),
    fromDisplay: ownText(from?.display ?? ""),
    to: ownText(uriOf(request, "to") ?? ""),
    callId,
  });
  ring(turn, call, phase, request);
}

/** Answers a ringing call; false when it does not ring. */
export function answerCall(turn: Turn, call: Call): boolean {
  const { phase } = call;
  if (phase.kind !== "ringing") return false;
  const request = keptRequest(turn, phase.serverId);
  if (request === undefined) return false;
  const hasOffer = request.body !== "";
  const sdp = hasOffer ? answerOffer(turn, call, request.body) : writeOffer(turn, call);
  if (sdp === undefined) {
    refuse(turn, phase.serverId, request, 488, [], phase.dialog.localTag);
    endCall(turn, call, "media", 488);
    return true;
  }
  disarm(turn, callKey(call, "answer"));
  disarm(turn, callKey(call, "giveUp"));
  phase.dialog.isEarly = false;
  call.phase = {
    kind: "talking",
    dialog: phase.dialog,
    flow: phase.source,
    unacknowledged: null,
    ack: null,
    reinvite: null,
    isEstablished: false,
    isEnding: false,
  };
  if (isTalking(call)) sendSuccess(turn, call, phase.serverId, request, sdp, !hasOffer);
  if (hasOffer) updateMedia(turn, call);
  return true;
}

/** Ends a ringing call with a refusal. */
export function rejectCall(
  turn: Turn,
  call: Call,
  status: number,
  cause: "local" | "noAnswer",
): void {
  const { phase } = call;
  if (phase.kind !== "ringing") return;
  const request = keptRequest(turn, phase.serverId);
  if (request !== undefined)
    refuse(turn, phase.serverId, request, status, [], phase.dialog.localTag);
  endCall(turn, call, cause, status);
}

/** CANCEL is answered itself, and its INVITE with 487 when it still rings (§9.2). */
export function onCancel(turn: Turn, id: string, request: SipRequest): void {
  const inviteId = cancelledId(request);
  const isKnown = turn.state.transactions.has(inviteId);
  respond(
    turn,
    id,
    isKnown ? 200 : 481,
    buildResponse(request, isKnown ? 200 : 481, { toTag: newTag(turn) }),
  );
  for (const call of turn.state.calls.values()) {
    if (call.phase.kind !== "ringing" || call.phase.serverId !== inviteId) continue;
    const invite = keptRequest(turn, inviteId);
    if (invite !== undefined) refuse(turn, inviteId, invite, 487, [], call.phase.dialog.localTag);
    endCall(turn, call, "cancelled", 487);
    return;
  }
}

/** Sends the 2xx to an INVITE or re-INVITE, and repeats it until its ACK comes. */
export function sendSuccess(
  turn: Turn,
  call: TalkingCall,
  serverId: string,
  request: SipRequest,
  sdp: string,
  awaitsAnswer: boolean,
): void {
  const { phase } = call;
  const recordRoutes = headersOf(request, "record-route");
  const text = ownText(
    buildResponse(request, 200, {
      toTag: phase.dialog.localTag,
      headers: [
        ...recordRoutes.map((route): HeaderPair => ["Record-Route", route]),
        ["Contact", contactFor(turn, userOf(turn, call.account), phase.flow)],
        ["Allow", allowedMethods],
      ],
      body: sdp,
    }),
  );
  const { t1Ms } = turn.state.settings.timing;
  const cseq = cseqOf(request)?.number ?? 0;
  phase.unacknowledged = { text, cseq, serverId, resendMs: t1Ms, awaitsAnswer };
  respond(turn, serverId, 200, text);
  arm(turn, callKey(call, "resend"), t1Ms);
  arm(turn, callKey(call, "ackWait"), ackWaitT1s * t1Ms);
}

/** §13.3.1.4: the interval doubles up to T2. */
export function resendSuccess(turn: Turn, call: Call): void {
  if (call.phase.kind !== "talking" || call.phase.unacknowledged === null) return;
  const { unacknowledged } = call.phase;
  const resendMs = Math.min(2 * unacknowledged.resendMs, turn.state.settings.timing.t2Ms);
  call.phase.unacknowledged = { ...unacknowledged, resendMs };
  respond(turn, unacknowledged.serverId, 200, unacknowledged.text);
  arm(turn, callKey(call, "resend"), resendMs);
}

/** §13.3.1.4: without an ACK the dialog is ended with BYE. */
export function onAckMissing(turn: Turn, call: Call): void {
  if (call.phase.kind !== "talking" || call.phase.unacknowledged === null) return;
  sayBye(turn, call.phase.dialog, call.phase.flow, call.account);
  endCall(turn, call, call.phase.isEnding ? "local" : "lost");
}

/** A final failure response to an INVITE. */
export function refuse(
  turn: Turn,
  id: string,
  request: SipRequest,
  status: number,
  headers: readonly HeaderPair[] = [],
  toTag: string = newTag(turn),
): void {
  respond(turn, id, status, buildResponse(request, status, { toTag, headers }));
}

function ring(turn: Turn, call: Call, phase: Ringing, request: SipRequest): void {
  const { answer } = turn.state;
  if (answer.kind === "auto" && answer.ringMs === 0) {
    answerCall(turn, call);
    return;
  }
  const text = buildResponse(request, 180, {
    toTag: phase.dialog.localTag,
    headers: [
      ...headersOf(request, "record-route").map((route): HeaderPair => ["Record-Route", route]),
      ["Contact", contactFor(turn, userOf(turn, call.account), phase.source)],
    ],
  });
  respond(turn, phase.serverId, 180, text);
  if (answer.kind === "auto") arm(turn, callKey(call, "answer"), answer.ringMs);
  if (answer.kind === "manual") arm(turn, callKey(call, "giveUp"), answer.giveUpMs);
}

interface Refusal {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
}

function refusalOf(turn: Turn, request: SipRequest): Refusal | undefined {
  const required = listOf(request, "require");
  if (required.length > 0) return { status: 420, headers: [["Unsupported", required.join(", ")]] };
  const type = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  if (request.body !== "" && type !== "application/sdp") {
    return { status: 415, headers: [["Accept", "application/sdp"]] };
  }
  if (turn.state.stopping !== "no") return { status: 480, headers: [] };
  const { answer } = turn.state;
  return answer.kind === "reject" ? { status: answer.status, headers: [] } : undefined;
}

/** The account whose registrar sent it. */
function accountOf(turn: Turn, source: Address): number | null {
  const index = turn.state.settings.accounts.findIndex(
    ({ registrar }) => registrar.host === source.host,
  );
  return index < 0 ? null : index;
}

/** The INVITE behind a server transaction. */
function keptRequest(turn: Turn, id: string): SipRequest | undefined {
  const transaction = turn.state.transactions.get(id);
  if (transaction?.kind !== "inviteServer") return undefined;
  const parsed = parseMessage(transaction.request);
  return parsed.ok && parsed.value.kind === "request" ? parsed.value : undefined;
}
