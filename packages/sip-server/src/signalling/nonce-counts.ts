import { ownText } from "@tandem/sip";

/**
 * Nonce counts that were used (RFC 7616 §3.4.5): each once for a nonce and a user, in any order
 * within a window, since datagrams overtake each other. Only right credentials come here, so that
 * no stranger fills the table.
 */
export interface NonceCounts {
  /** Notes the count; true when it was used before or is too far behind. */
  readonly isReplay: (nonce: string, user: string, count: number) => boolean;
  readonly size: () => number;
}

interface Seen {
  readonly user: string;
  highest: number;
  /** Bit n: `highest - n` was used. */
  window: number;
}

const windowBits = 32;
/** Of either generation. */
const noncesMax = 25_000;

export function createNonceCounts(): NonceCounts {
  // Most nonces are used once, by one user, with count 1: then the user's name stands for all of
  // it. Two generations: the older one goes as a whole, for a long Map's first is slow to find.
  let young = new Map<string, Seen | string>();
  let old = new Map<string, Seen | string>();
  /** No nonce above it, as a text, is in the old generation: nonces begin with their time. */
  let oldHighest = "";
  let highest = "";
  function note(key: string, seen: Seen | string): void {
    if (young.size >= noncesMax) {
      old = young;
      oldHighest = highest;
      young = new Map();
    }
    if (key > highest) highest = key;
    young.set(key, seen);
  }
  function find(key: string): Seen | string | undefined {
    return young.get(key) ?? (key > oldHighest ? undefined : old.get(key));
  }
  function isUsed(key: string, user: string, count: number): boolean {
    const found = find(key);
    if (found === undefined) {
      note(key, count === 1 ? ownText(user) : { user: ownText(user), highest: count, window: 1 });
      return false;
    }
    const seen = typeof found === "string" ? { user: found, highest: 1, window: 1 } : found;
    // Another user of the same phone, with the nonce of the first.
    if (seen.user !== user) return isUsed(`${key}|${user}`, user, count);
    if (typeof found === "string") note(key, seen);
    return isUsedUp(seen, count);
  }
  return {
    isReplay: (nonce, user, count) => isUsed(ownText(nonce), user, count),
    size: () => young.size + old.size,
  };
}

/** Notes the count in the window. */
function isUsedUp(seen: Seen, count: number): boolean {
  const ahead = count - seen.highest;
  if (ahead > 0) {
    seen.window = ahead >= windowBits ? 1 : (seen.window << ahead) | 1;
    seen.highest = count;
    return false;
  }
  if (-ahead >= windowBits) return true;
  const bit = 1 << -ahead;
  if ((seen.window & bit) !== 0) return true;
  seen.window |= bit;
  return false;
}
