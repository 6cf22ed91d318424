import {
  buildRequest,
  cancelFor,
  cseqOf,
  dialogFromResponse,
  dialogRequest,
  parseMessage,
  startInviteClient,
  startNonInviteClient,
  stepInviteClient,
  stepNonInviteClient,
  tagOf,
  type InviteClientEffect,
  type NonInviteClientEffect,
  type SipResponse,
  type Timing,
  type InviteServerEffect,
  type NonInviteServerEffect,
} from "@tandem/sip";
import { unreachable } from "@tandem/kernel";
import { enterFlow, leaveFlow, wayTo } from "../flows/flow.ts";
import type { FlowTarget } from "../input.ts";
import { isReliable, ownUri, viaTo } from "../sent-by.ts";
import { arm, disarm, newBranch, optionsOf, type Turn } from "../turn.ts";
import { isLingering, linger } from "./linger.ts";
import type { ClientTransaction, Owner, Transaction } from "./transaction.ts";

/**
 * Client transactions: requests of ours, their retransmission, and what came of them. An INVITE
 * that is given up is cancelled here, and a 2xx that crosses the CANCEL is acknowledged and hung up
 * (RFC 3261 §9.1), so that nothing above has to remember it.
 */
export interface OwnRequest {
  readonly method: string;
  readonly branch: string;
  readonly text: string;
}

/** What came of a request: a response, or its absence as the status RFC 3261 §8.1.3.1 gives it. */
export interface Delivery {
  readonly transaction: ClientTransaction;
  readonly response: SipResponse | null;
  readonly status: number;
}

/** False when it has nowhere to go: its phone's flow is lost, and it waits in its transaction. */
export function transmit(turn: Turn, target: FlowTarget, text: string): boolean {
  const way = wayTo(turn, target);
  if (way === null) return false;
  turn.effects.push({ kind: "sip", target: way, text });
  return true;
}

export function transmitIn(turn: Turn, transaction: Transaction, text: string): void {
  const isSent = transmit(turn, transaction.target, text);
  transaction.sentAt = turn.now;
  if (isSent && transaction.role === "client") transaction.isSent = true;
}

/** Sends a request in a transaction of its own; returns its key. */
export function sendRequest(
  turn: Turn,
  request: OwnRequest,
  target: FlowTarget,
  owner: Owner,
): string {
  const key = `${request.branch}/${request.method}`;
  const timing = timingOf(turn, target);
  const isInvite = request.method === "INVITE";
  const transaction: ClientTransaction = {
    role: "client",
    key,
    method: request.method,
    target,
    owner,
    sentAt: turn.now,
    lingers: false,
    isSent: false,
    machine: { kind: "nonInvite", state: { kind: "completed" } },
    text: isInvite ? request.text : "",
    ack: "",
    hasProvisional: false,
    isCancelWanted: false,
    cancelReason: null,
  };
  turn.state.transactions.set(key, transaction);
  enterFlow(turn.state, transaction);
  if (isInvite) {
    const { next, effects } = startInviteClient(request.text, timing);
    if (next !== undefined) transaction.machine = { kind: "invite", state: next };
    perform(turn, transaction, effects);
  } else {
    const { next, effects } = startNonInviteClient(request.text, timing);
    if (next !== undefined) transaction.machine = { kind: "nonInvite", state: next };
    perform(turn, transaction, effects);
  }
  return key;
}

type Happening =
  | { readonly kind: "received"; readonly response: SipResponse }
  | { readonly kind: "timer"; readonly timer: string }
  | { readonly kind: "transportFailed" };

export function stepClient(
  turn: Turn,
  transaction: ClientTransaction,
  happening: Happening,
): Delivery | null {
  if (happening.kind === "timer" && happening.timer === cancelledTimer) {
    dropUnfinished(turn, transaction);
    return null;
  }
  const timing = timingOf(turn, transaction.target);
  const { machine } = transaction;
  let delivery: Delivery | null;
  if (machine.kind === "invite") {
    const event = happening as Parameters<typeof stepInviteClient>[1]; // its own timers
    const { next, effects } = stepInviteClient(machine.state, event, timing);
    if (next === undefined) dropClient(turn, transaction);
    else transaction.machine = { kind: "invite", state: next };
    delivery = perform(turn, transaction, effects);
  } else {
    const event = happening as Parameters<typeof stepNonInviteClient>[1]; // its own timers
    const { next, effects } = stepNonInviteClient(machine.state, event, timing);
    if (next === undefined) dropClient(turn, transaction);
    else transaction.machine = { kind: "nonInvite", state: next };
    delivery = perform(turn, transaction, effects);
  }
  return delivery === null ? null : settleOwn(turn, delivery);
}

