import { assert, logTime, type Frame, type LogTimeMs, type Machine } from "@tandem/kernel";
import { standbysOf, type Incarnation, type View } from "./view.ts";

/**
 * The primary's side of hot standby, sans-IO (`SPEC.md`): orders inputs into frames, steps the
 * machine, and holds the effects until every member of the view holds the frame. In a view of one
 * member nothing is waited for, and everything takes the same way.
 *
 *     inputs ─▶ frame (index, now, entropy) ─▶ step ─▶ held effects ─▶ released in order
 */
export interface Replica<State, Input, Effect> {
  readonly machine: Machine<State, Input, Effect>;
  readonly state: State;
  view: View;
  /** Of the next input; inputs are numbered from 1 in a history. */
  nextIndex: number;
  /** Of the last frame. */
  now: LogTimeMs;
  /** The monotonic clock's reading at the last frame, to which `now` belongs. */
  clockMs: number;
  /** Frames whose effects wait, oldest first. */
  readonly held: HeldFrame<Effect>[];
  /** The highest index that each standby acknowledged. */
  readonly acknowledged: Map<Incarnation, number>;
}

export interface HeldFrame<Effect> {
  readonly lastIndex: number;
  readonly effects: readonly Effect[];
}

/** What one turn of the event loop brings. */
export interface Gathered<Input> {
  /** The monotonic clock, milliseconds. */
  readonly clockMs: number;
  /** 32 hexadecimal digits, fresh from the operating system. */
  readonly entropy: string;
  readonly inputs: readonly Input[];
}

export interface Framed<Input, Effect> {
  readonly frame: Frame<Input>;
  /** What may leave now: of this frame, and of earlier ones that waited. */
  readonly released: readonly Effect[];
  /** Log time is still behind the clock: read what waits, then make another frame at once. */
  readonly isBehind: boolean;
}

/** Log time goes forward by at most this much a frame (`SPEC.md`, Frame). */
export const advanceMaxMs = 250;
/** Frames whose effects may wait (H11); more means that the standby should have been dropped. */
export const heldFramesMax = 10_000;

export function createReplica<State, Input, Effect>(
  machine: Machine<State, Input, Effect>,
  view: View,
  clockMs: number,
): Replica<State, Input, Effect> {
  return {
    machine,
    state: machine.create(),
    view,
    nextIndex: 1,
    now: logTime(0),
    clockMs,
    held: [],
    acknowledged: new Map(),
  };
}

/** H1: gives the inputs their indexes, steps the machine, and holds the effects. */
export function stepGathered<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  gathered: Gathered<Input>,
): Framed<Input, Effect> {
  const elapsedMs = Math.max(0, Math.floor(gathered.clockMs - replica.clockMs));
  const advanceMs = Math.min(elapsedMs, advanceMaxMs);
  replica.clockMs += advanceMs;
  replica.now = logTime(replica.now + advanceMs);
  const frame: Frame<Input> = {
    epoch: replica.view.epoch,
    firstIndex: replica.nextIndex,
    now: replica.now,
    entropy: gathered.entropy,
    inputs: gathered.inputs,
  };
  // A frame of due timers alone has an index of its own, too: its identifiers must not repeat.
  replica.nextIndex += Math.max(1, gathered.inputs.length);
  const effects = replica.machine.stepFrame(replica.state, frame);
  assert(replica.held.length < heldFramesMax, "too many frames wait for the standby");
  replica.held.push({ lastIndex: replica.nextIndex - 1, effects });
  return { frame, released: release(replica), isBehind: elapsedMs > advanceMaxMs };
}

/** H2: an acknowledgement names the highest index received and counts for every earlier one. */
export function acknowledge<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  standby: Incarnation,
  index: number,
): readonly Effect[] {
  const before = replica.acknowledged.get(standby) ?? 0;
  replica.acknowledged.set(standby, Math.max(before, index));
  return release(replica);
}

function release<State, Input, Effect>(replica: Replica<State, Input, Effect>): readonly Effect[] {
  const upTo = releasable(replica);
  if (replica.held.length === 1 && replica.held[0] !== undefined) {
    // The usual case, without a copy.
    const only = replica.held[0];
    if (only.lastIndex > upTo) return [];
    replica.held.length = 0;
    return only.effects;
  }
  const released: Effect[] = [];
  let count = 0;
  for (const frame of replica.held) {
    if (frame.lastIndex > upTo) break;
    released.push(...frame.effects);
    count += 1;
  }
  replica.held.splice(0, count);
  return released;
}

function releasable<State, Input, Effect>(replica: Replica<State, Input, Effect>): number {
  let index = replica.nextIndex - 1;
  for (const standby of standbysOf(replica.view)) {
    index = Math.min(index, replica.acknowledged.get(standby) ?? 0);
  }
  return index;
}
