import { assert } from "./assert.ts";
import type { LogTimeMs } from "./log-time.ts";

/**
 * Timers as data: a binary heap ordered by (deadline, sequence), so that two nodes, a snapshot
 * restored on a third and the simulator all fire the same timers in the same order. No callbacks
 * live here, only keys (`call/42/no-answer`, style EFF2); the owner of a key decides what its
 * expiry means.
 *
 * Re-arming or disarming a key never searches the heap: the old entry stays and is skipped when it
 * surfaces, because `armed` no longer names its sequence. When more than half of a large heap is
 * stale it is rebuilt, so that memory follows what is armed.
 */
export interface Timers {
  nextSequence: number;
  heap: TimerEntry[];
  readonly armed: Map<string, number>;
}

export interface TimerEntry {
  readonly deadline: LogTimeMs;
  readonly sequence: number;
  readonly key: string;
}

/** A machine with more timers than this has a leak; better to stop than to swap. */
export const timersMax = 4_000_000;
const rebuildAbove = 1_024;

export function createTimers(): Timers {
  return { nextSequence: 0, heap: [], armed: new Map() };
}

export function armTimer(timers: Timers, key: string, deadline: LogTimeMs): void {
  assert(timers.armed.size < timersMax, "too many timers are armed");
  if (timers.heap.length > rebuildAbove && timers.heap.length > 2 * timers.armed.size + 64) {
    rebuild(timers);
  }
  const entry: TimerEntry = { deadline, sequence: timers.nextSequence, key };
  timers.nextSequence += 1;
  timers.armed.set(key, entry.sequence);
  siftUp(timers.heap, entry);
}

export function disarmTimer(timers: Timers, key: string): void {
  timers.armed.delete(key);
}

export function isArmed(timers: Timers, key: string): boolean {
  return timers.armed.has(key);
}

/**
 * When the host should wake the machine next, or undefined when nothing is armed. Changes nothing:
 * a host asks for it between frames, on one node of a pair only. Quick after `settleTimers`.
 */
export function nextDeadline({ heap, armed }: Timers): LogTimeMs | undefined {
  const head = heap[0];
  if (head === undefined || armed.get(head.key) === head.sequence) return head?.deadline;
  let earliest: LogTimeMs | undefined;
  for (const { key, sequence, deadline } of heap) {
    if (armed.get(key) !== sequence) continue;
    if (earliest === undefined || deadline < earliest) earliest = deadline;
  }
  return earliest;
}

/** At the end of each frame: what was disarmed goes from the top, on every node alike. */
export function settleTimers(timers: Timers): void {
  dropStale(timers);
}

/** Removes and returns the oldest key due at `now`, or undefined when none is due. */
export function takeDue(timers: Timers, now: LogTimeMs): string | undefined {
  dropStale(timers);
  const head = timers.heap[0];
  if (head === undefined || head.deadline > now) return undefined;
  pop(timers.heap);
  timers.armed.delete(head.key);
  return head.key;
}

function rebuild(timers: Timers): void {
  const kept = timers.heap.filter((entry) => timers.armed.get(entry.key) === entry.sequence);
  kept.sort((a, b) => a.deadline - b.deadline || a.sequence - b.sequence);
  timers.heap = kept; // a sorted array is a heap
}

function dropStale(timers: Timers): void {
  for (;;) {
    const head = timers.heap[0];
    if (head === undefined || timers.armed.get(head.key) === head.sequence) return;
    pop(timers.heap);
  }
}

function isBefore(a: TimerEntry, b: TimerEntry): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.sequence < b.sequence);
}

function siftUp(heap: TimerEntry[], entry: TimerEntry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex] as TimerEntry; // parentIndex < index < heap.length
    if (!isBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

function pop(heap: TimerEntry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const leftIndex = 2 * index + 1;
    const left = heap[leftIndex];
    if (left === undefined) break;
    const right = heap[leftIndex + 1];
    const rightIsLess = right !== undefined && isBefore(right, left);
    const child = rightIsLess ? right : left;
    if (!isBefore(child, last)) break;
    heap[index] = child;
    index = rightIsLess ? leftIndex + 1 : leftIndex;
  }
  heap[index] = last;
}
