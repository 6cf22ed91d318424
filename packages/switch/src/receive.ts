import { ok } from "@tandem/kernel";
import {
  acceptInDialog,
  clientKey,
  headerOf,
  inviteKeyOf,
  parseMessage,
  refreshTarget,
  serverKey,
  tagOf,
  validateRequest,
  validateResponse,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { heedRound } from "./calls/circle.ts";
import { givenReason, onAck, onBye } from "./calls/acknowledge.ts";
import { onAnnouncementRequest } from "./calls/announcement.ts";
import { legById, type Call, type Leg } from "./calls/call.ts";
import { onNewInvite } from "./calls/incoming.ts";
import { dialogKey, retargetLeg } from "./calls/leg.ts";
import { onReinvite } from "./calls/reinvite.ts";
import { onRefer } from "./calls/refer.ts";
import { heardAgain } from "./calls/placing.ts";
import { onInfo } from "./calls/relay.ts";
import { onPrack } from "./calls/reliable.ts";
import { onUpdate } from "./calls/update.ts";
import { onCancelled } from "./calls/release.ts";
import { deliver } from "./deliver.ts";
import { isAwaited, noteAlive, noteLost } from "./flows/flow.ts";
import { retarget } from "./flows/owed.ts";
import { inspect } from "./inspect.ts";
import { readAhead, type Authenticated, type Flow, type Input } from "./input.ts";
import { isPeerFlow, replyTarget } from "./peers/peer.ts";
import { onNotify } from "./peers/receive-report.ts";
import { onSubscribe } from "./peers/report.ts";
import { register, targetOf } from "./registrar/register.ts";
import { stepClient } from "./transactions/client.ts";
import {
  answer,
  answerStateless,
  findServer,
  openServer,
  stepServer,
} from "./transactions/server.ts";
import type { ClientTransaction, ServerTransaction } from "./transactions/transaction.ts";
import type { Turn } from "./turn.ts";

/** One SIP message, on its way up: transaction, then dialog, then call or registrar. */
export function receiveMessage(turn: Turn, input: Extract<Input, { kind: "sip" }>): void {
  const ahead = input[readAhead];
  const message = ahead?.message ?? messageOf(input.text);
  if (message === null) return; // the edge counts what cannot be SIP
  if (message.kind === "response") return receiveResponse(turn, message, input.flow);
  const { flow, authenticated } = input;
  noteAlive(turn.state, flow.name);
  const valid = ahead?.isValid === true ? ok(undefined) : validateRequest(message);
  if (valid.ok) return receiveRequest(turn, flow, message, authenticated);
  const { status, reason } = valid.failure;
  answerStateless(turn, message, targetOf(flow), status, reason);
}

function messageOf(text: string): SipMessage | null {
  const parsed = parseMessage(text);
  return parsed.ok ? parsed.value : null;
}

function receiveResponse(turn: Turn, response: SipResponse, flow: Flow): void {
  const transaction = turn.state.transactions.get(clientKey(response));
  if (transaction === undefined || transaction.role !== "client") return;
  if (!validateResponse(response).ok) return; // RFC 3261 §18.1.2; what it names would be sent to
  turn.touchedTransaction = transaction.key;
  if (isAwaited(turn, transaction.target)) answeredOver(turn, transaction, flow);
  const delivery = stepClient(turn, transaction, { kind: "received", response });
  if (delivery !== null) deliver(turn, delivery, false);
}

/**
 * A phone that lost its flow answers over another before it registers again: what it is owed, the
 * ACK first of all, goes there.
 */
function answeredOver(turn: Turn, transaction: ClientTransaction, flow: Flow): void {
  retarget(turn, transaction, targetOf(flow));
  const { owner } = transaction;
  if (!("leg" in owner)) return;
  const call = turn.state.calls.get(owner.call);
  const leg = call === undefined ? null : legById(call, owner.leg);
  if (call !== undefined && leg !== null) heardAgain(turn, call, leg, replyTarget(turn, flow));
}

/** A message of ours that could not be sent: its transaction hears of it at once. */
export function receiveSipFailure(
  turn: Turn,
  { target, text, reason }: Extract<Input, { kind: "sipFailed" }>,
): void {
  noteLost(turn, target.name);
  if (isAwaited(turn, target)) return; // it goes again over the phone's new flow
  const isRefused = reason === "refused";
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind === "response") return; // a leg repeats what it owes
  const transaction = turn.state.transactions.get(clientKey(parsed.value));
  if (transaction === undefined || transaction.role !== "client") return;
  turn.touchedTransaction = transaction.key;
  const delivery = stepClient(turn, transaction, { kind: "transportFailed" });
  if (delivery !== null) deliver(turn, delivery, isRefused);
}

