import { oldestWaiting, type Queues } from "./queue.ts";

/**
 * Which call goes to which agent: the longest available agent first, and to each the oldest call of
 * the queues that agent serves. Pure: what makes an agent available is asked of the caller.
 */
export interface Assignment {
  readonly queue: string;
  readonly call: string;
  readonly dn: string;
}

/** The next assignment, or null when nobody available serves a queue with a waiting call. */
export function decideAssignment(
  queues: Queues,
  queuesOf: (dn: string) => readonly string[],
): Assignment | null {
  if (![...queues.waiting.keys()].some((queue) => oldestWaiting(queues, queue) !== null)) {
    return null;
  }
  for (const dn of queues.idle) {
    let best: { queue: string; call: string; since: number } | null = null;
    for (const queue of queuesOf(dn)) {
      const row = oldestWaiting(queues, queue);
      if (row === null || (best !== null && best.since <= row.since)) continue;
      best = { queue, call: row.call, since: row.since };
    }
    if (best !== null) return { queue: best.queue, call: best.call, dn };
  }
  return null;
}

/**
 * P7: the queue whose oldest waiting call is offered to the peer next: one offer under way for each
 * Ready agent that the peer's last report named.
 */
export function decidePeerOffer(
  queues: Queues,
  mayHop: (call: string) => boolean,
): { readonly queue: string; readonly call: string } | null {
  for (const [queue, rows] of queues.waiting) {
    const ready = queues.readyAtPeer.get(queue) ?? 0;
    const underWay = rows.filter(({ stage }) => stage.kind === "offeredToPeer").length;
    if (underWay >= ready) continue;
    const row = rows.find(({ stage, call }) => stage.kind === "waiting" && mayHop(call));
    if (row !== undefined) return { queue, call: row.call };
  }
  return null;
}