type AnyEffect =
  | InviteClientEffect
  | NonInviteClientEffect
  | InviteServerEffect
  | NonInviteServerEffect;

/** What every transaction does in the same way. */
export function performShared(
  turn: Turn,
  transaction: Transaction,
  effect: Extract<AnyEffect, { kind: "transmit" | "arm" | "disarm" }>,
): void {
  const { key } = transaction;
  switch (effect.kind) {
    case "transmit":
      return transmitIn(turn, transaction, effect.text);
    case "arm":
      if (isLingering(effect.timer)) {
        transaction.lingers = true;
        return linger(turn, key, effect.timer, effect.afterMs);
      }
      return arm(turn, timerKey(key, effect.timer), effect.afterMs);
    case "disarm":
      // One that lingers is not taken out of its list: it is gone when its time comes.
      if (isLingering(effect.timer)) return;
      return disarm(turn, timerKey(key, effect.timer));
    default:
      return unreachable(effect);
  }
}

function perform(
  turn: Turn,
  transaction: ClientTransaction,
  effects: readonly (InviteClientEffect | NonInviteClientEffect)[],
): Delivery | null {
  let delivery: Delivery | null = null;
  for (const effect of effects) {
    switch (effect.kind) {
      case "transmit":
      case "arm":
      case "disarm":
        performShared(turn, transaction, effect);
        break;
      case "passUp":
        delivery = { transaction, response: effect.response, status: effect.response.status };
        break;
      case "timedOut":
        delivery = { transaction, response: null, status: 408 };
        break;
      case "transportFailed":
        delivery = { transaction, response: null, status: 503 };
        break;
      default:
        return unreachable(effect);
    }
  }
  return delivery;
}

/** Deals with what needs no owner; null when nothing is left to tell one. */
function settleOwn(turn: Turn, delivery: Delivery): Delivery | null {
  const { transaction, response, status } = delivery;
  if (transaction.method !== "INVITE") return delivery;
  if (status < 200) {
    transaction.hasProvisional = true;
    if (transaction.isCancelWanted) sendCancel(turn, transaction);
    return transaction.owner.kind === "abandoned" ? null : delivery;
  }
  if (status < 300 && response !== null) {
    // Sent again; of another tag it is another dialog, and its owner hears of it.
    if (transaction.ack.includes(`;tag=${tagOf(response, "to") ?? ""}`)) {
      transmitIn(turn, transaction, transaction.ack);
      return null;
    }
    if (transaction.owner.kind === "abandoned") {
      hangUp(turn, transaction, response, transaction.owner.withBye);
      return null;
    }
  }
  return transaction.owner.kind === "abandoned" ? null : delivery;
}

/** The ACK that the user sent for the first 2xx. The INVITE's text is needed no more. */
export function keepAck(turn: Turn, key: string, ack: string): void {
  const transaction = turn.state.transactions.get(key);
  if (transaction === undefined || transaction.role !== "client") return;
  if (ack === "") return;
  transaction.ack = ack;
  transaction.sentAt = turn.now;
  transaction.text = "";
}

/**
 * Gives an INVITE up. `cancel`: it was to begin a dialog, which a late 2xx must not leave behind.
 * `cancelReinvite`: the dialog goes on. `keep`: the dialog is ended by BYE already.
 */
export function abandonInvite(
  turn: Turn,
  key: string,
  how: "cancel" | "cancelReinvite" | "keep",
  reason: string | null = null,
): void {
  const transaction = turn.state.transactions.get(key);
  if (transaction === undefined || transaction.role !== "client") return;
  transaction.owner = { kind: "abandoned", withBye: how === "cancel" };
  if (how === "keep") {
    // Nobody need answer an INVITE whose dialog is over: it must not wait for ever.
    arm(turn, timerKey(transaction.key, cancelledTimer), 64 * optionsOf(turn).t1Ms);
    return;
  }
  transaction.cancelReason = reason;
  if (transaction.hasProvisional) sendCancel(turn, transaction);
  else transaction.isCancelWanted = true;
}

