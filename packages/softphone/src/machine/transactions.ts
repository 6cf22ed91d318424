/**
 * The table of a phone's transactions: starts the machines of `@tandem/sip`, performs what they
 * say, and hands up what is for the phone. A message or timer gives at most one thing to hand up.
 */
import { unreachable } from "@tandem/kernel";
import {
  type ClientEffect,
  clientKey,
  inviteKeyOf,
  type InviteClientEvent,
  type InviteClientTimer,
  type InviteServerEvent,
  type InviteServerTimer,
  type NonInviteClientEvent,
  type NonInviteClientTimer,
  type NonInviteServerEvent,
  type NonInviteServerTimer,
  type ServerEffect,
  serverKey,
  type SipRequest,
  type SipResponse,
  startInviteClient,
  startInviteServer,
  startNonInviteClient,
  startNonInviteServer,
  stepInviteClient,
  stepInviteServer,
  stepNonInviteClient,
  stepNonInviteServer,
  textOf,
  type Timing,
} from "@tandem/sip";
import type { ClientOwner, Transaction } from "./phone-state.ts";
import type { Address } from "./settings.ts";
import { arm, disarm, send, type Turn } from "./turn.ts";

/** What a transaction hands up to the phone. */
export type HandedUp =
  | {
      readonly kind: "response";
      readonly id: string;
      readonly owner: ClientOwner;
      readonly response: SipResponse;
      readonly flow: Address;
    }
  | {
      readonly kind: "noResponse";
      readonly id: string;
      readonly owner: ClientOwner;
      readonly why: "timeout" | "transport";
    }
  | {
      readonly kind: "request";
      readonly id: string;
      readonly request: SipRequest;
      readonly source: Address;
    };

/** Events of any of the four machines; each is given only what its kind takes. */
type Timer = InviteClientTimer | NonInviteClientTimer | InviteServerTimer | NonInviteServerTimer;
type AnyEffect = ClientEffect<Timer> | ServerEffect<Timer>;

/** Sends a request of ours and remembers what it is for. Gives the transaction's id. */
export function startClient(
  turn: Turn,
  parts: {
    readonly text: string;
    readonly branch: string;
    readonly method: string;
    readonly flow: Address;
    readonly owner: ClientOwner;
  },
): string {
  const { text, flow, owner } = parts;
  const id = `c/${parts.branch}/${parts.method}`;
  const timing = timingOf(turn, flow);
  if (parts.method === "INVITE") {
    const step = startInviteClient(text, timing);
    if (step.next !== undefined)
      put(turn, id, { kind: "inviteClient", state: step.next, flow, owner });
    perform(turn, id, flow, step.effects);
  } else {
    const step = startNonInviteClient(text, timing);
    if (step.next !== undefined)
      put(turn, id, { kind: "nonInviteClient", state: step.next, flow, owner });
    perform(turn, id, flow, step.effects);
  }
  return id;
}

/** Says from now on for whom a client transaction works. */
export function changeOwner(turn: Turn, id: string, owner: ClientOwner): void {
  const transaction = turn.state.transactions.get(id);
  if (transaction?.kind === "inviteClient" || transaction?.kind === "nonInviteClient") {
    put(turn, id, { ...transaction, owner });
  }
}

export function receiveResponse(turn: Turn, response: SipResponse): HandedUp | undefined {
  const id = `c/${clientKey(response)}`;
  const transaction = turn.state.transactions.get(id);
  if (transaction?.kind === "inviteClient") {
    const event = { kind: "received", response } as const;
    const step = stepInviteClient(transaction.state, event, timingOf(turn, transaction.flow));
    return settle(turn, id, transaction, step);
  }
  if (transaction?.kind === "nonInviteClient") {
    const event = { kind: "received", response } as const;
    const step = stepNonInviteClient(transaction.state, event, timingOf(turn, transaction.flow));
    return settle(turn, id, transaction, step);
  }
  return undefined; // RFC 3261 §18.1.2: a response without a transaction is a stray
}

/** A request goes to its transaction, or starts one and is handed up; an ACK of a 2xx always is. */
export function receiveRequest(
  turn: Turn,
  request: SipRequest,
  source: Address,
): HandedUp | undefined {
  const id = `s/${serverKey(request)}`;
  const transaction = turn.state.transactions.get(id);
  const event = { kind: "received", request } as const;
  if (transaction?.kind === "inviteServer") {
    const step = stepInviteServer(transaction.state, event, timingOf(turn, transaction.flow));
    return settle(turn, id, transaction, step);
  }
  if (transaction?.kind === "nonInviteServer") {
    const step = stepNonInviteServer(transaction.state, event, timingOf(turn, transaction.flow));
    return settle(turn, id, transaction, step);
  }
  const up: HandedUp = { kind: "request", id, request, source };
  if (request.method === "ACK") return up;
  if (request.method === "INVITE") {
    const { next } = startInviteServer(request);
    const text = textOf(request);
    if (next !== undefined)
      put(turn, id, { kind: "inviteServer", state: next, flow: source, request: text });
  } else {
    const { next } = startNonInviteServer(request);
    if (next !== undefined) put(turn, id, { kind: "nonInviteServer", state: next, flow: source });
  }
  return up;
}

