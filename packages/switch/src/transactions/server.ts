import {
  buildResponse,
  headersOf,
  ownText,
  parseMessage,
  serverKey,
  startInviteServer,
  startNonInviteServer,
  stepInviteServer,
  stepNonInviteServer,
  type InviteServerEffect,
  type NonInviteServerEffect,
  type ResponseParts,
  type SipRequest,
  type Timing,
} from "@tandem/sip";
import { unreachable } from "@tandem/kernel";
import type { LegKey } from "../calls/call.ts";
import { enterFlow, leaveFlow } from "../flows/flow.ts";
import type { FlowTarget } from "../input.ts";
import { newIdentifier, type Turn } from "../turn.ts";
import { performShared, timingOf, transmit } from "./client.ts";
import type { ServerTransaction } from "./transaction.ts";

/** Server transactions: requests to us, and our answers to them. */
export function findServer(turn: Turn, key: string): ServerTransaction | null {
  const transaction = turn.state.transactions.get(key);
  return transaction !== undefined && transaction.role === "server" ? transaction : null;
}

/** A request that matches no transaction begins one; returns its key. */
export function openServer(turn: Turn, request: SipRequest, target: FlowTarget): string {
  const key = serverKey(request);
  const isInvite = request.method === "INVITE";
  const machine = isInvite
    ? ({ kind: "invite", state: startInviteServer(request).next } as const)
    : ({ kind: "nonInvite", state: startNonInviteServer(request).next } as const);
  if (machine.state === undefined) return key;
  const transaction: ServerTransaction = {
    role: "server",
    key,
    target,
    sentAt: turn.now,
    lingers: false,
    machine: machine as ServerTransaction["machine"], // its state is there
    text: request.headers.text,
    toTag: newIdentifier(turn),
    owner: null,
  };
  turn.state.transactions.set(key, transaction);
  enterFlow(turn.state, transaction);
  turn.opened = { key, request, transaction };
  return key;
}

/** The INVITE is a leg's: its responses carry that leg's tag. */
export function ownTransaction(turn: Turn, key: string, owner: LegKey, toTag: string | null): void {
  const transaction = findServer(turn, key);
  if (transaction === null) return;
  transaction.owner = owner;
  if (toTag !== null) transaction.toTag = toTag;
}

/** The tag of a dialog that the request makes and that is no leg's. */
export function ownTag(turn: Turn, key: string, toTag: string): void {
  const transaction = findServer(turn, key);
  if (transaction !== null) transaction.toTag = toTag;
}

/** Answers a request; returns the text, so that a 2xx can be repeated. */
export function answer(
  turn: Turn,
  key: string,
  status: number,
  parts: Omit<ResponseParts, "source">,
): string {
  const { opened } = turn;
  const transaction = opened?.key === key ? opened.transaction : findServer(turn, key);
  if (transaction === null || transaction.text === "") return "";
  const request = requestOf(turn, transaction);
  if (request === null) return "";
  const text = buildResponse(request, status, {
    ...parts,
    headers: [...recordRoutes(request, status), ...(parts.headers ?? [])],
    // Another early dialog of the same INVITE has a tag of its own.
    toTag: parts.toTag ?? transaction.toTag,
    source: transaction.target,
  });
  if (status >= 200) transaction.text = "";
  stepServer(turn, transaction, { kind: "send", status, text });
  return text;
}

function requestOf(turn: Turn, { key, text }: ServerTransaction): SipRequest | null {
  if (turn.opened?.key === key) return turn.opened.request;
  const parsed = parseMessage(text);
  return parsed.ok && parsed.value.kind === "request" ? parsed.value : null;
}

/** RFC 3261 §12.1.1: a response that makes a dialog copies the route. */
function recordRoutes(request: SipRequest, status: number): readonly (readonly [string, string])[] {
  if (request.method !== "INVITE" || status === 100 || status >= 300) return [];
  return headersOf(request, "record-route").map((value) => ["Record-Route", value] as const);
}

export type ServerHappening =
  | { readonly kind: "received"; readonly request: SipRequest }
  | { readonly kind: "send"; readonly status: number; readonly text: string }
  | { readonly kind: "timer"; readonly timer: string }
  | { readonly kind: "transportFailed" };

/** Returns an ACK for the user where one came, else null. */
export function stepServer(
  turn: Turn,
  transaction: ServerTransaction,
  happening: ServerHappening,
): SipRequest | null {
  const timing = timingOf(turn, transaction.target);
  const { machine } = transaction;
  if (machine.kind === "invite") {
    const event = happening as Parameters<typeof stepInviteServer>[1]; // its own timers
    const { next, effects } = stepInviteServer(machine.state, event, timing);
    if (next === undefined) dropServer(turn, transaction);
    else transaction.machine = { kind: "invite", state: next };
    return perform(turn, transaction, effects);
  }
  const event = happening as Parameters<typeof stepNonInviteServer>[1]; // its own timers
  const { next, effects } = stepNonInviteServer(machine.state, event, keptFor(timing));
  if (next === undefined) dropServer(turn, transaction);
  else transaction.machine = { kind: "nonInvite", state: next };
  return perform(turn, transaction, effects);
}

function dropServer(turn: Turn, transaction: ServerTransaction): void {
  turn.state.transactions.delete(transaction.key);
  leaveFlow(turn.state, transaction);
}

/**
 * RFC 3261 §17.2.2 keeps no answer over a connection. Here it is kept for 16·T1, for a phone whose
 * connection was lost with it.
 */
function keptFor(timing: Timing): Timing {
  return timing.reliable ? { ...timing, reliable: false, t1Ms: timing.t1Ms / 4 } : timing;
}

function perform(
  turn: Turn,
  transaction: ServerTransaction,
  effects: readonly (InviteServerEffect | NonInviteServerEffect)[],
): SipRequest | null {
  let acknowledged: SipRequest | null = null;
  for (const effect of effects) {
    switch (effect.kind) {
      case "transmit":
      case "arm":
      case "disarm":
        performShared(turn, transaction, effect);
        break;
      case "passUp":
        if (effect.request.method === "ACK") acknowledged = effect.request;
        break;
      case "timedOut":
      case "transportFailed":
        break; // the leg has its own patience for a 2xx; a failure needs no one any more
      default:
        return unreachable(effect);
    }
  }
  return acknowledged;
}

/** An answer without a transaction, to what is malformed but can be answered. */
export function answerStateless(
  turn: Turn,
  request: SipRequest,
  target: FlowTarget,
  status: number,
  reason: string,
): void {
  if (request.method === "ACK") return;
  const toTag = ownText(newIdentifier(turn));
  transmit(turn, target, buildResponse(request, status, { reason, toTag, source: target }));
}
