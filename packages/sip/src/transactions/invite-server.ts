/**
 * INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1.
 *
 *   ─INVITE: pass up─▶ proceeding ──2xx──▶ accepted ──L──▶ over
 *                       │  └ 1xx: send; INVITE: send the last 1xx again
 *                       └──3xx-6xx──▶ completed ──ACK──▶ confirmed ──I──▶ over
 *                                       └ G, INVITE: send it again   └ ACK ends here
 *                                       └──H──▶ over, timed out
 *
 * In accepted an INVITE is absorbed and an ACK goes up; repeating the 2xx until the ACK comes is
 * the user's work (§13.3.1.4), each repetition a `send`. The 100 within 200 ms (§17.2.1) is the
 * user's, too: it answers at once.
 */
import { unreachable } from "@tandem/kernel";
import type { SipRequest } from "../message.ts";
import { type ServerEffect, type ServerEvent, stay, type Step, type Timing } from "./timing.ts";

export type InviteServerTimer = "G" | "H" | "I" | "L";

export type InviteServer =
  /** `response` is the last provisional one; empty before there was one. */
  | { readonly kind: "proceeding"; readonly response: string }
  | { readonly kind: "accepted" }
  | { readonly kind: "completed"; readonly response: string; readonly resendMs: number }
  | { readonly kind: "confirmed" };

export type InviteServerEvent = ServerEvent<InviteServerTimer>;
export type InviteServerEffect = ServerEffect<InviteServerTimer>;
export type InviteServerStep = Step<InviteServer, InviteServerEffect>;

/** The INVITE that matched no transaction. */
export function startInviteServer(request: SipRequest): InviteServerStep {
  return { next: { kind: "proceeding", response: "" }, effects: [{ kind: "passUp", request }] };
}

export function stepInviteServer(
  state: InviteServer,
  event: InviteServerEvent,
  timing: Timing,
): InviteServerStep {
  switch (state.kind) {
    case "proceeding":
      return stepProceeding(state, event, timing);
    case "accepted":
      return stepAccepted(state, event);
    case "completed":
      return stepCompleted(state, event, timing);
    case "confirmed":
      return event.kind === "timer" && event.timer === "I"
        ? { next: undefined, effects: [] }
        : stay(state);
    default:
      return unreachable(state);
  }
}

type Proceeding = Extract<InviteServer, { kind: "proceeding" }>;
type Accepted = Extract<InviteServer, { kind: "accepted" }>;
type Completed = Extract<InviteServer, { kind: "completed" }>;

function stepProceeding(
  state: Proceeding,
  event: InviteServerEvent,
  timing: Timing,
): InviteServerStep {
  switch (event.kind) {
    case "received":
      // An ACK cannot match before a final response; a stray one is ignored.
      return event.request.method === "INVITE" && state.response !== ""
        ? { next: state, effects: [{ kind: "transmit", text: state.response }] }
        : stay(state);
    case "send":
      return send(event.status, event.text, timing);
    case "transportFailed":
      return { next: undefined, effects: [{ kind: "transportFailed" }] };
    case "timer":
      return stay(state);
    default:
      return unreachable(event);
  }
}

function send(status: number, text: string, timing: Timing): InviteServerStep {
  const transmit: InviteServerEffect = { kind: "transmit", text };
  if (status < 200) return { next: { kind: "proceeding", response: text }, effects: [transmit] };
  if (status < 300) {
    const arm: InviteServerEffect = { kind: "arm", timer: "L", afterMs: 64 * timing.t1Ms };
    return { next: { kind: "accepted" }, effects: [transmit, arm] };
  }
  const effects: InviteServerEffect[] = [
    transmit,
    { kind: "arm", timer: "H", afterMs: 64 * timing.t1Ms },
  ];
  if (!timing.reliable) effects.push({ kind: "arm", timer: "G", afterMs: timing.t1Ms });
  return { next: { kind: "completed", response: text, resendMs: timing.t1Ms }, effects };
}

function stepAccepted(state: Accepted, event: InviteServerEvent): InviteServerStep {
  switch (event.kind) {
    case "received":
      // RFC 6026 §7.1: a repeated INVITE is absorbed, an ACK is the user's.
      return event.request.method === "ACK"
        ? { next: state, effects: [{ kind: "passUp", request: event.request }] }
        : stay(state);
    case "send":
      return event.status >= 200 && event.status < 300
        ? { next: state, effects: [{ kind: "transmit", text: event.text }] }
        : stay(state);
    case "timer":
      return event.timer === "L" ? { next: undefined, effects: [] } : stay(state);
    case "transportFailed":
      // RFC 6026 §8.7: the user is told and decides; the transaction stays until timer L.
      return { next: state, effects: [{ kind: "transportFailed" }] };
    default:
      return unreachable(event);
  }
}

function stepCompleted(
  state: Completed,
  event: InviteServerEvent,
  timing: Timing,
): InviteServerStep {
  switch (event.kind) {
    case "received":
      return event.request.method === "ACK"
        ? acknowledge(timing)
        : { next: state, effects: [{ kind: "transmit", text: state.response }] };
    case "send":
      return stay(state); // §17.2.1: a second final response is discarded
    case "timer":
      if (event.timer === "G") return resend(state, timing);
      if (event.timer === "H") {
        return { next: undefined, effects: [...disarmG(timing), { kind: "timedOut" }] };
      }
      return stay(state);
    case "transportFailed":
      return {
        next: undefined,
        effects: [...disarmG(timing), { kind: "disarm", timer: "H" }, { kind: "transportFailed" }],
      };
    default:
      return unreachable(event);
  }
}

function acknowledge(timing: Timing): InviteServerStep {
  const effects: InviteServerEffect[] = [...disarmG(timing), { kind: "disarm", timer: "H" }];
  // §17.2.1: timer I is 0 over a reliable transport.
  if (timing.reliable) return { next: undefined, effects };
  effects.push({ kind: "arm", timer: "I", afterMs: timing.t4Ms });
  return { next: { kind: "confirmed" }, effects };
}

function resend(state: Completed, timing: Timing): InviteServerStep {
  const resendMs = Math.min(2 * state.resendMs, timing.t2Ms);
  return {
    next: { ...state, resendMs },
    effects: [
      { kind: "transmit", text: state.response },
      { kind: "arm", timer: "G", afterMs: resendMs },
    ],
  };
}

function disarmG(timing: Timing): readonly InviteServerEffect[] {
  return timing.reliable ? [] : [{ kind: "disarm", timer: "G" }];
}
