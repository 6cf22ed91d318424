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
const noncesMax = 50_000;

export function createNonceCounts(): NonceCounts {
  // A count that is the only one yet stands for itself: most nonces are used once.
  const table = new Map<string, Seen | number>();
  return {
    isReplay(nonce, user, count) {
      const key = `${nonce}|${user}`;
      const found = table.get(key);
      if (found === undefined) {
        if (table.size >= noncesMax) forgetFirst(table);
        table.set(key, count);
        return false;
      }
      const seen = typeof found === "number" ? { highest: found, window: 1 } : found;
      if (typeof found === "number") table.set(key, seen);
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
    size: () => table.size,
  };
}

function forgetFirst(table: Map<string, unknown>): void {
  for (const key of table.keys()) {
    table.delete(key);
    return;
  }
}
