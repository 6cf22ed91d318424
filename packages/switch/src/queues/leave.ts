import type { Call } from "../calls/call.ts";
import { disarm, type Turn } from "../turn.ts";
import { announceAtQueue } from "./announce.ts";
import { removeRow, rowOf, type QueuedCall } from "./queue.ts";

/** What becomes of a call's row in its queue as the call goes on: rung, answered, over. */

/** The offered call rings: it has left the queue's DN for the agent's. */
export function divertQueued(turn: Turn, call: Call): void {
  if (!turn.state.queues.queueByCall.has(call.key)) return;
  const found = rowOf(turn.state.queues, call.key);
  if (found === null || found.row.isDiverted) return;
  found.row.isDiverted = true;
  const { queue, row } = found;
  const to = row.stage.kind === "offered" ? row.stage.dn : null;
  announceAtQueue(turn, call, queue, "EventDiverted", { to, isOverflow: false });
}

/** The offered call is answered: its row goes. */
export function queuedAnswered(turn: Turn, call: Call): void {
  if (turn.state.queues.queueByCall.has(call.key)) leaveQueue(turn, call);
}

/** The call is ending: at the queue, a caller that was waiting has abandoned it. */
export function endQueued(turn: Turn, call: Call): void {
  turn.state.queues.turnedAway.delete(call.key);
  if (!turn.state.queues.queueByCall.has(call.key)) return;
  const found = rowOf(turn.state.queues, call.key);
  const row = leaveQueue(turn, call);
  if (found === null || row === null || row.isDiverted) return;
  announceAtQueue(turn, call, found.queue, "EventAbandoned");
}

/** The row goes: the call has been answered, is over, or leaves for overflow. */
export function leaveQueue(turn: Turn, call: Call): QueuedCall | null {
  disarm(turn, overflowKey(call));
  disarm(turn, refreshKey(call));
  return removeRow(turn.state.queues, call.key);
}

export function overflowKey(call: Call): string {
  return `queue/${call.key}/overflow`;
}

export function refreshKey(call: Call): string {
  return `queue/${call.key}/refresh`;
}
