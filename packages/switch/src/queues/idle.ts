import { reportDn } from "../peers/changed.ts";
import type { Turn } from "../turn.ts";

/**
 * Who is available for queues: Ready with a desktop, without a call, the phone in service and
 * willing. Told of everything that may change it, so that nobody has to look through all agents; a
 * row at the end of the order is who became available last.
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

/** After a change of state, phone or settings, and when a call begins. */
export function refreshIdle(turn: Turn, dn: string): void {
  const is = isAvailable(turn, dn);
  if (is !== turn.state.queues.idle.has(dn)) setIdle(turn, dn, is);
}

/** After a call: whoever is available goes to the end of the order. */
export function requeueIdle(turn: Turn, dn: string): void {
  leaveIdle(turn, dn);
  if (isAvailable(turn, dn)) setIdle(turn, dn, true);
}

/** Before a login's row goes: it says which queues lose somebody. */
export function leaveIdle(turn: Turn, dn: string): void {
  if (turn.state.queues.idle.has(dn)) setIdle(turn, dn, false);
}

function setIdle(turn: Turn, dn: string, is: boolean): void {
  const { queues } = turn.state;
  if (is) queues.idle.add(dn);
  else queues.idle.delete(dn);
  if (is) queues.isTouched = true;
  for (const queue of queuesServedBy(turn, dn)) {
    const before = readyCount(turn, queue);
    const count = before + (is ? 1 : -1);
    queues.readyHere.set(queue, count);
    if (Math.min(before, count) < reportedMax) reportDn(turn, queue);
  }
}

/**
 * Above so many the peer is told of no more: it hears of queues that run short, not of every call
 * at a queue with agents to spare.
 */
const reportedMax = 20;

/** Available agents of a queue as the peer is told (peers.md P7). */
export function reportedReady(turn: Turn, queue: string): number {
  return Math.min(reportedMax, readyCount(turn, queue));
}

export function queuesServedBy(turn: Turn, dn: string): readonly string[] {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined) return [];
  return turn.state.configured.queuesByUser.get(agent.userName) ?? [];
}

function readyCount(turn: Turn, queue: string): number {
  return turn.state.queues.readyHere.get(queue) ?? 0;
}

/** Counts anew, when it has changed who serves which queue. */
export function recountIdle(turn: Turn): void {
  const { queues, configured } = turn.state;
  queues.readyHere.clear();
  for (const dn of queues.idle) {
    for (const queue of queuesServedBy(turn, dn)) {
      queues.readyHere.set(queue, readyCount(turn, queue) + 1);
    }
  }
  for (const { number, queue } of configured.dns.values()) {
    if (queue !== undefined) reportDn(turn, number);
  }
}

/** The longest available agent of a queue, for an offer of the peer's. */
export function longestAvailable(turn: Turn, queue: string): string | null {
  if (readyCount(turn, queue) === 0) return null;
  for (const dn of turn.state.queues.idle) {
    if (queuesServedBy(turn, dn).includes(queue)) return dn;
  }
  return null;
}
