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
  highest: number;
  /** Bit n: `highest - n` was used. */
  window: number;
}

const windowBits = 32;
/** Of either generation. */
const noncesMax = 25_000;

export function createNonceCounts(): NonceCounts {
  // A count that is the only one yet stands for itself: most nonces are used once. Two generations:
  // the older one goes as a whole, for the first of a long Map is slow to find.
  let young = new Map<string, Seen | number>();
  let old = new Map<string, Seen | number>();
  function note(key: string, seen: Seen | number): void {
    if (young.size >= noncesMax) {
      old = young;
      young = new Map();
    }
    young.set(key, seen);
  }
  return {
    isReplay(nonce, user, count) {
      const key = `${nonce}|${user}`;
      const found = young.get(key) ?? old.get(key);
      if (found === undefined) {
        note(key, count);
        return false;
      }
      const seen = typeof found === "number" ? { highest: found, window: 1 } : found;
      if (typeof found === "number") note(key, seen);
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
    },
    size: () => young.size + old.size,
  };
}
