/**
 * Client transaction of every request but INVITE and ACK: RFC 3261 §17.1.2.
 *
 *              E: send again, wait longer up to T2
 *   ┌─ trying ──1xx──▶ proceeding ──2xx-6xx──▶ completed ──K──▶ over
 *   │    └──────2xx-6xx──────────────────────────▲  └ repeated responses end here
 *   └──F, transport failed──▶ over       (E: send again each T2; F, transport failed ──▶ over)
 */
import { unreachable } from "@tandem/kernel";
import { type ClientEffect, type ClientEvent, stay, type Step, type Timing } from "./timing.ts";

export type NonInviteClientTimer = "E" | "F" | "K";

export type NonInviteClient =
  | { readonly kind: "trying"; readonly request: string; readonly resendMs: number }
  | { readonly kind: "proceeding"; readonly request: string }
  | { readonly kind: "completed" };

export type NonInviteClientEvent = ClientEvent<NonInviteClientTimer>;
export type NonInviteClientEffect = ClientEffect<NonInviteClientTimer>;
export type NonInviteClientStep = Step<NonInviteClient, NonInviteClientEffect>;

/** Sends the request. The text is kept until a final response; give it as a text of its own. */
export function startNonInviteClient(request: string, timing: Timing): NonInviteClientStep {
  const effects: NonInviteClientEffect[] = [
    { kind: "transmit", text: request },
    { kind: "arm", timer: "F", afterMs: 64 * timing.t1Ms },
  ];
  if (!timing.reliable) effects.push({ kind: "arm", timer: "E", afterMs: timing.t1Ms });
  return { next: { kind: "trying", request, resendMs: timing.t1Ms }, effects };
}

export function stepNonInviteClient(
  state: NonInviteClient,
  event: NonInviteClientEvent,
  timing: Timing,
): NonInviteClientStep {
  switch (state.kind) {
    case "trying":
    case "proceeding":
      return stepOpen(state, event, timing);
    case "completed":
      return event.kind === "timer" && event.timer === "K"
        ? { next: undefined, effects: [] }
        : stay(state);
    default:
      return unreachable(state);
  }
}

type Open = Extract<NonInviteClient, { kind: "trying" | "proceeding" }>;

function stepOpen(state: Open, event: NonInviteClientEvent, timing: Timing): NonInviteClientStep {
  switch (event.kind) {
    case "received":
      return onResponse(state, event, timing);
    case "transportFailed":
      return { next: undefined, effects: [...disarmEF(timing), { kind: "transportFailed" }] };
    case "timer":
      if (event.timer === "E") return resend(state, timing);
      if (event.timer === "F") {
        return { next: undefined, effects: [...disarmEF(timing), { kind: "timedOut" }] };
      }
      return stay(state);
    default:
      return unreachable(event);
  }
}

function onResponse(
  state: Open,
  event: Extract<NonInviteClientEvent, { kind: "received" }>,
  timing: Timing,
): NonInviteClientStep {
  const { response } = event;
  const passUp: NonInviteClientEffect = { kind: "passUp", response };
  if (response.status < 200) {
    // Timers E and F go on; §17.1.2.2 sets E to T2 at its next expiry.
    return { next: { kind: "proceeding", request: state.request }, effects: [passUp] };
  }
  const effects = [...disarmEF(timing), passUp];
  // §17.1.2.2: timer K is 0 over a reliable transport.
  if (timing.reliable) return { next: undefined, effects };
  return {
    next: { kind: "completed" },
    effects: [...effects, { kind: "arm", timer: "K", afterMs: timing.t4Ms }],
  };
}

function resend(state: Open, timing: Timing): NonInviteClientStep {
  // §17.1.2.2: in trying the interval doubles up to T2, in proceeding it is T2.
  const resendMs =
    state.kind === "trying" ? Math.min(2 * state.resendMs, timing.t2Ms) : timing.t2Ms;
  return {
    next: state.kind === "trying" ? { ...state, resendMs } : state,
    effects: [
      { kind: "transmit", text: state.request },
      { kind: "arm", timer: "E", afterMs: resendMs },
    ],
  };
}

function disarmEF(timing: Timing): readonly NonInviteClientEffect[] {
  return timing.reliable ? disarmF : disarmBoth;
}

const disarmF: readonly NonInviteClientEffect[] = [{ kind: "disarm", timer: "F" }];
const disarmBoth: readonly NonInviteClientEffect[] = [
  { kind: "disarm", timer: "E" },
  { kind: "disarm", timer: "F" },
];
