export { AssertionError, assert, unreachable } from "./assert.ts";
export { createDigest, digestText, feedDigest, type Digest } from "./digest.ts";
export type { Frame, Machine } from "./frame.ts";
export { logTime, type LogTimeMs } from "./log-time.ts";
export {
  chance,
  createRandom,
  nextHex,
  nextInt,
  nextUint32,
  pick,
  randomFromEntropy,
  type Random,
} from "./random.ts";
export { fail, ok, type Result } from "./result.ts";
export { base36Of, hexOfUint32 } from "./digits.ts";
export {
  armTimer,
  createTimers,
  disarmTimer,
  isArmed,
  nextDeadline,
  settleTimers,
  takeDue,
  timersMax,
  type TimerEntry,
  type Timers,
} from "./timers.ts";
