/**
 * Who is connected, and who of them has shown who he is. A connection is *proven* once a request
 * over it carried right credentials, or when its far end is a trunk, the peer, or of our own
 * dialling. Proven ones are nobody's burden; of the others one source may have so many, the oldest
 * gives way to a newer one, and whoever says nothing goes. So one who opens connections without end
 * closes his own, and a phone behind the same address still finds the door open.
 */
export interface Visitors {
  /** Null when the house is full of proven connections. `evict` closes the socket. */
  readonly admit: (source: string, evict: () => void, nowMs: number) => Visit | null;
  /** Evicts the unproven that have said nothing whole for too long. */
  readonly sweep: (nowMs: number) => void;
  /** At the end: every socket that is here, proven or not. */
  readonly evictAll: () => void;
  readonly counts: VisitorCounts;
  readonly size: () => number;
  readonly unproven: () => number;
}

export interface Visit {
  /** A whole message came. */
  readonly heard: (nowMs: number) => void;
  readonly prove: () => void;
  readonly leave: () => void;
}

export interface VisitorCounts {
  /** Unproven connections closed to make room for newer ones. */
  evicted: number;
  /** Unproven connections closed because they said nothing. */
  idle: number;
  /** Connections not accepted. */
  refused: number;
}

export interface VisitorLimits {
  readonly connectionsMax: number;
  /** Unproven connections of one source. */
  readonly unprovenPerSourceMax: number;
  readonly unprovenIdleMs: number;
}

interface Guest {
  readonly source: string;
  readonly evict: () => void;
  lastHeardMs: number;
}

export function createVisitors(limits: VisitorLimits): Visitors {
  const counts: VisitorCounts = { evicted: 0, idle: 0, refused: 0 };
  // Longest silent first, for the house and for each source.
  const unproven = new Set<Guest>();
  const bySource = new Map<string, Set<Guest>>();
  const all = new Set<Guest>();

  function forget(guest: Guest): void {
    unproven.delete(guest);
    const those = bySource.get(guest.source);
    those?.delete(guest);
    if (those?.size === 0) bySource.delete(guest.source);
  }

  function remember(guest: Guest): void {
    unproven.add(guest);
    const those = bySource.get(guest.source) ?? new Set();
    those.add(guest);
    bySource.set(guest.source, those);
  }

  function evictOldest(guests: ReadonlySet<Guest>): boolean {
    for (const guest of guests) {
      forget(guest);
      guest.evict();
      counts.evicted += 1;
      return true;
    }
    return false;
  }

  return {
    admit(source, evict, nowMs) {
      const those = bySource.get(source);
      if (those !== undefined && those.size >= limits.unprovenPerSourceMax) evictOldest(those);
      if (all.size >= limits.connectionsMax && !evictOldest(unproven)) {
        counts.refused += 1;
        return null;
      }
      const guest: Guest = { source, evict, lastHeardMs: nowMs };
      remember(guest);
      all.add(guest);
      return {
        heard(now) {
          guest.lastHeardMs = now;
          if (!unproven.has(guest)) return;
          forget(guest);
          remember(guest);
        },
        prove: () => forget(guest),
        leave() {
          all.delete(guest);
          forget(guest);
        },
      };
    },
    sweep(nowMs) {
      for (const guest of unproven) {
        if (nowMs - guest.lastHeardMs < limits.unprovenIdleMs) return;
        forget(guest);
        guest.evict();
        counts.idle += 1;
      }
    },
    evictAll() {
      for (const guest of all) guest.evict();
    },
    counts,
    size: () => all.size,
    unproven: () => unproven.size,
  };
}
