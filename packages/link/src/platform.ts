/**
 * What the hosts need of the world: sockets, a clock, timers, chance. There is one for Node and one
 * for browsers, chosen by the `#platform` import of package.json; a test can give its own.
 */
export interface LinkPlatform {
  /** Milliseconds on a clock that does not go back. */
  readonly nowMs: () => number;
  /** Epoch milliseconds, for display. */
  readonly wallMs: () => number;
  /** 32 random bits. */
  readonly entropy: () => number;
  /** Calls `fire` once, not before `afterMs`; the answer cancels it. */
  readonly setTimer: (afterMs: number, fire: () => void) => () => void;
  readonly openSocket: (url: string, subprotocol: string, handlers: SocketHandlers) => LinkSocket;
}

export interface LinkSocket {
  readonly send: (text: string) => void;
  /** Ends it; `closed` is not called any more. */
  readonly close: (reason: string) => void;
}

/** Each is called from the event loop, never from within `openSocket`. `closed` comes once. */
export interface SocketHandlers {
  readonly opened: () => void;
  readonly received: (text: string) => void;
  readonly closed: (reason: string) => void;
}

/** A reason that a close frame can carry: 123 bytes at most (RFC 6455 §5.5). */
export function closeReason(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, "?").slice(0, 120);
}

/** `setTimeout` takes no more. */
export const timerMsMax = 2_147_483_647;