function receiveRequest(
  turn: Turn,
  flow: Flow,
  request: SipRequest,
  authenticated: Authenticated | null,
): void {
  const key = serverKey(request);
  const known = findServer(turn, key);
  if (known !== null) {
    turn.touchedTransaction = key;
    if (isAwaited(turn, known.target)) repeatedOver(turn, known, flow);
    const acknowledged = stepServer(turn, known, { kind: "received", request });
    if (acknowledged !== null) receiveAck(turn, acknowledged, flow);
    return;
  }
  if (request.method === "ACK") return receiveAck(turn, request, flow);
  if (request.method === "CANCEL") return receiveCancel(turn, key, request, flow);
  if (tagOf(request, "to") !== undefined) return receiveInDialog(turn, key, request, flow);
  turn.touchedTransaction = openServer(turn, request, targetOf(flow));
  receiveNew(turn, key, request, flow, authenticated);
}

/** A phone that lost its flow has kept the transaction, and repeats it over another. */
function repeatedOver(turn: Turn, transaction: ServerTransaction, flow: Flow): void {
  retarget(turn, transaction, targetOf(flow));
  const { owner } = transaction;
  const call = owner === null ? undefined : turn.state.calls.get(owner.call);
  const leg = call === undefined || owner === null ? null : legById(call, owner.leg);
  if (call !== undefined && leg !== null) heardAgain(turn, call, leg, replyTarget(turn, flow));
}

/** What matches nothing of ours is answered without keeping anything. */
function refuseUnknown(turn: Turn, request: SipRequest, flow: Flow): void {
  answerStateless(turn, request, targetOf(flow), 481, "Call/Transaction Does Not Exist");
}

function receiveCancel(turn: Turn, key: string, request: SipRequest, flow: Flow): void {
  const invite = findServer(turn, inviteKeyOf(request));
  // Hop by hop (RFC 3261 §9.2): who did not send the INVITE has none to cancel.
  if (invite === null || invite.target.host !== flow.remoteHost) {
    return refuseUnknown(turn, request, flow);
  }
  openServer(turn, request, targetOf(flow));
  answer(turn, key, 200, {});
  const { owner } = invite;
  const call = owner === null ? undefined : turn.state.calls.get(owner.call);
  if (call === undefined || owner === null) return;
  turn.touchedCall = call.key;
  const leg = legById(call, owner.leg);
  if (leg !== null) onCancelled(turn, call, leg, givenReason(request).cancelReason ?? null);
}

function receiveAck(turn: Turn, request: SipRequest, flow: Flow): void {
  const found = findLeg(turn, request);
  if (found === null) return;
  turn.touchedCall = found.call.key;
  heardAgain(turn, found.call, found.leg, replyTarget(turn, flow));
  onAck(turn, found.call, found.leg, request);
}

