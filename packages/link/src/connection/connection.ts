import {
  addpDeadline,
  backOffMs,
  createAddp,
  stepAddp,
  type Addp,
  type AddpEffect,
  type AddpFrame,
  type AddpTimes,
} from "@tandem/cti";
import { unreachable } from "@tandem/kernel";

/**
 * One WebSocket connection to one server, and the next one after it, for ever. It counts from the
 * answer to its first request, not from TCP: a stopped process still accepts (cti.md, Wire). Then
 * ADDP watches it.
 *
 *   idle ──start──▶ connecting ──socket open──▶ answering ──accepted──▶ linked
 *                      │  ▲                        │                      │
 *                      │  └──────retry time────────┤                      │
 *                      └─────▶ waiting ◀──timeout, closed, rejected, ADDP─┘
 *
 * Each attempt has an id of its own; what a host says about another one is not this connection's.
 */
export interface Connection {
  /** What ids begin with; unique among a machine's connections. */
  readonly name: string;
  readonly url: string;
  readonly serial: number;
  /** Attempts in a row that did not hold. */
  readonly failures: number;
  readonly phase: Phase;
}

export type Phase =
  | { readonly kind: "idle" }
  /** `notBefore`: what the server asked for, however much haste there is. */
  | { readonly kind: "waiting"; readonly retryAt: number; readonly notBefore?: number }
  | { readonly kind: "connecting"; readonly deadline: number }
  | { readonly kind: "answering"; readonly deadline: number }
  | { readonly kind: "linked"; readonly addp: Addp; readonly since: number };

export interface ConnectionTimes {
  /** From the attempt to the answer of the first request. */
  readonly connectTimeoutMs: number;
  readonly addp: AddpTimes;
}

export interface ConnectionContext {
  /** Any clock that does not go back. */
  readonly nowMs: number;
  /** 32 random bits. */
  readonly entropy: number;
  readonly times: ConnectionTimes;
}

export type ConnectionEvent =
  | { readonly kind: "start" }
  | { readonly kind: "socketOpened" }
  | { readonly kind: "socketClosed"; readonly reason: string }
  /** A text frame came in; `frame` where it was one of ADDP. */
  | { readonly kind: "received"; readonly frame: AddpFrame | null }
  /** The answer to the first request came: the connection counts. */
  | { readonly kind: "accepted" }
  /** The server cannot be used now, for whatever reason. */
  | { readonly kind: "rejected"; readonly reason: string; readonly retryAfterMs?: number }
  /** One that waits for its next attempt waits no longer than this from now. */
  | { readonly kind: "hurry"; readonly withinMs: number }
  | { readonly kind: "clock" }
  | { readonly kind: "stop"; readonly reason: string };

export type ConnectionEffect =
  | { readonly kind: "open"; readonly id: string; readonly url: string }
  /** Close the socket; nothing it still says counts. */
  | { readonly kind: "close"; readonly id: string; readonly reason: string }
  | { readonly kind: "transmit"; readonly id: string; readonly text: string };

/** What the owner must act on. */
export type ConnectionSignal =
  /** Send the first request now. */
  | { readonly kind: "ready" }
  | { readonly kind: "lost"; readonly wasLinked: boolean; readonly reason: string };

export interface ConnectionStep {
  readonly next: Connection;
  readonly effects: readonly ConnectionEffect[];
  readonly signals: readonly ConnectionSignal[];
}

/** A link that held this long was good: the next attempt comes at once. */
export const stableMs = 5_000;

export function createConnection(name: string, url: string): Connection {
  return { name, url, serial: 0, failures: 0, phase: { kind: "idle" } };
}

/** The present attempt's id; of no use before the first. */
export function connectionId(connection: Connection): string {
  return `${connection.name}/${connection.serial}`;
}

export function isLinked(connection: Connection): boolean {
  return connection.phase.kind === "linked";
}

export function connectionDeadline(connection: Connection): number | undefined {
  const { phase } = connection;
  switch (phase.kind) {
    case "idle":
      return undefined;
    case "waiting":
      return phase.retryAt;
    case "connecting":
    case "answering":
      return phase.deadline;
    case "linked":
      return addpDeadline(phase.addp);
    default:
      return unreachable(phase);
  }
}

export function stepConnection(
  connection: Connection,
  event: ConnectionEvent,
  context: ConnectionContext,
): ConnectionStep {
  const { phase } = connection;
  switch (event.kind) {
    case "start":
      return phase.kind === "idle" ? attempt(connection, context) : stay(connection);
    case "socketOpened":
      return onOpened(connection);
    case "socketClosed":
      return isOpenPhase(phase) ? lose(connection, event.reason, context, {}) : stay(connection);
    case "received":
      return onReceived(connection, event.frame, context);
    case "accepted":
      return onAccepted(connection, context);
    case "rejected":
      if (!isOpenPhase(phase)) return stay(connection);
      return lose(connection, event.reason, context, {
        mustClose: true,
        ...(event.retryAfterMs === undefined ? {} : { retryAfterMs: event.retryAfterMs }),
      });
    case "hurry":
      return hurry(connection, event.withinMs, context);
    case "clock":
      return onClock(connection, context);
    case "stop":
      return stop(connection, event.reason);
    default:
      return unreachable(event);
  }
}

