import {
  chance,
  createDigest,
  createRandom,
  feedDigest,
  nextInt,
  type Digest,
  type Random,
} from "@tandem/kernel";

/**
 * Virtual time: one queue of happenings ordered by (time, sequence), one generator for everything
 * that is left to chance, one running digest of what happened. Same seed, same history.
 */
export interface World {
  nowMs: number;
  readonly random: Random;
  readonly digest: Digest;
  readonly queue: Happening[];
  nextSequence: number;
  steps: number;
  readonly failures: string[];
  /** What happened last, for the report of a failure. */
  readonly trail: string[];
}

export interface Happening {
  readonly at: number;
  readonly sequence: number;
  readonly act: () => void;
}

const trailMax = 40;

export function createWorld(seed: number): World {
  return {
    nowMs: 0,
    random: createRandom(seed),
    digest: createDigest(),
    queue: [],
    nextSequence: 0,
    steps: 0,
    failures: [],
    trail: [],
  };
}

export function after(world: World, delayMs: number, act: () => void): void {
  const happening = { at: world.nowMs + Math.max(0, delayMs), sequence: world.nextSequence, act };
  world.nextSequence += 1;
  siftUp(world.queue, happening);
}

/** Lets everything happen that is due until `untilMs`; stops at the first failure. */
export function run(world: World, untilMs: number): void {
  for (;;) {
    const next = world.queue[0];
    if (next === undefined || next.at > untilMs || world.failures.length > 0) break;
    pop(world.queue);
    world.nowMs = next.at;
    world.steps += 1;
    next.act();
  }
  if (world.failures.length === 0) world.nowMs = untilMs;
}

/** Tells the history: part of its hash, and kept for a failure's report. */
export function tell(world: World, what: string): void {
  feedDigest(world.digest, `${world.nowMs} ${what}\n`);
  world.trail.push(`${world.nowMs} ms  ${what}`);
  if (world.trail.length > trailMax) world.trail.shift();
}

export function fail(world: World, what: string): void {
  world.failures.push(`at ${world.nowMs} ms, step ${world.steps}: ${what}`);
}

/** A time between `meanMs / 2` and `3 / 2 · meanMs`. */
export function about(world: World, meanMs: number): number {
  return nextInt(world.random, Math.floor(meanMs / 2), Math.floor((3 * meanMs) / 2));
}

export function happens(world: World, perMille: number): boolean {
  return chance(world.random, perMille);
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

function siftUp(heap: Happening[], entry: Happening): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex] as Happening; // parentIndex < index < heap.length
    if (!isBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const leftIndex = 2 * index + 1;
    const left = heap[leftIndex];
    if (left === undefined) break;
    const right = heap[leftIndex + 1];
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!isBefore(child, last)) break;
    heap[index] = child;
    index = isRight ? leftIndex + 1 : leftIndex;
  }
  heap[index] = last;
}
