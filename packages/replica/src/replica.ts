import {
  assert,
  createDigest,
  digestText,
  feedDigest,
  logTime,
  type Digest,
  type Frame,
  type LogTimeMs,
  type Machine,
} from "@tandem/kernel";

/**
 * A machine with its place in a history (`SPEC.md`): the frames it has stepped, as a count, a time
 * and a digest, and the effects that wait. The primary makes frames of what happens; a standby
 * steps the frames it is sent. In a view of one member nothing is waited for, and everything takes
 * the same way.
 *
 *     inputs ─▶ frame (index, now, entropy) ─▶ step ─▶ held effects ─▶ released in order
 */
export interface Replica<State, Input, Effect> {
  readonly machine: Machine<State, Input, Effect>;
  readonly state: State;
  /** Of the next input; inputs are numbered from 1 in a history. */
  nextIndex: number;
  /** Of the last frame. */
  now: LogTimeMs;
  /** The epoch under which the last frame was made; 0 before the first. */
  epoch: number;
  /** The monotonic clock's reading at the last frame, to which `now` belongs. */
  clockMs: number;
  /** Over every frame and what it gave (H9). */
  readonly digest: Digest;
  /** Frames whose effects wait, oldest first. */
  readonly held: HeldFrame<Effect>[];
}

export interface HeldFrame<Effect> {
  readonly lastIndex: number;
  /** The monotonic clock when it was stepped. */
  readonly sinceMs: number;
  readonly effects: readonly Effect[];
}

/** What one turn of the event loop brings. */
export interface Gathered<Input> {
  readonly epoch: number;
  /** The monotonic clock, milliseconds. */
  readonly clockMs: number;
  /** 32 hexadecimal digits, fresh from the operating system. */
  readonly entropy: string;
  readonly inputs: readonly Input[];
}

export interface Framed<Input> {
  readonly frame: Frame<Input>;
  /** Log time is still behind the clock: read what waits, then make another frame at once. */
  readonly isBehind: boolean;
}

/** What a frame and its effects look like to the digest; null leaves it out. */
export type Describe<Input, Effect> =
  | ((frame: Frame<Input>, effects: readonly Effect[]) => string)
  | null;

/** Log time goes forward by at most this much a frame (`SPEC.md`, Frame). */
export const advanceMaxMs = 250;
/** Frames whose effects may wait (H11); more means that the standby should have been dropped. */
export const heldFramesMax = 100_000;

export function createReplica<State, Input, Effect>(
  machine: Machine<State, Input, Effect>,
  clockMs: number,
): Replica<State, Input, Effect> {
  const digest = createDigest();
  const position = { nextIndex: 1, now: 0, epoch: 0, digest };
  return restoreReplica(machine, machine.create(), position, clockMs);
}

/** Where a state that came from elsewhere stands in its history. */
export interface Position {
  readonly nextIndex: number;
  readonly now: number;
  readonly epoch: number;
  readonly digest: Readonly<Digest>;
}

export function restoreReplica<State, Input, Effect>(
  machine: Machine<State, Input, Effect>,
  state: State,
  { nextIndex, now, epoch, digest }: Position,
  clockMs: number,
): Replica<State, Input, Effect> {
  return {
    machine,
    state,
    nextIndex,
    now: logTime(now),
    epoch,
    clockMs,
    digest: { ...digest },
    held: [],
  };
}

/** H1: gives the inputs their indexes, steps the machine, and holds the effects. */
export function stepGathered<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  gathered: Gathered<Input>,
  describe: Describe<Input, Effect>,
): Framed<Input> {
  const elapsedMs = Math.max(0, Math.floor(gathered.clockMs - replica.clockMs));
  const advanceMs = Math.min(elapsedMs, advanceMaxMs);
  replica.clockMs += advanceMs;
  const frame: Frame<Input> = {
    epoch: gathered.epoch,
    firstIndex: replica.nextIndex,
    now: logTime(replica.now + advanceMs),
    entropy: gathered.entropy,
    inputs: gathered.inputs,
  };
  const effects = advance(replica, frame, describe);
  assert(replica.held.length < heldFramesMax, "too many frames wait for the standby");
  replica.held.push({ lastIndex: replica.nextIndex - 1, sinceMs: gathered.clockMs, effects });
  return { frame, isBehind: elapsedMs > advanceMaxMs };
}

/** The standby's side: the same step, its effects discarded. */
export function stepReceived<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  frame: Frame<Input>,
  clockMs: number,
  describe: Describe<Input, Effect>,
): void {
  assert(frame.firstIndex === replica.nextIndex, "a frame is missing");
  replica.clockMs = clockMs;
  advance(replica, frame, describe);
}

function advance<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  frame: Frame<Input>,
  describe: Describe<Input, Effect>,
): readonly Effect[] {
  replica.now = frame.now;
  replica.epoch = frame.epoch;
  replica.nextIndex = lastIndexOfFrame(frame) + 1; // identifiers must not repeat
  const effects = replica.machine.stepFrame(replica.state, frame);
  if (describe !== null) feedDigest(replica.digest, describe(frame, effects));
  return effects;
}

/** Takes what may leave: the effects of every frame up to `index`, in order. */
export function releaseUpTo<State, Input, Effect>(
  replica: Replica<State, Input, Effect>,
  index: number,
): readonly Effect[] {
  const { held } = replica;
  const first = held[0];
  if (first === undefined || first.lastIndex > index) return none;
  if (held.length === 1) {
    // The usual case, without a copy.
    held.length = 0;
    return first.effects;
  }
  const released: Effect[] = [];
  let count = 0;
  for (const frame of held) {
    if (frame.lastIndex > index) break;
    for (const effect of frame.effects) released.push(effect);
    count += 1;
  }
  held.splice(0, count);
  return released;
}

const none: readonly never[] = [];

/** H11: what it owed is thrown away. */
export function forgetHeld<State, Input, Effect>(replica: Replica<State, Input, Effect>): void {
  replica.held.length = 0;
}

/** A frame of due timers alone has an index of its own, too. */
export function lastIndexOfFrame({ firstIndex, inputs }: Frame<unknown>): number {
  return firstIndex + Math.max(1, inputs.length) - 1;
}

/** The index of the last input stepped. */
export function lastIndexOf(replica: { readonly nextIndex: number }): number {
  return replica.nextIndex - 1;
}

/** Over everything stepped since the machine was made or came here (H9). */
export function digestOf(replica: { readonly digest: Digest }): string {
  return digestText(replica.digest);
}
