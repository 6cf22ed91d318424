import { unreachable } from "@tandem/kernel";
import type { AddpFrame } from "./addp-frame.ts";

/**
 * ADDP (cti.md), for one connection, the same on both sides. Silence for half of the timeout makes
 * a poll, silence for the whole of it means that the connection is lost: a bound, not twice the
 * time. Whatever is received ends the silence, so a poll and its answer count for both directions.
 *
 *   listening ──poll time──▶ polled ──loss time──▶ lost
 *       ▲─────received────────┘
 *
 * A hidden page's clock may come a minute late. A deadline found more than a second late counts as
 * loss only after one more poll, which gets half of the timeout to be answered; polls are answered
 * where frames are received, which browsers do not delay.
 */
export type Addp =
  | { readonly kind: "listening"; readonly pollAt: number; readonly pollCount: number }
  | {
      readonly kind: "polled";
      /** Absent where silence never means loss. */
      readonly lossAt: number | null;
      readonly pollAgainAt: number | null;
      /** Found late once: the next deadline counts, late or not. */
      readonly isExtended: boolean;
      readonly pollCount: number;
    }
  | { readonly kind: "off" }
  | { readonly kind: "lost" };

export interface AddpTimes {
  /** Silence that means loss, in milliseconds; 0: never. */
  readonly timeoutMs: number;
  /** Silence that makes a poll; 0: none, and ADDP is off. */
  readonly pollAfterMs: number;
}

export type AddpEvent =
  /** Any frame at all came in; `frame` where it was one of ADDP. */
  | { readonly kind: "received"; readonly frame: AddpFrame | null }
  /** The clock reached the deadline, or went past it. */
  | { readonly kind: "clock" };

export type AddpEffect =
  | { readonly kind: "send"; readonly frame: AddpFrame }
  /** The connection is lost; comes once. */
  | { readonly kind: "lost" };

export interface AddpStep {
  readonly next: Addp;
  readonly effects: readonly AddpEffect[];
}

export const lateMs = 1_000;
/** Poll numbers start again after this one. */
const pollCountMax = 2_147_483_647;

/** The client's times for its own `addp-timeout`, in seconds. */
export function clientAddpTimes(timeoutSeconds: number): AddpTimes {
  const timeoutMs = Math.round(timeoutSeconds * 1_000);
  return { timeoutMs, pollAfterMs: Math.floor(timeoutMs / 2) };
}

/**
 * The server's times, from RegisterClient: it holds the connection lost after `addpRemoteTimeout`
 * and polls at half of the smaller of the two, because a hidden page cannot.
 */
export function serverAddpTimes(
  addpTimeout: number | undefined,
  addpRemoteTimeout: number | undefined,
): AddpTimes {
  const given = [addpTimeout ?? 0, addpRemoteTimeout ?? 0].filter((seconds) => seconds > 0);
  const smallest = given.length === 0 ? 0 : Math.min(...given);
  return {
    timeoutMs: Math.round((addpRemoteTimeout ?? 0) * 1_000),
    pollAfterMs: Math.floor(smallest * 500),
  };
}

/** `nowMs` is any clock that does not go back; all calls use the same. */
export function createAddp(times: AddpTimes, nowMs: number): Addp {
  return listen(times, nowMs, 0);
}

/** When `clock` must be stepped next, or undefined. */
export function addpDeadline(addp: Addp): number | undefined {
  switch (addp.kind) {
    case "listening":
      return addp.pollAt;
    case "polled":
      return addp.lossAt ?? addp.pollAgainAt ?? undefined;
    case "off":
    case "lost":
      return undefined;
    default:
      return unreachable(addp);
  }
}

export function stepAddp(addp: Addp, event: AddpEvent, times: AddpTimes, nowMs: number): AddpStep {
  switch (event.kind) {
    case "received":
      return onReceived(addp, event.frame, times, nowMs);
    case "clock":
      return onClock(addp, times, nowMs);
    default:
      return unreachable(event);
  }
}

function onReceived(
  addp: Addp,
  frame: AddpFrame | null,
  times: AddpTimes,
  nowMs: number,
): AddpStep {
  if (addp.kind === "lost") return stay(addp);
  const effects: AddpEffect[] =
    frame?.addp === "poll" ? [{ kind: "send", frame: { addp: "answer", id: frame.id } }] : [];
  if (addp.kind === "off") return { next: addp, effects };
  return { next: listen(times, nowMs, addp.pollCount), effects };
}

function onClock(addp: Addp, times: AddpTimes, nowMs: number): AddpStep {
  switch (addp.kind) {
    case "listening": {
      if (nowMs < addp.pollAt) return stay(addp);
      const isLate = nowMs - addp.pollAt > lateMs;
      const since = addp.pollAt - times.pollAfterMs;
      const lossAt = isLate ? nowMs + answerMs(times) : since + times.timeoutMs;
      return poll(addp.pollCount, times, nowMs, lossAt, isLate);
    }
    case "polled": {
      if (addp.lossAt === null) {
        if (addp.pollAgainAt === null || nowMs < addp.pollAgainAt) return stay(addp);
        return poll(addp.pollCount, times, nowMs, nowMs, false);
      }
      if (nowMs < addp.lossAt) return stay(addp);
      if (nowMs - addp.lossAt > lateMs && !addp.isExtended) {
        return poll(addp.pollCount, times, nowMs, nowMs + answerMs(times), true);
      }
      return { next: { kind: "lost" }, effects: [{ kind: "lost" }] };
    }
    case "off":
    case "lost":
      return stay(addp);
    default:
      return unreachable(addp);
  }
}

function poll(
  pollCount: number,
  times: AddpTimes,
  nowMs: number,
  lossAt: number,
  isExtended: boolean,
): AddpStep {
  const id = pollCount >= pollCountMax ? 1 : pollCount + 1;
  const isBounded = times.timeoutMs > 0;
  return {
    next: {
      kind: "polled",
      lossAt: isBounded ? lossAt : null,
      pollAgainAt: isBounded ? null : nowMs + times.pollAfterMs,
      isExtended,
      pollCount: id,
    },
    effects: [{ kind: "send", frame: { addp: "poll", id } }],
  };
}

/** What is left for the answer to a poll that went out in time. */
function answerMs(times: AddpTimes): number {
  return Math.max(1, times.timeoutMs - times.pollAfterMs);
}

function listen(times: AddpTimes, nowMs: number, pollCount: number): Addp {
  if (times.pollAfterMs <= 0) return { kind: "off" };
  return { kind: "listening", pollAt: nowMs + times.pollAfterMs, pollCount };
}

function stay(addp: Addp): AddpStep {
  return { next: addp, effects: [] };
}