export function sendCancel(turn: Turn, transaction: ClientTransaction): void {
  transaction.isCancelWanted = false;
  const branch = transaction.key.slice(0, transaction.key.lastIndexOf("/"));
  const text = withReason(cancelFor(transaction.text), transaction.cancelReason);
  sendRequest(turn, { method: "CANCEL", branch, text }, transaction.target, { kind: "nobody" });
  // RFC 3261 §9.1: without a final response for 64·T1 the INVITE counts as cancelled.
  arm(turn, timerKey(transaction.key, cancelledTimer), 64 * optionsOf(turn).t1Ms);
}

/** Why the request is made (RFC 3326). */
function withReason(text: string, reason: string | null): string {
  return reason === null ? text : text.replace("\r\n\r\n", `\r\nReason: ${reason}\r\n\r\n`);
}

/** ACK for a 2xx that nobody waits for, and BYE for the dialog that it made. */
export function hangUp(
  turn: Turn,
  transaction: ClientTransaction,
  response: SipResponse,
  withBye: boolean,
): void {
  // The ACK names the same dialog where the INVITE's text is gone already.
  const parsed = parseMessage(transaction.text === "" ? transaction.ack : transaction.text);
  if (!parsed.ok || parsed.value.kind !== "request") return;
  const dialog = dialogFromResponse(parsed.value, response);
  if (dialog === undefined) return;
  const { target } = transaction;
  const via = (branch: string): string => viaTo(turn, target, branch);
  const cseq = cseqOf(response)?.number ?? dialog.localCseq;
  const ack = dialogRequest(dialog, "ACK", { via: via(newBranch(turn)), cseq }).text;
  transmit(turn, target, ack);
  if (!withBye) return;
  const branch = newBranch(turn);
  const bye = dialogRequest(dialog, "BYE", { via: via(branch) }).text;
  sendRequest(turn, { method: "BYE", branch, text: bye }, target, { kind: "nobody" });
}

export interface PlainRequest {
  readonly method: string;
  readonly requestUri: string;
  readonly toUri: string;
  readonly callId: string;
  readonly branch: string;
  readonly target: FlowTarget;
  readonly fromTag: string;
  /** The server's own where absent. */
  readonly fromUri?: string;
  readonly contactUser?: string;
  readonly cseq?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A request outside any dialog, from the server itself. */
export function plainRequest(turn: Turn, plain: PlainRequest): OwnRequest {
  const { host, port } = turn.config;
  const text = buildRequest({
    method: plain.method,
    uri: plain.requestUri,
    headers: [
      ["Via", viaTo(turn, plain.target, plain.branch)],
      ["Max-Forwards", "70"],
      ["From", `<${plain.fromUri ?? `sip:${host}:${port}`}>;tag=${plain.fromTag}`],
      ["To", `<${plain.toUri}>`],
      ["Call-ID", plain.callId],
      ["CSeq", `${plain.cseq ?? 1} ${plain.method}`],
      ["Contact", `<${ownUri(turn, plain.target, plain.contactUser)}>`],
      ...(plain.headers ?? []),
    ],
  });
  return { method: plain.method, branch: plain.branch, text };
}

/** Its machine has ended and disarmed its own timers. */
export function dropClient(turn: Turn, transaction: ClientTransaction): void {
  turn.state.transactions.delete(transaction.key);
  leaveFlow(turn.state, transaction);
  if (transaction.method === "INVITE") disarm(turn, timerKey(transaction.key, cancelledTimer));
}

function dropUnfinished(turn: Turn, transaction: ClientTransaction): void {
  dropClient(turn, transaction);
  for (const timer of ["A", "B"]) disarm(turn, timerKey(transaction.key, timer));
}

const cancelledTimer = "cancelled";

export function timerKey(key: string, timer: string): string {
  return `tx/${key}/${timer}`;
}

export function timingOf(turn: Turn, target: FlowTarget): Timing {
  const { t1Ms, t2Ms, t4Ms } = optionsOf(turn);
  return { t1Ms, t2Ms, t4Ms, reliable: isReliable(target.transport) };
}