/** The id of the INVITE that a CANCEL is about. */
export function cancelledId(cancel: SipRequest): string {
  return `s/${inviteKeyOf(cancel)}`;
}

/** Sends a response of ours through its transaction. */
export function respond(turn: Turn, id: string, status: number, text: string): void {
  const transaction = turn.state.transactions.get(id);
  const event = { kind: "send", status, text } as const;
  if (transaction?.kind === "inviteServer") {
    const step = stepInviteServer(transaction.state, event, timingOf(turn, transaction.flow));
    settle(turn, id, transaction, step);
  } else if (transaction?.kind === "nonInviteServer") {
    const step = stepNonInviteServer(transaction.state, event, timingOf(turn, transaction.flow));
    settle(turn, id, transaction, step);
  }
}

/** The key of a due timer was `tx/ID/TIMER`. */
export function timerExpired(turn: Turn, id: string, timer: string): HandedUp | undefined {
  const own = timer as Timer; // keys are made by `perform` from the machines' own timers
  return feed(turn, id, { kind: "timer", timer: own });
}

/** The transaction whose message could not be sent. */
export function transportFailed(turn: Turn, id: string): HandedUp | undefined {
  return feed(turn, id, { kind: "transportFailed" });
}

type TimerOrFailure =
  | { readonly kind: "timer"; readonly timer: Timer }
  | { readonly kind: "transportFailed" };

function feed(turn: Turn, id: string, event: TimerOrFailure): HandedUp | undefined {
  const transaction = turn.state.transactions.get(id);
  if (transaction === undefined) return undefined;
  const timing = timingOf(turn, transaction.flow);
  switch (transaction.kind) {
    case "inviteClient": {
      const own = event as InviteClientEvent; // a timer comes back to the machine that armed it
      return settle(turn, id, transaction, stepInviteClient(transaction.state, own, timing));
    }
    case "nonInviteClient": {
      const own = event as NonInviteClientEvent; // as above
      return settle(turn, id, transaction, stepNonInviteClient(transaction.state, own, timing));
    }
    case "inviteServer": {
      const own = event as InviteServerEvent; // as above
      return settle(turn, id, transaction, stepInviteServer(transaction.state, own, timing));
    }
    case "nonInviteServer": {
      const own = event as NonInviteServerEvent; // as above
      return settle(turn, id, transaction, stepNonInviteServer(transaction.state, own, timing));
    }
    default:
      return unreachable(transaction);
  }
}

/** Stores the next state and performs the effects. */
function settle<Kind extends Transaction>(
  turn: Turn,
  id: string,
  transaction: Kind,
  step: { readonly next: Kind["state"] | undefined; readonly effects: readonly AnyEffect[] },
): HandedUp | undefined {
  if (step.next === undefined) turn.state.transactions.delete(id);
  else {
    const changed = { ...transaction, state: step.next };
    put(turn, id, changed);
  }
  const up = perform(turn, id, transaction.flow, step.effects);
  if (up === undefined) return undefined;
  if (up.kind === "passUp" && "request" in up) {
    return { kind: "request", id, request: up.request, source: transaction.flow };
  }
  if (transaction.kind === "inviteServer" || transaction.kind === "nonInviteServer") {
    return undefined; // a refusal without ACK, a response that did not leave: nobody's work
  }
  const { owner } = transaction;
  if (up.kind === "passUp" && "response" in up) {
    return { kind: "response", id, owner, response: up.response, flow: transaction.flow };
  }
  return { kind: "noResponse", id, owner, why: up.kind === "timedOut" ? "timeout" : "transport" };
}

type UpEffect = Extract<AnyEffect, { kind: "passUp" | "timedOut" | "transportFailed" }>;

function perform(
  turn: Turn,
  id: string,
  flow: Address,
  effects: readonly AnyEffect[],
): UpEffect | undefined {
  let up: UpEffect | undefined;
  for (const effect of effects) {
    switch (effect.kind) {
      case "transmit":
        send(turn, flow, effect.text);
        break;
      case "arm":
        arm(turn, `tx/${id}/${effect.timer}`, effect.afterMs);
        break;
      case "disarm":
        disarm(turn, `tx/${id}/${effect.timer}`);
        break;
      case "passUp":
      case "timedOut":
      case "transportFailed":
        up = effect;
        break;
      default:
        unreachable(effect);
    }
  }
  return up;
}

function put(turn: Turn, id: string, transaction: Transaction): void {
  turn.state.transactions.set(id, transaction);
}

function timingOf(turn: Turn, flow: Address): Timing {
  return { ...turn.state.settings.timing, reliable: flow.transport === "TCP" };
}
