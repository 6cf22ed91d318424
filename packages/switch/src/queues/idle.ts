import { reportDn } from "../peers/changed.ts";
import type { Turn } from "../turn.ts";

/**
 * Who is available for queues: Ready with a desktop, without a call, the phone in service and
 * willing. Told of everything that may change it; a row at the end of the order is who became
 * available last.
 */
export function isAvailable(turn: Turn, dn: string): boolean {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined || agent.state.kind !== "Ready" || agent.beforeLost !== null) {
    return false;
  }
  if (turn.state.callsByDn.has(dn)) return false;
  const row = turn.state.dns.get(dn);
  return row !== undefined && row.inService && !row.doNotDisturb;
}

/** After a change of state, phone or settings. */
export function refreshIdle(turn: Turn, dn: string): void {
  const { idle } = turn.state.queues;
  const is = isAvailable(turn, dn);
  if (is === idle.has(dn)) return;
  if (is) idle.add(dn);
  else idle.delete(dn);
  tellQueues(turn, dn);
}

/** After a call: whoever is available goes to the end of the order. */
export function requeueIdle(turn: Turn, dn: string): void {
  turn.state.queues.idle.delete(dn);
  if (isAvailable(turn, dn)) turn.state.queues.idle.add(dn);
  tellQueues(turn, dn);
}

function tellQueues(turn: Turn, dn: string): void {
  turn.state.queues.isTouched = true;
  for (const queue of queuesServedBy(turn, dn)) reportDn(turn, queue);
}

export function queuesServedBy(turn: Turn, dn: string): readonly string[] {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined) return [];
  return turn.state.configured.queuesByUser.get(agent.userName) ?? [];
}

/** Available agents of a queue: what the peer is told (peers.md P7). */
export function readyCount(turn: Turn, queue: string): number {
  let count = 0;
  for (const dn of turn.state.queues.idle) {
    if (queuesServedBy(turn, dn).includes(queue) && isAvailable(turn, dn)) count += 1;
  }
  return count;
}

/** The longest available agent of a queue, for an offer of the peer's. */
export function longestAvailable(turn: Turn, queue: string): string | null {
  for (const dn of turn.state.queues.idle) {
    if (queuesServedBy(turn, dn).includes(queue) && isAvailable(turn, dn)) return dn;
  }
  return null;
}
