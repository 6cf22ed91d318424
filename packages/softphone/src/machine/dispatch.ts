/**
 * Who a message is for: through its transaction to the registration or call that it concerns; what
 * concerns nobody is answered here (RFC 3261 §8.2, §12.2.2).
 */
import { unreachable } from "@tandem/kernel";
import {
  buildResponse,
  cseqOf,
  parseMessage,
  type SipRequest,
  type SipResponse,
  stampVia,
  tagOf,
  validateRequest,
  validateResponse,
} from "@tandem/sip";
import { onAbandonedResponse } from "./abandoned-invite.ts";
import { callOfDialog, isTalking, oweBye, sayOwedByes, withCall } from "./calls.ts";
import {
  capabilities,
  onByeResponse,
  onReinviteResponse,
  onReinviteSilent,
  onRequestInDialog,
} from "./in-dialog.ts";
import { onCancel, onInvite, refuse } from "./incoming-call.ts";
import { onInviteResponse, onInviteSilent } from "./outgoing-call.ts";
import { onRegisterResponse, onRegisterSilent } from "./registration.ts";
import type { Address } from "./settings.ts";
import { type HandedUp, receiveRequest, receiveResponse, respond } from "./transactions.ts";
import { newTag, report, send, type Turn } from "./turn.ts";

/** One whole message from the outside. What is no SIP message is dropped. */
export function onMessage(turn: Turn, source: Address, text: string): void {
  const parsed = parseMessage(text);
  if (!parsed.ok) {
    const { request, status } = parsed.failure;
    if (request !== undefined && status !== undefined)
      answerStateless(turn, request, status, source);
    return;
  }
  const message = parsed.value;
  if (message.kind === "response") {
    if (!validateResponse(message).ok) return;
    const up = receiveResponse(turn, message);
    if (up !== undefined) handle(turn, up);
    else onStrayResponse(turn, message);
    return;
  }
  const verdict = validateRequest(message);
  if (!verdict.ok) {
    if (message.method !== "ACK") answerStateless(turn, message, verdict.failure.status, source);
    return;
  }
  const up = receiveRequest(turn, stamped(message, source), source);
  if (up !== undefined) handle(turn, up);
}

/** The request with its source in its Via, which every response to it copies (RFC 3581 §4). */
function stamped(request: SipRequest, source: Address): SipRequest {
  const text = stampVia(request, source.host, source.port);
  const parsed = parseMessage(text);
  return parsed.ok && parsed.value.kind === "request" ? parsed.value : request;
}

function answerStateless(turn: Turn, request: SipRequest, status: number, source: Address): void {
  send(turn, source, buildResponse(request, status, { toTag: newTag(turn), source }));
}

/**
 * The answer to a probe, or a 2xx again whose transaction is over: its ACK is repeated (§13.2.2.4).
 */
function onStrayResponse(turn: Turn, response: SipResponse): void {
  const cseq = cseqOf(response);
  const call = callOfDialog(turn, response);
  if (call === undefined || cseq === undefined || !isTalking(call)) return;
  if (cseq.method === "OPTIONS" && response.status >= 200) {
    const { status } = response;
    report(turn, { kind: "probeAnswered", call: call.id, cseq: cseq.number, status });
  } else if (cseq.method === "INVITE" && call.phase.ack?.cseq === cseq.number) {
    send(turn, call.phase.flow, call.phase.ack.text);
  }
}

/** What a transaction handed up. */
export function handle(turn: Turn, up: HandedUp): void {
  switch (up.kind) {
    case "response":
      onResponse(turn, up);
      break;
    case "noResponse":
      onNoResponse(turn, up);
      break;
    case "request":
      onRequest(turn, up.id, up.request, up.source);
      break;
    default:
      unreachable(up);
  }
}

function onResponse(turn: Turn, up: Extract<HandedUp, { kind: "response" }>): void {
  const { owner, response, id, flow } = up;
  switch (owner.kind) {
    case "register":
      onRegisterResponse(turn, owner.account, response);
      if (turn.state.registrations[owner.account]?.phase.kind === "registered") {
        sayOwedByes(turn, owner.account);
      }
      break;
    case "invite":
      withCall(turn, owner.call, (call) => onInviteResponse(turn, call, id, response, flow));
      break;
    case "abandoned":
      onAbandonedResponse(turn, id, owner, response, flow);
      break;
    case "reinvite":
      withCall(turn, owner.call, (call) => onReinviteResponse(turn, call, response, flow));
      break;
    case "bye":
      onByeResponse(turn, owner, response, flow);
      break;
    case "nobody":
      break;
    default:
      unreachable(owner);
  }
}

function onNoResponse(turn: Turn, up: Extract<HandedUp, { kind: "noResponse" }>): void {
  const { owner, id } = up;
  switch (owner.kind) {
    case "register":
      onRegisterSilent(turn, owner.account, owner.cseq, up.why);
      break;
    case "invite":
      withCall(turn, owner.call, (call) => onInviteSilent(turn, call, id));
      break;
    case "reinvite":
      withCall(turn, owner.call, (call) => onReinviteSilent(turn, call));
      break;
    case "bye":
      if (up.why === "transport") oweBye(turn, owner);
      break;
    case "abandoned":
    case "nobody":
      break;
    default:
      unreachable(owner);
  }
}

function onRequest(turn: Turn, id: string, request: SipRequest, source: Address): void {
  if (request.method === "CANCEL") {
    onCancel(turn, id, request);
    return;
  }
  const call = callOfDialog(turn, request);
  if (call !== undefined) {
    onRequestInDialog(turn, call, id, request, source);
    return;
  }
  const isInDialog = tagOf(request, "to") !== undefined;
  switch (request.method) {
    case "ACK":
      break; // of a dialog that is over
    case "INVITE":
      if (isInDialog) refuse(turn, id, request, 481);
      else onInvite(turn, id, request, source);
      break;
    case "OPTIONS":
      respond(
        turn,
        id,
        200,
        buildResponse(request, 200, { toTag: newTag(turn), headers: capabilities }),
      );
      break;
    case "BYE":
    case "UPDATE":
    case "INFO":
      respond(turn, id, 481, buildResponse(request, 481, { toTag: newTag(turn) }));
      break;
    case "NOTIFY":
    case "MESSAGE":
      respond(turn, id, 200, buildResponse(request, 200, { toTag: newTag(turn) }));
      break;
    default:
      respond(
        turn,
        id,
        405,
        buildResponse(request, 405, { toTag: newTag(turn), headers: capabilities }),
      );
  }
}
