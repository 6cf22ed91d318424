/**
 * A phone, and a caller, as one machine: `stepPhone` takes an input and gives what is to be done.
 * It is deterministic: time, chance and the hash come with the input. It reads no clock and opens
 * no socket, so that the same machine serves the lab with sockets and the simulator without.
 *
 *   input ─▶ transaction ─▶ registration | call ─▶ effects: send, media, report
 */
import { type LogTimeMs, nextDeadline, takeDue, unreachable } from "@tandem/kernel";
import { callIdOf, parseMessage } from "@tandem/sip";
import { endCall, sayBye, withCall } from "./calls.ts";
import { handle, onMessage } from "./dispatch.ts";
import { changeHold, probe, reinviteAgain } from "./in-dialog.ts";
import { refer } from "./refer.ts";
import { answerCall, onAckMissing, rejectCall, resendSuccess } from "./incoming-call.ts";
import { cancelCall, onRingOut, onWaySilent, placeCall } from "./outgoing-call.ts";
import type { PhoneCommand, PhoneEffect, PhoneInput } from "./phone-event.ts";
import type { Call, PhoneState } from "./phone-state.ts";
import {
  onRegistrarLost,
  registerAgain,
  startRegistrations,
  stopRegistrations,
} from "./registration.ts";
import type { Address } from "./settings.ts";
import { timerExpired, transportFailed } from "./transactions.ts";
import { type PhoneContext, report, type Turn } from "./turn.ts";

export interface PhoneStep {
  /** The state that was given, changed: `stepPhone` owns it. */
  readonly next: PhoneState;
  readonly effects: readonly PhoneEffect[];
}

/** Timers due at once that one input may fire; more can only be a fault of ours. */
const timersPerStepMax = 10_000;

/** Takes one input. `state` is changed and comes back as `next`; keep no other hold of it. */
export function stepPhone(state: PhoneState, input: PhoneInput, context: PhoneContext): PhoneStep {
  const turn: Turn = { state, context, effects: [] };
  fireTimers(turn);
  switch (input.kind) {
    case "started":
      startRegistrations(turn);
      break;
    case "message":
      onMessage(turn, input.source, input.text);
      break;
    case "tick":
      break;
    case "sendFailed":
      onSendFailed(turn, input.target, input.text);
      break;
    case "connectionClosed":
      onConnectionClosed(turn, input.target);
      break;
    default:
      onCommand(turn, input);
  }
  finishStopping(turn);
  return { next: state, effects: turn.effects };
}

/** When the phone wants a `tick`, or undefined when it waits for nothing. */
export function nextPhoneDeadline(state: PhoneState): LogTimeMs | undefined {
  return nextDeadline(state.timers);
}

function onCommand(turn: Turn, command: PhoneCommand): void {
  switch (command.kind) {
    case "call":
      placeCall(turn, command);
      break;
    case "answer":
      withCall(turn, command.call, (call) => answerCall(turn, call));
      break;
    case "hangup":
      withCall(turn, command.call, (call) => hangUp(turn, call, command.status));
      break;
    case "hold":
      withCall(turn, command.call, (call) => changeHold(turn, call, true));
      break;
    case "retrieve":
      withCall(turn, command.call, (call) => changeHold(turn, call, false));
      break;
    case "probe":
      withCall(turn, command.call, (call) => probe(turn, call));
      break;
    case "refer":
      withCall(turn, command.call, (call) => refer(turn, call, command));
      break;
    case "setAnswer":
      turn.state.answer = command.answer;
      break;
    case "register":
      turn.state.registrations.forEach((_, account) => registerAgain(turn, account));
      break;
    case "stop":
      turn.state.stopping = "asked";
      for (const call of turn.state.calls.values()) hangUp(turn, call, undefined);
      stopRegistrations(turn);
      break;
    default:
      unreachable(command);
  }
}

