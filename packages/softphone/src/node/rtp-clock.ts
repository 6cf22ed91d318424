/**
 * One clock of 20 ms for every RTP stream of the process: a thousand phones cost one timer. When
 * the process was held up it sends what is due at once, up to a bound, so that streams keep their
 * pace.
 */

/** Called for each 20 ms that passed. */
export type RtpTick = () => void;

const tickMs = 20;
/** Packets sent at once after a pause of the process; the rest of the pause is not made up for. */
const burstMax = 10;

const streams = new Set<RtpTick>();
let timer: NodeJS.Timeout | undefined;
let nextAtMs = 0;

/** Adds a stream to the clock; the function returned takes it off. */
export function joinRtpClock(stream: RtpTick): () => void {
  streams.add(stream);
  if (timer === undefined) {
    nextAtMs = performance.now() + tickMs;
    timer = setTimeout(onTimer, tickMs);
  }
  return () => {
    streams.delete(stream);
  };
}

function onTimer(): void {
  const nowMs = performance.now();
  for (let burst = 0; nextAtMs <= nowMs; burst += 1) {
    if (burst >= burstMax) {
      nextAtMs = nowMs + tickMs;
      break;
    }
    nextAtMs += tickMs;
    for (const stream of streams) stream();
  }
  timer =
    streams.size === 0 ? undefined : setTimeout(onTimer, Math.max(1, nextAtMs - performance.now()));
}
