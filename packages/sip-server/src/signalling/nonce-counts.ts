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
  const table = new Map<string, Seen>();
  return {
    isReplay(nonce, user, count) {
      const key = `${nonce}|${user}`;
      const seen = table.get(key);
      if (seen === undefined) {
        if (table.size >= noncesMax) forgetFirst(table);
        table.set(key, { highest: count, window: 1 });
        return false;
      }
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

function forgetFirst(table: Map<string, Seen>): void {
  for (const key of table.keys()) {
    table.delete(key);
    return;
  }
}