function attempt(connection: Connection, context: ConnectionContext): ConnectionStep {
  const deadline = context.nowMs + context.times.connectTimeoutMs;
  const next: Connection = {
    ...connection,
    serial: connection.serial + 1,
    phase: { kind: "connecting", deadline },
  };
  return {
    next,
    effects: [{ kind: "open", id: connectionId(next), url: connection.url }],
    signals: [],
  };
}

function onOpened(connection: Connection): ConnectionStep {
  const { phase } = connection;
  if (phase.kind !== "connecting") return stay(connection);
  return {
    next: { ...connection, phase: { kind: "answering", deadline: phase.deadline } },
    effects: [],
    signals: [{ kind: "ready" }],
  };
}

function onAccepted(connection: Connection, context: ConnectionContext): ConnectionStep {
  if (connection.phase.kind !== "answering") return stay(connection);
  const addp = createAddp(context.times.addp, context.nowMs);
  return {
    next: { ...connection, phase: { kind: "linked", addp, since: context.nowMs } },
    effects: [],
    signals: [],
  };
}

function onReceived(
  connection: Connection,
  frame: AddpFrame | null,
  context: ConnectionContext,
): ConnectionStep {
  const { phase } = connection;
  if (phase.kind !== "linked") {
    // A server may poll before its answer is out.
    const isPoll = frame?.addp === "poll" && phase.kind === "answering";
    const answer: AddpFrame = { addp: "answer", id: frame?.id ?? 0 };
    return isPoll
      ? { next: connection, effects: [transmitAddp(connection, answer)], signals: [] }
      : stay(connection);
  }
  const step = stepAddp(phase.addp, { kind: "received", frame }, context.times.addp, context.nowMs);
  return {
    next: { ...connection, phase: { ...phase, addp: step.next } },
    effects: step.effects.flatMap((effect) => addpTransmit(connection, effect)),
    signals: [],
  };
}

function onClock(connection: Connection, context: ConnectionContext): ConnectionStep {
  const { phase } = connection;
  switch (phase.kind) {
    case "idle":
      return stay(connection);
    case "waiting":
      return context.nowMs < phase.retryAt ? stay(connection) : attempt(connection, context);
    case "connecting":
    case "answering":
      if (context.nowMs < phase.deadline) return stay(connection);
      return lose(connection, "no answer in time", context, { mustClose: true });
    case "linked": {
      const step = stepAddp(phase.addp, { kind: "clock" }, context.times.addp, context.nowMs);
      if (step.effects.some((effect) => effect.kind === "lost")) {
        return lose(connection, "silent for the ADDP timeout", context, { mustClose: true });
      }
      return {
        next: { ...connection, phase: { ...phase, addp: step.next } },
        effects: step.effects.flatMap((effect) => addpTransmit(connection, effect)),
        signals: [],
      };
    }
    default:
      return unreachable(phase);
  }
}

function hurry(
  connection: Connection,
  withinMs: number,
  context: ConnectionContext,
): ConnectionStep {
  const { phase } = connection;
  if (phase.kind !== "waiting") return stay(connection);
  const soonest = Math.max(context.nowMs + withinMs, phase.notBefore ?? 0);
  const retryAt = Math.min(phase.retryAt, soonest);
  const next: Connection = { ...connection, phase: { ...phase, retryAt } };
  return context.nowMs < retryAt ? stay(next) : attempt(next, context);
}

/** After a link that held the next attempt comes at once, after any other later and later. */
function lose(
  connection: Connection,
  reason: string,
  context: ConnectionContext,
  how: { readonly mustClose?: boolean; readonly retryAfterMs?: number },
): ConnectionStep {
  const { phase } = connection;
  const wasLinked = phase.kind === "linked";
  const wasStable = phase.kind === "linked" && context.nowMs - phase.since >= stableMs;
  const failures = wasStable ? 0 : connection.failures + 1;
  const { retryAfterMs } = how;
  const waitMs = Math.max(retryAfterMs ?? 0, backOffMs(failures, context.entropy));
  const { nowMs } = context;
  const asked = retryAfterMs === undefined ? {} : { notBefore: nowMs + retryAfterMs };
  return {
    next: {
      ...connection,
      failures,
      phase: { kind: "waiting", retryAt: nowMs + waitMs, ...asked },
    },
    effects:
      how.mustClose === true ? [{ kind: "close", id: connectionId(connection), reason }] : [],
    signals: [{ kind: "lost", wasLinked, reason }],
  };
}

function stop(connection: Connection, reason: string): ConnectionStep {
  const isOpen = isOpenPhase(connection.phase);
  return {
    next: { ...connection, failures: 0, phase: { kind: "idle" } },
    effects: isOpen ? [{ kind: "close", id: connectionId(connection), reason }] : [],
    signals: [],
  };
}

function isOpenPhase(phase: Phase): boolean {
  return phase.kind === "connecting" || phase.kind === "answering" || phase.kind === "linked";
}

function addpTransmit(connection: Connection, effect: AddpEffect): ConnectionEffect[] {
  return effect.kind === "send" ? [transmitAddp(connection, effect.frame)] : [];
}

function transmitAddp(connection: Connection, frame: AddpFrame): ConnectionEffect {
  return { kind: "transmit", id: connectionId(connection), text: JSON.stringify(frame) };
}

function stay(connection: Connection): ConnectionStep {
  return { next: connection, effects: [], signals: [] };
}
