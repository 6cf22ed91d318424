/**
 * INVITE client transaction: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2.
 *
 *              A: send again, wait twice as long
 *   ┌─ calling ──1xx──▶ proceeding ──2xx──▶ accepted ──M──▶ over
 *   │     │ └─────2xx──────────────────────────▲ └ each 2xx: pass up
 *   │     └──3xx-6xx: ACK──▶ completed ──D──▶ over       (proceeding ──3xx-6xx: ACK──▶ completed)
 *   └──B, transport failed──▶ over                 └ each 3xx-6xx: ACK again
 *
 * The ACK of a failure belongs here (§17.1.1.3), the ACK of a 2xx to the user (§13.2.2.4).
 * Proceeding has no timer of its own: how long a phone may ring is the user's to decide.
 */
import { unreachable } from "@tandem/kernel";
import { ownText } from "../own-text.ts";
import { ackForFailure } from "./ack.ts";
import { type ClientEffect, type ClientEvent, stay, type Step, type Timing } from "./timing.ts";

export type InviteClientTimer = "A" | "B" | "D" | "M";

export type InviteClient =
  | { readonly kind: "calling"; readonly request: string; readonly resendMs: number }
  | { readonly kind: "proceeding"; readonly request: string }
  | { readonly kind: "accepted" }
  | { readonly kind: "completed"; readonly ack: string };

export type InviteClientEvent = ClientEvent<InviteClientTimer>;
export type InviteClientEffect = ClientEffect<InviteClientTimer>;
export type InviteClientStep = Step<InviteClient, InviteClientEffect>;

/** Sends the INVITE. The text is kept until a final response; give it as a text of its own. */
export function startInviteClient(request: string, timing: Timing): InviteClientStep {
  const effects: InviteClientEffect[] = [
    { kind: "transmit", text: request },
    { kind: "arm", timer: "B", afterMs: 64 * timing.t1Ms },
  ];
  // §17.1.1.2: timer A only runs over an unreliable transport.
  if (!timing.reliable) effects.push({ kind: "arm", timer: "A", afterMs: timing.t1Ms });
  return { next: { kind: "calling", request, resendMs: timing.t1Ms }, effects };
}

export function stepInviteClient(
  state: InviteClient,
  event: InviteClientEvent,
  timing: Timing,
): InviteClientStep {
  switch (state.kind) {
    case "calling":
      return stepCalling(state, event, timing);
    case "proceeding":
      return stepProceeding(state, event, timing);
    case "accepted":
      return stepAccepted(state, event);
    case "completed":
      return stepCompleted(state, event);
    default:
      return unreachable(state);
  }
}

type Calling = Extract<InviteClient, { kind: "calling" }>;
type Proceeding = Extract<InviteClient, { kind: "proceeding" }>;
type Accepted = Extract<InviteClient, { kind: "accepted" }>;
type Completed = Extract<InviteClient, { kind: "completed" }>;
type Received = Extract<InviteClientEvent, { kind: "received" }>;

function stepCalling(state: Calling, event: InviteClientEvent, timing: Timing): InviteClientStep {
  switch (event.kind) {
    case "received":
      return onResponse(state.request, event, disarmAB(timing), timing);
    case "transportFailed":
      return { next: undefined, effects: [...disarmAB(timing), { kind: "transportFailed" }] };
    case "timer":
      if (event.timer === "A") {
        const resendMs = 2 * state.resendMs;
        return {
          next: { ...state, resendMs },
          effects: [
            { kind: "transmit", text: state.request },
            { kind: "arm", timer: "A", afterMs: resendMs },
          ],
        };
      }
      if (event.timer === "B") {
        return { next: undefined, effects: [...disarmAB(timing), { kind: "timedOut" }] };
      }
      return stay(state);
    default:
      return unreachable(event);
  }
}

/** Timers A and B are disarmed; a late expiry is ignored. */
function stepProceeding(
  state: Proceeding,
  event: InviteClientEvent,
  timing: Timing,
): InviteClientStep {
  switch (event.kind) {
    case "received":
      return onResponse(state.request, event, [], timing);
    case "transportFailed":
    case "timer":
      return stay(state);
    default:
      return unreachable(event);
  }
}

function onResponse(
  request: string,
  event: Received,
  disarms: readonly InviteClientEffect[],
  timing: Timing,
): InviteClientStep {
  const { response } = event;
  const passUp: InviteClientEffect = { kind: "passUp", response };
  if (response.status < 200) {
    return { next: { kind: "proceeding", request }, effects: [...disarms, passUp] };
  }
  if (response.status < 300) {
    // RFC 6026 §7.2: stay for timer M, so that every fork's 2xx reaches the user.
    const arm: InviteClientEffect = { kind: "arm", timer: "M", afterMs: 64 * timing.t1Ms };
    return { next: { kind: "accepted" }, effects: [...disarms, passUp, arm] };
  }
  const ack = ownText(ackForFailure(request, response));
  const transmit: InviteClientEffect = { kind: "transmit", text: ack };
  // §17.1.1.2: timer D is 0 over a reliable transport, at least 32 s over UDP.
  if (timing.reliable) return { next: undefined, effects: [...disarms, transmit, passUp] };
  const arm: InviteClientEffect = { kind: "arm", timer: "D", afterMs: 64 * timing.t1Ms };
  return { next: { kind: "completed", ack }, effects: [...disarms, transmit, passUp, arm] };
}

function stepAccepted(state: Accepted, event: InviteClientEvent): InviteClientStep {
  switch (event.kind) {
    case "received": {
      const { response } = event;
      const isSuccess = response.status >= 200 && response.status < 300;
      return isSuccess ? { next: state, effects: [{ kind: "passUp", response }] } : stay(state);
    }
    case "timer":
      return event.timer === "M" ? { next: undefined, effects: [] } : stay(state);
    case "transportFailed":
      return stay(state);
    default:
      return unreachable(event);
  }
}

function stepCompleted(state: Completed, event: InviteClientEvent): InviteClientStep {
  switch (event.kind) {
    case "received":
      // §17.1.1.2: a repeated final response gets the ACK again and goes no further up.
      return event.response.status >= 300
        ? { next: state, effects: [{ kind: "transmit", text: state.ack }] }
        : stay(state);
    case "timer":
      return event.timer === "D" ? { next: undefined, effects: [] } : stay(state);
    case "transportFailed":
      // The ACK did not leave: the user has the response already, the transaction is over.
      return {
        next: undefined,
        effects: [{ kind: "disarm", timer: "D" }, { kind: "transportFailed" }],
      };
    default:
      return unreachable(event);
  }
}

function disarmAB(timing: Timing): readonly InviteClientEffect[] {
  return timing.reliable ? disarmB : disarmBoth;
}

const disarmB: readonly InviteClientEffect[] = [{ kind: "disarm", timer: "B" }];
const disarmBoth: readonly InviteClientEffect[] = [
  { kind: "disarm", timer: "A" },
  { kind: "disarm", timer: "B" },
];
