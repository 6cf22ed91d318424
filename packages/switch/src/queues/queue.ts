import { assert, type LogTimeMs } from "@tandem/kernel";

/**
 * ACD queues, as data: the calls that wait at each queue DN, oldest first, and the agents that
 * could take one, longest available first. A call keeps its row, and so its place and its age,
 * while it is offered to somebody; the row goes when the call is answered, leaves for overflow, or
 * ends.
 *
 *   entered → waiting ⇄ offered to an agent or to the peer's queue (peers.md P7) → gone
 */
export interface Queues {
  /** Queue DN → its calls, by `since`. */
  readonly waiting: Map<string, QueuedCall[]>;
  /** Key of a call → the queue DN in which it has a row. */
  readonly queueByCall: Map<string, string>;
  /** DNs of agents that are available, longest available first. */
  readonly idle: Set<string>;
  /** Queue DN → how many of them serve it. */
  readonly readyHere: Map<string, number>;
  /** Keys of calls that have begun to wait in this frame. */
  readonly entered: Set<string>;
  /** Keys of calls that a full queue does not take → that queue, until the frame is done. */
  readonly turnedAway: Map<string, string>;
  /** Something has changed that may let a call go: looked at when the frame has been stepped. */
  isTouched: boolean;
  /** Queue DN → Ready agents that the peer's last report named, less refusals since (P7). */
  readonly readyAtPeer: Map<string, number>;
}

export interface QueuedCall {
  /** The call's key. */
  readonly call: string;
  /** When it first entered a queue: overflow from one queue to another keeps the age. */
  readonly since: LogTimeMs;
  /** When it entered this one: its overflow runs from here. */
  readonly enteredAt: LogTimeMs;
  stage: QueuedStage;
  /** EventDiverted has been told since it last was waiting. */
  isDiverted: boolean;
  /** Queues that it has overflowed from. */
  readonly passed: readonly string[];
}

export type QueuedStage =
  | { readonly kind: "waiting" }
  | { readonly kind: "offered"; readonly dn: string }
  | { readonly kind: "offeredToPeer" };

/** Queues that one call may overflow through. */
export const overflowHopsMax = 5;

export function createQueues(): Queues {
  return {
    waiting: new Map(),
    queueByCall: new Map(),
    idle: new Set(),
    readyHere: new Map(),
    entered: new Set(),
    turnedAway: new Map(),
    isTouched: false,
    readyAtPeer: new Map(),
  };
}

/** A row at the place that its age gives it; after others of the same age. */
export function addRow(queues: Queues, queue: string, row: QueuedCall): void {
  assert(!queues.queueByCall.has(row.call), "a call that is in a queue enters another");
  const rows = queues.waiting.get(queue) ?? [];
  let index = rows.length;
  for (; index > 0; index -= 1) {
    const before = rows[index - 1];
    if (before === undefined || before.since <= row.since) break;
  }
  rows.splice(index, 0, row);
  queues.waiting.set(queue, rows);
  queues.queueByCall.set(row.call, queue);
  queues.entered.add(row.call);
  queues.isTouched = true;
}

export function rowOf(queues: Queues, call: string): { queue: string; row: QueuedCall } | null {
  const queue = queues.queueByCall.get(call);
  if (queue === undefined) return null;
  const row = queues.waiting.get(queue)?.find((each) => each.call === call);
  return row === undefined ? null : { queue, row };
}

export function removeRow(queues: Queues, call: string): QueuedCall | null {
  const found = rowOf(queues, call);
  if (found === null) return null;
  const { queue, row } = found;
  const rows = queues.waiting.get(queue) ?? [];
  rows.splice(rows.indexOf(row), 1);
  if (rows.length === 0) queues.waiting.delete(queue);
  queues.queueByCall.delete(call);
  return row;
}

export function lengthOf(queues: Queues, queue: string): number {
  return queues.waiting.get(queue)?.length ?? 0;
}

/** The oldest call that is offered to nobody. */
export function oldestWaiting(queues: Queues, queue: string): QueuedCall | null {
  return queues.waiting.get(queue)?.find(({ stage }) => stage.kind === "waiting") ?? null;
}
