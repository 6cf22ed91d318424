/**
 * Wrong passwords cost time (RFC 3261 §26.3.2): after a few for one user from one address that
 * address waits for that user, each time twice as long. Who waits gets the challenge that everybody
 * gets, whatever he sends. It is a pair that waits, never a user: nobody can lock out another, and
 * a user who does not exist waits like one who does.
 */
export interface DigestFailures {
  readonly isHeldOff: (user: string, host: string, nowMs: number) => boolean;
  readonly failed: (user: string, host: string, nowMs: number) => void;
  readonly succeeded: (user: string, host: string) => void;
  readonly size: () => number;
}

export const freeFailures = 5;
const firstHoldMs = 1_000;
const longestHoldMs = 60_000;
const pairsMax = 20_000;

interface Failures {
  count: number;
  untilMs: number;
}

export function createDigestFailures(): DigestFailures {
  // Latest failure last.
  const pairs = new Map<string, Failures>();
  const keyOf = (user: string, host: string): string => `${host}|${user}`;
  return {
    isHeldOff: (user, host, nowMs) => (pairs.get(keyOf(user, host))?.untilMs ?? 0) > nowMs,
    failed(user, host, nowMs) {
      const key = keyOf(user, host);
      const failures = pairs.get(key) ?? { count: 0, untilMs: 0 };
      pairs.delete(key);
      if (pairs.size >= pairsMax) forgetFirst(pairs);
      failures.count += 1;
      const beyond = failures.count - freeFailures;
      const holdMs = Math.min(longestHoldMs, firstHoldMs * 2 ** Math.min(beyond, 16));
      failures.untilMs = beyond < 0 ? 0 : nowMs + holdMs;
      pairs.set(key, failures);
    },
    succeeded(user, host) {
      if (pairs.size > 0) pairs.delete(keyOf(user, host));
    },
    size: () => pairs.size,
  };
}

function forgetFirst(pairs: Map<string, Failures>): void {
  for (const key of pairs.keys()) {
    pairs.delete(key);
    return;
  }
}
