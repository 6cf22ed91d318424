/**
 * Calls that the phone places (RFC 3261 §13.2): through its accounts' registrars, or, for a caller
 * without accounts, through its targets in turn.
 *
 *   call ─▶ INVITE to way 1 ──silent for tryNextAfterMs, 408, 5xx──▶ INVITE to way 2 …
 *             │ 401, 407: again with credentials     │ 3xx: where its Contact says
 *             ├─2xx: ACK──▶ talking
 *             └─other──▶ ended
 *   hangup, ringing too long ──▶ ended; CANCEL; a 2xx that was under way gets ACK and BYE
 *
 * A way that is given up keeps its transaction, because an answer may still come.
 */
import {
  cseqOf,
  headerOf,
  listOf,
  ownText,
  parseUri,
  type SipResponse,
  tagOf,
  uriIn,
} from "@tandem/sip";
import { abandon, endFork } from "./abandoned-invite.ts";
import { accountFor, takeChallenge } from "./authorization.ts";
import { acknowledge, addCall, callKey, endCall, sayBye } from "./calls.ts";
import {
  dialogOf,
  fromValue,
  noAttempt,
  requestOf,
  requestUri,
  sendInvite,
} from "./invite-request.ts";
import { takeAnswer, updateMedia } from "./media.ts";
import type { EndCause, PhoneCommand } from "./phone-event.ts";
import type { Call, CallPhase, Dialled, Way } from "./phone-state.ts";
import { type Address, authTriesMax } from "./settings.ts";
import { arm, disarm, newCallId, report, send, type Turn } from "./turn.ts";

type Placing = Extract<CallPhase, { kind: "placing" }>;

/** Redirections that one call follows. */
const redirectsMax = 3;
/** What a way without an answer is worth: it may be tried elsewhere (RFC 3263 §4.3). */
const nextWayStatuses: readonly number[] = [408, 500, 502, 503, 504];

export function placeCall(turn: Turn, command: Extract<PhoneCommand, { kind: "call" }>): void {
  const dialled: Dialled = {
    uri: command.uri,
    headers: command.headers ?? [],
    ways: waysOf(turn, command.account),
    redirects: 0,
  };
  const first = dialled.ways[0];
  const phase: Placing = { kind: "placing", dialled, way: 0, attempt: noAttempt };
  const parts = {
    direction: "out",
    account: first?.account ?? null,
    callId: newCallId(turn),
  } as const;
  const call = addCall(turn, parts, phase);
  if (call === undefined) {
    const id = turn.state.nextCall;
    turn.state.nextCall += 1;
    report(turn, { kind: "ended", call: id, cause: "refused", wasEstablished: false });
  } else if (first === undefined || turn.state.stopping !== "no") {
    endCall(turn, call, "unreachable");
  } else {
    arm(turn, callKey(call, "ringOut"), turn.state.settings.ringOutMs);
    tryWay(turn, call, dialled, 0);
  }
}

/** The account asked for; else those registered, then the others; for a caller its targets. */
function waysOf(turn: Turn, account: number | undefined): readonly Way[] {
  const { accounts, targets } = turn.state.settings;
  const way = (index: number): Way[] => {
    const chosen = accounts[index];
    return chosen === undefined ? [] : [{ address: chosen.registrar, account: index }];
  };
  if (account !== undefined) return way(account);
  const isRegistered = (index: number): boolean =>
    turn.state.registrations[index]?.phase.kind === "registered";
  const indexes = accounts.map((_, index) => index);
  const ordered = [
    ...indexes.filter((index) => isRegistered(index)),
    ...indexes.filter((index) => !isRegistered(index)),
  ];
  return [...ordered.flatMap(way), ...targets.map((address) => ({ address, account: null }))];
}

/** A new INVITE, with a Call-ID of its own unless it is the first. */
function tryWay(turn: Turn, call: Call, dialled: Dialled, index: number): void {
  const way = dialled.ways[index];
  if (way === undefined) return;
  call.account = way.account;
  const uri = requestUri(turn, dialled.uri, way);
  const callId = index === 0 && dialled.redirects === 0 ? call.callId : newCallId(turn);
  const from = fromValue(turn, way);
  const attempt = sendInvite(
    turn,
    call,
    { uri, way, callId, from, cseq: 1, authTries: 0 },
    dialled,
  );
  call.phase = { kind: "placing", dialled, way: index, attempt };
  report(turn, { kind: "placing", call: call.id, target: way.address, callId });
  if (index + 1 < dialled.ways.length) {
    arm(turn, callKey(call, "next"), turn.state.settings.tryNextAfterMs);
  }
}

export function onInviteResponse(
  turn: Turn,
  call: Call,
  clientId: string,
  response: SipResponse,
  flow: Address,
): void {
  const { phase } = call;
  if (phase.kind === "talking") {
    // A 2xx again, or that of another fork.
    onLateSuccess(turn, call, clientId, response, flow);
    return;
  }
  if (phase.kind !== "placing" || phase.attempt.clientId !== clientId) return;
  if (response.status < 200) onProvisional(turn, call, phase, response);
  else if (response.status < 300) onSuccess(turn, call, phase, response, flow);
  else onFailure(turn, call, phase, response, flow);
}

/** The transaction ended without an answer: timer B, or nothing could be sent. */
export function onInviteSilent(turn: Turn, call: Call, clientId: string): void {
  const { phase } = call;
  if (phase.kind !== "placing" || phase.attempt.clientId !== clientId) return;
  if (!giveWay(turn, call, phase)) endCall(turn, call, "unreachable");
}

/** `tryNextAfterMs` passed. */
export function onWaySilent(turn: Turn, call: Call): void {
  const { phase } = call;
  if (phase.kind !== "placing" || phase.attempt.isProvisional) return;
  abandon(turn, call, phase.attempt);
  giveWay(turn, call, phase);
}

