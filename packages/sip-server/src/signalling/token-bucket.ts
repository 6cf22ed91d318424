/**
 * How much one source may send: so many messages a second, with a burst, kept for the sources that
 * sent last. Trunks and the peer are not limited.
 */
export interface TokenBuckets {
  /** Takes one token; false when the source has none left. */
  readonly take: (source: string, nowMs: number) => boolean;
  readonly size: () => number;
}

/** Sources remembered; the one that has been silent longest is forgotten first. */
export const sourcesMax = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

export function createTokenBuckets(perSecond: number, burst: number): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  return {
    take(source, nowMs) {
      const known = buckets.get(source);
      if (known === undefined) {
        if (buckets.size >= sourcesMax) forgetOldest(buckets);
        buckets.set(source, { tokens: burst - 1, at: nowMs });
        return burst >= 1;
      }
      const earned = ((nowMs - known.at) * perSecond) / 1000;
      known.tokens = Math.min(burst, known.tokens + Math.max(0, earned));
      known.at = nowMs;
      if (known.tokens < 1) return false;
      known.tokens -= 1;
      return true;
    },
    size: () => buckets.size,
  };
}

/** Of a few at the front of the table the one that has been silent longest. */
function forgetOldest(buckets: Map<string, Bucket>): void {
  let oldest: string | null = null;
  let oldestAt = Infinity;
  let looked = 0;
  for (const [source, { at }] of buckets) {
    if (at < oldestAt) {
      oldest = source;
      oldestAt = at;
    }
    looked += 1;
    if (looked >= looksMax) break;
  }
  if (oldest !== null) buckets.delete(oldest);
}

const looksMax = 16;
