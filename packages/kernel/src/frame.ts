import type { LogTimeMs } from "./log-time.ts";

/**
 * The inputs of one turn of the primary's event loop (replication.md, Frame): what every member of
 * a pair steps in the same order.
 */
export interface Frame<Input> {
  readonly epoch: number;
  /** The index of the first input; inputs are numbered from 1 in a history. */
  readonly firstIndex: number;
  readonly now: LogTimeMs;
  /** 16 fresh bytes as 32 hexadecimal digits. */
  readonly entropy: string;
  readonly inputs: readonly Input[];
}

/**
 * A deterministic machine that a replica can run: state is plain data that only `stepFrame`
 * changes.
 */
export interface Machine<State, Input, Effect> {
  readonly create: () => State;
  /** Steps the frame's inputs in order, then the timers due at its `now`. */
  readonly stepFrame: (state: State, frame: Frame<Input>) => Effect[];
  /** When the next timer is due, or undefined when none is armed. */
  readonly nextDeadline: (state: State) => LogTimeMs | undefined;
}