export function onRingOut(turn: Turn, call: Call): void {
  if (call.phase.kind !== "placing") return;
  abandon(turn, call, call.phase.attempt);
  endCall(turn, call, "noAnswer");
}

export function cancelCall(turn: Turn, call: Call): void {
  if (call.phase.kind !== "placing") return;
  abandon(turn, call, call.phase.attempt);
  endCall(turn, call, "local");
}

function onProvisional(turn: Turn, call: Call, phase: Placing, response: SipResponse): void {
  disarm(turn, callKey(call, "next"));
  const isRinging = phase.attempt.isRinging || response.status === 180;
  if (isRinging && !phase.attempt.isRinging) report(turn, { kind: "ringing", call: call.id });
  call.phase = { ...phase, attempt: { ...phase.attempt, isProvisional: true, isRinging } };
}

function onSuccess(
  turn: Turn,
  call: Call,
  phase: Placing,
  response: SipResponse,
  flow: Address,
): void {
  const dialog = dialogOf(phase.attempt.request, response);
  if (dialog === undefined) {
    endCall(turn, call, "media");
    return;
  }
  disarm(turn, callKey(call, "next"));
  disarm(turn, callKey(call, "ringOut"));
  const cseq = cseqOf(response)?.number ?? 0;
  const ack = { cseq, text: ownText(acknowledge(turn, dialog, flow, cseq)) };
  if (!takeAnswer(turn, call, response.body)) {
    sayBye(turn, dialog, flow, call.account);
    endCall(turn, call, "media", 488);
    return;
  }
  call.phase = {
    kind: "talking",
    dialog,
    flow,
    unacknowledged: null,
    ack,
    reinvite: null,
    isEstablished: true,
    isEnding: false,
  };
  report(turn, { kind: "established", call: call.id, direction: "out", callId: dialog.callId });
  updateMedia(turn, call);
}

/** RFC 3261 §13.2.2.4: the ACK again; the dialog of another fork is ended at once. */
function onLateSuccess(
  turn: Turn,
  call: Call,
  clientId: string,
  response: SipResponse,
  flow: Address,
): void {
  if (call.phase.kind !== "talking" || response.status < 200 || response.status >= 300) return;
  const { dialog, ack } = call.phase;
  if (tagOf(response, "to") !== dialog.remoteTag) {
    const transaction = turn.state.transactions.get(clientId);
    if (transaction === undefined) return;
    endFork(turn, dialog, response, flow, call.account);
  } else if (ack !== null && ack.cseq === cseqOf(response)?.number) {
    send(turn, flow, ack.text);
  }
}

function onFailure(
  turn: Turn,
  call: Call,
  phase: Placing,
  response: SipResponse,
  flow: Address,
): void {
  const { status } = response;
  if ((status === 401 || status === 407) && tryWithCredentials(turn, call, phase, response, flow)) {
    return;
  }
  if (status >= 300 && status < 400 && redirect(turn, call, phase, response)) return;
  if (nextWayStatuses.includes(status) && giveWay(turn, call, phase)) return;
  endCall(turn, call, causeOf(status), status);
}

/** The same call again (§22.2): same Call-ID, From and To, next CSeq, another branch. */
function tryWithCredentials(
  turn: Turn,
  call: Call,
  phase: Placing,
  response: SipResponse,
  flow: Address,
): boolean {
  const way = phase.dialled.ways[phase.way];
  const invite = requestOf(phase.attempt.request);
  if (way === undefined || invite === undefined || way.account === null) return false;
  if (accountFor(turn, way.account, flow) === undefined) return false;
  if (phase.attempt.authTries >= authTriesMax) return false;
  if (!takeChallenge(turn, way.account, response)) return false;
  const attempt = sendInvite(
    turn,
    call,
    {
      uri: invite.uri,
      way,
      callId: headerOf(invite, "call-id") ?? "",
      from: headerOf(invite, "from") ?? "",
      cseq: (cseqOf(invite)?.number ?? 0) + 1,
      authTries: phase.attempt.authTries + 1,
    },
    phase.dialled,
  );
  call.phase = { ...phase, attempt };
  return true;
}

/** RFC 3261 §8.1.3.4: to the first Contact, as given. */
function redirect(turn: Turn, call: Call, phase: Placing, response: SipResponse): boolean {
  const contact = listOf(response, "contact")[0];
  const text = contact === undefined ? undefined : uriIn(contact);
  const uri = text === undefined ? undefined : parseUri(text);
  if (text === undefined || uri === undefined || phase.dialled.redirects >= redirectsMax) {
    return false;
  }
  const isTcp = uri.params.get("transport")?.toLowerCase() === "tcp";
  const address: Address = {
    transport: isTcp ? "TCP" : "UDP",
    host: uri.host.replace(/^\[|\]$/g, ""),
    port: uri.port ?? 5060,
  };
  const ways: readonly Way[] = [{ address, account: call.account }];
  tryWay(
    turn,
    call,
    { ...phase.dialled, uri: ownText(text), ways, redirects: phase.dialled.redirects + 1 },
    0,
  );
  return true;
}

/** Goes on to the next way; false when there is none. */
function giveWay(turn: Turn, call: Call, phase: Placing): boolean {
  disarm(turn, callKey(call, "next"));
  if (phase.way + 1 >= phase.dialled.ways.length) return false;
  tryWay(turn, call, phase.dialled, phase.way + 1);
  return true;
}

function causeOf(status: number): EndCause {
  if (status === 486 || status === 600) return "busy";
  if (status === 408 || status === 480) return "noAnswer";
  if (status === 487) return "cancelled";
  return "refused";
}
