import { ownText } from "@tandem/sip";
import { createTokenBuckets } from "./token-bucket.ts";

/**
 * How much strangers may ask for, so that no flood reaches the machine (decision 10).
 *
 * The unit is a *place*: transport, address and port, for behind one address may be a whole office.
 * A place is proven while a request from it carried right credentials lately; then it may send ten
 * times as much, and no flood of others touches it. An unproven place that goes on beyond its rate
 * is ignored for a while. All unproven places together get so many answers a second; what is more
 * is dropped, and a phone that tries again as it must gets through.
 */
export interface SourceLimits {
  /** Before anything is read of a message. */
  readonly judge: (place: string, nowMs: number) => "pass" | "limited" | "ignored";
  /** Whether there is still an answer for a stranger this second. */
  readonly admitStranger: (nowMs: number) => boolean;
  readonly prove: (place: string, user: string, nowMs: number) => void;
  readonly isProven: (place: string, nowMs: number) => boolean;
  readonly isProvenAs: (place: string, user: string, nowMs: number) => boolean;
  /** The connection is gone: its place may be another's next time. */
  readonly forget: (place: string) => void;
  readonly ignoredPlaces: (nowMs: number) => number;
  readonly provenPlaces: () => number;
}

export interface SourceLimitChoice {
  /** Messages a second of a proven place; a tenth of it for others. 0 switches all limits off. */
  readonly sourcePerSecond: number;
  /** Answers a second to all unproven places together. */
  readonly strangersPerSecond: number;
}

/** A phone that registers once an hour stays proven. */
export const provenMs = 7_200_000;
export const ignoreMs = 30_000;
/** A proof this young is not written anew. */
const renewMs = 60_000;
const provenMax = 100_000;
const ignoredMax = 20_000;
const unprovenShare = 10;

export function createSourceLimits(choice: SourceLimitChoice): SourceLimits {
  const provenRate = choice.sourcePerSecond;
  const rate = Math.max(1, provenRate / unprovenShare);
  const burst = 2 * rate;
  const strangers = createTokenBuckets(rate, burst);
  const known = createTokenBuckets(provenRate, 2 * provenRate);
  const everybody = createTokenBuckets(choice.strangersPerSecond, choice.strangersPerSecond);
  const proven = new Map<string, { readonly user: string; readonly untilMs: number }>();
  const excess = new Map<string, number>();
  const ignored = new Map<string, number>();
  const isOff = choice.sourcePerSecond === 0;

  function proofOf(place: string, nowMs: number): { readonly user: string } | undefined {
    const proof = proven.get(place);
    return proof !== undefined && proof.untilMs > nowMs ? proof : undefined;
  }

  function judgeStranger(place: string, nowMs: number): "pass" | "limited" | "ignored" {
    const until = ignored.get(place);
    if (until !== undefined) {
      if (until > nowMs) return "ignored";
      ignored.delete(place);
    }
    if (strangers.take(place, nowMs)) return "pass";
    const count = (excess.get(place) ?? 0) + 1;
    excess.delete(place);
    if (count < burst) {
      keepBounded(excess, ignoredMax);
      excess.set(place, count);
      return "limited";
    }
    keepBounded(ignored, ignoredMax);
    ignored.set(place, nowMs + ignoreMs);
    return "ignored";
  }

  return {
    judge(place, nowMs) {
      if (isOff) return "pass";
      if (proofOf(place, nowMs) === undefined) return judgeStranger(place, nowMs);
      return known.take(place, nowMs) ? "pass" : "limited";
    },
    admitStranger: (nowMs) => isOff || everybody.take("", nowMs),
    prove(place, user, nowMs) {
      const known = proven.get(place);
      const isFresh = known !== undefined && known.untilMs - nowMs > provenMs - renewMs;
      if (isFresh && known.user === user) return;
      proven.delete(place); // the newest is last
      keepBounded(proven, provenMax);
      proven.set(place, { user: ownText(user), untilMs: nowMs + provenMs });
      ignored.delete(place);
    },
    isProven: (place, nowMs) => proofOf(place, nowMs) !== undefined,
    isProvenAs: (place, user, nowMs) => proofOf(place, nowMs)?.user === user,
    forget(place) {
      proven.delete(place);
    },
    ignoredPlaces(nowMs) {
      for (const [place, until] of ignored) {
        if (until > nowMs) break; // they end in the order in which they began
        ignored.delete(place);
      }
      return ignored.size;
    },
    provenPlaces: () => proven.size,
  };
}

/** Makes room for one more: the oldest goes. */
function keepBounded(map: Map<string, unknown>, max: number): void {
  if (map.size < max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
