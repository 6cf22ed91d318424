/**
 * Tells whether what is read now may have waited while this process stood still (a host frozen and
 * thawed). Another node may have taken the address and answered it long ago, so an answer of the
 * edge's own, a 503 to an INVITE that rings elsewhere, would end a call (replication.md rules 7 and
 * 11). What the machine answers is held by its own rules. Pure: times come from outside.
 */
export interface StallWatch {
  /** The event loop turns; at least each tenth of a second. */
  readonly beat: (nowMs: number) => void;
  /** It has stood still, and its sockets have not been read empty since. */
  readonly isAwakening: (nowMs: number) => boolean;
}

/** A standby takes over when it has heard nothing for a second: a little less is in doubt. */
const stallMinMs = 800;
/** By then what waited has been read, and a node that was replaced has heard of it. */
const awakeningMs = 500;

export function createStallWatch(startMs: number): StallWatch {
  let aliveMs = startMs;
  let awakeMs = -Infinity;
  const beat = (nowMs: number): void => {
    if (nowMs - aliveMs >= stallMinMs) awakeMs = nowMs + awakeningMs;
    aliveMs = nowMs;
  };
  return {
    beat,
    isAwakening(nowMs) {
      // What waited in the sockets may be read before any timer.
      beat(nowMs);
      return nowMs < awakeMs;
    },
  };
}
