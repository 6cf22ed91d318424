/**
 * Server transaction of every request but INVITE and ACK: RFC 3261 §17.2.2.
 *
 *   ─request: pass up─▶ trying ──1xx──▶ proceeding ──2xx-6xx──▶ completed ──J──▶ over
 *                         └───────2xx-6xx──────────────────────────▲ └ request: send it again
 *                         a repeated request is absorbed; in proceeding the last 1xx goes again
 */
import { unreachable } from "@tandem/kernel";
import type { SipRequest } from "../message.ts";
import { type ServerEffect, type ServerEvent, stay, type Step, type Timing } from "./timing.ts";

export type NonInviteServerTimer = "J";

export type NonInviteServer =
  | { readonly kind: "trying" }
  | { readonly kind: "proceeding"; readonly response: string }
  | { readonly kind: "completed"; readonly response: string };

export type NonInviteServerEvent = ServerEvent<NonInviteServerTimer>;
export type NonInviteServerEffect = ServerEffect<NonInviteServerTimer>;
export type NonInviteServerStep = Step<NonInviteServer, NonInviteServerEffect>;

/** The request that matched no transaction. */
export function startNonInviteServer(request: SipRequest): NonInviteServerStep {
  return { next: { kind: "trying" }, effects: [{ kind: "passUp", request }] };
}

export function stepNonInviteServer(
  state: NonInviteServer,
  event: NonInviteServerEvent,
  timing: Timing,
): NonInviteServerStep {
  switch (event.kind) {
    case "received":
      return state.kind === "trying"
        ? stay(state)
        : { next: state, effects: [{ kind: "transmit", text: state.response }] };
    case "send":
      // §17.2.2: after a final response every further one is discarded.
      return state.kind === "completed" ? stay(state) : send(event.status, event.text, timing);
    case "timer":
      return state.kind === "completed" ? { next: undefined, effects: [] } : stay(state);
    case "transportFailed":
      return {
        next: undefined,
        effects:
          state.kind === "completed" ? [disarmJ, { kind: "transportFailed" }] : [transportFailed],
      };
    default:
      return unreachable(event);
  }
}

function send(status: number, text: string, timing: Timing): NonInviteServerStep {
  const transmit: NonInviteServerEffect = { kind: "transmit", text };
  if (status < 200) return { next: { kind: "proceeding", response: text }, effects: [transmit] };
  // §17.2.2: timer J is 0 over a reliable transport.
  if (timing.reliable) return { next: undefined, effects: [transmit] };
  return {
    next: { kind: "completed", response: text },
    effects: [transmit, { kind: "arm", timer: "J", afterMs: 64 * timing.t1Ms }],
  };
}

const disarmJ: NonInviteServerEffect = { kind: "disarm", timer: "J" };
const transportFailed: NonInviteServerEffect = { kind: "transportFailed" };
