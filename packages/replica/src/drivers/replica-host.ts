import { randomFillSync } from "node:crypto";
import type { Frame, Machine } from "@tandem/kernel";
import { createReplica, stepGathered, type Replica } from "../replica.ts";
import { soleView, type Incarnation } from "../view.ts";

/**
 * Runs a replica in a Node process: gathers the inputs of one turn of the event loop into a frame,
 * wakes the machine when a timer is due, and hands released effects on. Alone in its view; the link
 * to a standby and the arbiters are drivers of their own.
 */
export interface ReplicaHost<State, Input> {
  /** An input for the next frame. */
  readonly submit: (input: Input) => void;
  /** The machine's state, to be read only. */
  readonly state: State;
  readonly epoch: number;
  readonly stop: () => void;
}

export interface ReplicaHostOptions<State, Input, Effect> {
  readonly machine: Machine<State, Input, Effect>;
  readonly incarnation: Incarnation;
  readonly perform: (effects: readonly Effect[]) => void;
  /** Sees every frame after it was stepped: a recorder for `tandem replay`. */
  readonly record?: (frame: Frame<Input>) => void;
  /** The monotonic clock, milliseconds. */
  readonly clock?: () => number;
}

export function startReplica<State, Input, Effect>(
  options: ReplicaHostOptions<State, Input, Effect>,
): ReplicaHost<State, Input> {
  const clock = options.clock ?? (() => performance.now());
  const entropy = createEntropy();
  const view = soleView(options.incarnation);
  const replica = createReplica(options.machine, view, clock());
  const alarmClock = createAlarmClock(replica, clock, schedule);
  let waiting: Input[] = [];
  let isScheduled = false;
  let isStopped = false;

  function schedule(): void {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    setImmediate(frame);
  }

  function frame(): void {
    isScheduled = false;
    if (isStopped) return;
    const inputs = waiting;
    waiting = [];
    const framed = stepGathered(replica, { clockMs: clock(), entropy: entropy(), inputs });
    options.record?.(framed.frame);
    if (framed.released.length > 0) options.perform(framed.released);
    if (framed.isBehind) schedule();
    else alarmClock.set();
  }

  return {
    submit(input) {
      waiting.push(input);
      schedule();
    },
    state: replica.state,
    epoch: view.epoch,
    stop() {
      isStopped = true;
      alarmClock.stop();
    },
  };
}

/**
 * One timer. Deadlines that lie close together are met together, a little late: a frame for each of
 * a call's timers costs more than the timers do.
 */
function createAlarmClock<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  clock: () => number,
  wake: () => void,
): { set: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | null = null;
  let firesAt = Infinity;
  function ring(): void {
    timer = null;
    firesAt = Infinity;
    const deadline = replica.machine.nextDeadline(replica.state);
    if (deadline === undefined) return;
    if (deadline - replica.now <= clock() - replica.clockMs) wake();
    else set();
  }
  function set(): void {
    const deadline = replica.machine.nextDeadline(replica.state);
    if (deadline === undefined) return;
    const exactly = replica.clockMs + (deadline - replica.now);
    const at = Math.ceil(exactly / timerGrainMs) * timerGrainMs;
    if (at >= firesAt) return;
    if (timer !== null) clearTimeout(timer);
    firesAt = at;
    timer = setTimeout(ring, Math.max(0, Math.ceil(at - clock())));
  }
  return {
    set,
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** How late a timer may fire; a fiftieth of the shortest that SIP has (T1, RFC 3261 §17.1.1.1). */
const timerGrainMs = 10;

/** 16 fresh bytes a frame as hexadecimal, drawn from the operating system 256 frames at a time. */
function createEntropy(): () => string {
  const pool = Buffer.alloc(frameEntropyBytes * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const text = pool.toString("hex", used, used + frameEntropyBytes);
    used += frameEntropyBytes;
    return text;
  };
}

const frameEntropyBytes = 16;
