/**
 * One timer for all of a machine's. Deadlines that lie close together are met together, a little
 * late: a frame for each of a call's timers costs more than the timers do.
 */
export interface AlarmClock {
  /** The next deadline may be another. */
  readonly set: () => void;
  readonly clear: () => void;
}

export interface AlarmClockChoice {
  /** The monotonic clock, milliseconds. */
  readonly clock: () => number;
  /** The next deadline by that clock. */
  readonly deadline: () => number | undefined;
  readonly wake: () => void;
}

/** How late a timer may fire; a fiftieth of the shortest that SIP has (T1, RFC 3261 §17.1.1.1). */
const grainMs = 10;

export function createAlarmClock({ clock, deadline, wake }: AlarmClockChoice): AlarmClock {
  let timer: NodeJS.Timeout | null = null;
  let firesAt = Infinity;
  function clear(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    firesAt = Infinity;
  }
  function ring(): void {
    timer = null;
    firesAt = Infinity;
    const exactly = deadline();
    if (exactly === undefined) return;
    if (exactly <= clock()) wake();
    else set();
  }
  function set(): void {
    const exactly = deadline();
    if (exactly === undefined) return;
    const at = Math.ceil(exactly / grainMs) * grainMs;
    if (at >= firesAt) return;
    clear();
    firesAt = at;
    timer = setTimeout(ring, Math.max(0, Math.ceil(at - clock())));
  }
  return { set, clear };
}