function receiveNew(
  turn: Turn,
  key: string,
  request: SipRequest,
  flow: Flow,
  authenticated: Authenticated | null,
): void {
  const refused = inspect(request);
  if (refused !== null) {
    return void answer(turn, key, refused.status, { headers: refused.headers });
  }
  switch (request.method) {
    case "INVITE":
      return onNewInvite(turn, key, request, flow, authenticated);
    case "REGISTER":
      return register(turn, key, request, flow, authenticated);
    case "OPTIONS":
      return void answer(turn, key, 200, { headers: optionsHeaders });
    case "SUBSCRIBE":
      if (isPeerFlow(turn, flow)) return onSubscribe(turn, key, request, flow);
      return void answer(turn, key, 489, { headers: [["Allow-Events", "tandem-dn"]] });
    case "BYE":
    case "NOTIFY":
    case "UPDATE":
    case "PRACK":
    case "INFO":
      return void answer(turn, key, 481, {});
    case "REFER":
      return void answer(turn, key, 403, { reason: "Only In A Call" });
    default:
      return void answer(turn, key, 405, { headers: [["Allow", allowed]] });
  }
}

const allowed =
  "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, NOTIFY, SUBSCRIBE, PRACK, UPDATE, INFO, REFER";
const optionsHeaders = [
  ["Allow", allowed],
  ["Accept", "application/sdp"],
] as const;

/** Matched by Call-ID and tags, whatever the Request-URI says (RFC 3261 §12.2.2). */
function receiveInDialog(turn: Turn, key: string, request: SipRequest, flow: Flow): void {
  const found = findLeg(turn, request);
  if (found === null) {
    if (!isPeerFlow(turn, flow)) return refuseUnknown(turn, request, flow);
    return receivePeerDialog(turn, key, request, flow);
  }
  const { call, leg } = found;
  turn.touchedCall = call.key;
  heardAgain(turn, call, leg, replyTarget(turn, flow));
  turn.touchedTransaction = openServer(turn, request, targetOf(flow));
  const { dialog } = leg;
  if (dialog === null || acceptInDialog(dialog, request) === "outOfOrder") {
    return void answer(turn, key, 500, { reason: "CSeq Out Of Order" });
  }
  if (leg === call.announcement) return onAnnouncementRequest(turn, call, leg, key, request);
  switch (request.method) {
    case "INVITE":
      refreshTarget(dialog, request);
      retargetLeg(turn, leg, replyTarget(turn, flow));
      return onReinvite(turn, key, call, leg, request);
    case "BYE":
      return onBye(turn, call, leg, key, request);
    case "PRACK":
      return onPrack(turn, call, leg, key, request);
    case "UPDATE":
      refreshTarget(dialog, request);
      return onUpdate(turn, call, leg, key, request);
    case "REFER":
      return onRefer(turn, call, leg, key, request);
    case "INFO":
      return onInfo(turn, call, leg, key, request);
    case "OPTIONS":
      answer(turn, key, 200, { headers: optionsHeaders });
      return heedRound(turn, call, leg, request);
    default:
      return void answer(turn, key, 405, { headers: [["Allow", allowed]] });
  }
}

/** The dialogs of the subscriptions between the peers. */
function receivePeerDialog(turn: Turn, key: string, request: SipRequest, flow: Flow): void {
  const { subscription } = turn.state.peer;
  const isReport =
    request.method === "NOTIFY" &&
    subscription !== null &&
    subscription.callId === headerOf(request, "call-id") &&
    subscription.localTag === tagOf(request, "to");
  if (request.method !== "SUBSCRIBE" && !isReport) return refuseUnknown(turn, request, flow);
  turn.touchedTransaction = openServer(turn, request, targetOf(flow));
  if (isReport) onNotify(turn, key, request);
  else onSubscribe(turn, key, request, flow);
}

function findLeg(turn: Turn, request: SipRequest): { call: Call; leg: Leg } | null {
  const callId = headerOf(request, "call-id") ?? "";
  const legKey = turn.state.dialogs.get(dialogKey(callId, tagOf(request, "to") ?? ""));
  const call = legKey === undefined ? undefined : turn.state.calls.get(legKey.call);
  if (legKey === undefined || call === undefined) return null;
  const leg = legById(call, legKey.leg);
  const isSame = leg?.dialog?.remoteTag === tagOf(request, "from");
  return leg !== null && isSame ? { call, leg } : null;
}