function hangUp(turn: Turn, call: Call, status: number | undefined): void {
  switch (call.phase.kind) {
    case "placing":
      cancelCall(turn, call);
      break;
    case "ringing":
      rejectCall(turn, call, status ?? 486, "local");
      break;
    case "talking":
      // RFC 3261 §15: not before the ACK of our 2xx; the ACK or its absence sends the BYE.
      if (call.phase.unacknowledged !== null && !call.phase.isEstablished) {
        call.phase.isEnding = true;
      } else {
        sayBye(turn, call.phase.dialog, call.phase.flow, call.account);
        endCall(turn, call, "local");
      }
      break;
    default:
      unreachable(call.phase);
  }
}

/** Fires what is due, oldest first. */
function fireTimers(turn: Turn): void {
  for (let fired = 0; fired < timersPerStepMax; fired += 1) {
    const key = takeDue(turn.state.timers, turn.context.now);
    if (key === undefined) return;
    fire(turn, key);
  }
}

/** Keys: `tx/ID/TIMER` (an id has slashes), `drop/ID`, `registration/N/renew`, `call/N/TIMER`. */
function fire(turn: Turn, key: string): void {
  const first = key.indexOf("/");
  const last = key.lastIndexOf("/");
  const middle = key.slice(first + 1, last);
  const timer = key.slice(last + 1);
  switch (key.slice(0, first)) {
    case "tx": {
      const up = timerExpired(turn, middle, timer);
      if (up !== undefined) handle(turn, up);
      break;
    }
    case "drop":
      turn.state.transactions.delete(key.slice(first + 1));
      break;
    case "registration":
      registerAgain(turn, Number(middle));
      break;
    default:
      withCall(turn, Number(middle), (call) => onCallTimer(turn, call, timer));
  }
}

function onCallTimer(turn: Turn, call: Call, timer: string): void {
  switch (timer) {
    case "answer":
      answerCall(turn, call);
      break;
    case "giveUp":
      rejectCall(turn, call, 480, "noAnswer");
      break;
    case "next":
      onWaySilent(turn, call);
      break;
    case "ringOut":
      onRingOut(turn, call);
      break;
    case "resend":
      resendSuccess(turn, call);
      break;
    case "ackWait":
      onAckMissing(turn, call);
      break;
    case "again":
      reinviteAgain(turn, call);
      break;
    default:
      break; // no other keys are armed
  }
}

/** Every transaction that goes over the target and has no answer yet has lost its way. */
function onSendFailed(turn: Turn, target: Address, text: string): void {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind === "response") return;
  const callId = callIdOf(parsed.value);
  failOver(turn, target, (request) => request.includes(callId));
}

function onConnectionClosed(turn: Turn, target: Address): void {
  failOver(turn, target, () => true);
  turn.state.settings.accounts.forEach(({ registrar }, account) => {
    if (isSame(registrar, target)) onRegistrarLost(turn, account);
  });
}

function failOver(turn: Turn, target: Address, isMeant: (request: string) => boolean): void {
  // What is handled may start new transactions: those are not looked at.
  const ids = Array.from(turn.state.transactions.keys());
  for (const id of ids) {
    const transaction = turn.state.transactions.get(id);
    if (transaction === undefined) continue;
    if (transaction.kind !== "inviteClient" && transaction.kind !== "nonInviteClient") continue;
    const request = "request" in transaction.state ? transaction.state.request : undefined;
    if (request === undefined || !isSame(transaction.flow, target) || !isMeant(request)) continue;
    const up = transportFailed(turn, id);
    if (up !== undefined) handle(turn, up);
  }
}

function isSame(a: Address, b: Address): boolean {
  return a.transport === b.transport && a.host === b.host && a.port === b.port;
}

function finishStopping(turn: Turn): void {
  const { state } = turn;
  if (state.stopping !== "asked" || state.calls.size > 0) return;
  if (state.registrations.some(({ phase }) => phase.kind !== "idle")) return;
  for (const transaction of state.transactions.values()) {
    const isOpen = transaction.kind === "nonInviteClient" && transaction.state.kind !== "completed";
    if (isOpen) return;
  }
  state.stopping = "done";
  report(turn, { kind: "stopped" });
}
