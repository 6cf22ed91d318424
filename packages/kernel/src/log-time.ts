/**
 * Milliseconds on the log's clock (replication.md, Frame): it starts at 0 with a cold start, goes
 * forward only, and comes with the input. Nothing pure ever reads a clock.
 */
export type LogTimeMs = number & { readonly __unit: "log-ms" };

/** Names a plain number as log time; for hosts, tests and arithmetic on log times. */
export function logTime(ms: number): LogTimeMs {
  return ms as LogTimeMs; // the one place where a number becomes log time
}
