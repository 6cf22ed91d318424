/**
 * What the four transaction machines share (RFC 3261 §17): timer values, and how they speak. Each
 * machine is a pure function `step(state, event, timing) → { next, effects }`; `next` is undefined
 * when the transaction is over. The owner transmits, arms and disarms as told, and feeds expiries
 * back as events; an expiry that comes late is ignored.
 */
import type { SipRequest, SipResponse } from "../message.ts";

export interface Timing {
  /** Estimate of the round trip: 500 (§17.1.1.1). */
  readonly t1Ms: number;
  /** Longest interval between retransmissions of what is no INVITE: 4,000. */
  readonly t2Ms: number;
  /** How long a message may stay in the network: 5,000. */
  readonly t4Ms: number;
  /** TCP, TLS, WebSocket: nothing is retransmitted, late copies do not come. */
  readonly reliable: boolean;
}

export interface Step<State, Effect> {
  /** Undefined: the transaction is over and its timers are disarmed. */
  readonly next: State | undefined;
  readonly effects: readonly Effect[];
}

export type TimerEffect<Timer extends string> =
  | { readonly kind: "arm"; readonly timer: Timer; readonly afterMs: number }
  | { readonly kind: "disarm"; readonly timer: Timer };

export type ClientEvent<Timer extends string> =
  /** A response that matches the transaction (§17.1.3). */
  | { readonly kind: "received"; readonly response: SipResponse }
  | { readonly kind: "timer"; readonly timer: Timer }
  | { readonly kind: "transportFailed" };

export type ClientEffect<Timer extends string> =
  | { readonly kind: "transmit"; readonly text: string }
  | TimerEffect<Timer>
  /** A response for the user of the transaction. */
  | { readonly kind: "passUp"; readonly response: SipResponse }
  /** No final response in time; the user treats it as a 408 (§8.1.3.1). */
  | { readonly kind: "timedOut" }
  /** The user treats it as a 503 (§8.1.3.1). */
  | { readonly kind: "transportFailed" };

export type ServerEvent<Timer extends string> =
  /** A request that matches the transaction (§17.2.3); the first one starts it. */
  | { readonly kind: "received"; readonly request: SipRequest }
  /** The user's response. */
  | { readonly kind: "send"; readonly status: number; readonly text: string }
  | { readonly kind: "timer"; readonly timer: Timer }
  | { readonly kind: "transportFailed" };

export type ServerEffect<Timer extends string> =
  | { readonly kind: "transmit"; readonly text: string }
  | TimerEffect<Timer>
  | { readonly kind: "passUp"; readonly request: SipRequest }
  /** The ACK of a failure response never came. */
  | { readonly kind: "timedOut" }
  | { readonly kind: "transportFailed" };

/** Ignoring an event is explicit: same state, no effects. */
export function stay<State>(state: State): { readonly next: State; readonly effects: readonly [] } {
  return { next: state, effects: [] };
}
