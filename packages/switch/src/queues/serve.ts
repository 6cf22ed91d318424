import { startAnnouncement } from "../calls/announcement.ts";
import { callDestination } from "../calls/outgoing.ts";
import type { Call } from "../calls/call.ts";
import { endCall } from "../calls/release.ts";
import { decideRoute } from "../calls/route.ts";
import { advanceHandover } from "../calls/transfer.ts";
import type { Turn } from "../turn.ts";
import { announceAtQueue } from "./announce.ts";
import { decideAssignment, decidePeerOffer } from "./choose.ts";
import { enterQueue, onRefreshQueued } from "./enter.ts";
import { queuesServedBy } from "./idle.ts";
import { leaveQueue } from "./leave.ts";
import { offerToAgent, offerToPeer } from "./offer.ts";
import { overflowHopsMax, removeRow, rowOf, type QueuedCall } from "./queue.ts";

/**
 * At the end of a frame in which something changed: waiting calls go to available agents here, then
 * to the peer's. Only the site where an agent is logged in gives that agent calls (peers.md P7).
 */
export function serveQueues(turn: Turn): void {
  const { queues, calls } = turn.state;
  if (!queues.isTouched) return;
  queues.isTouched = false;
  sendOnTurnedAway(turn);
  for (;;) {
    const next = decideAssignment(queues, (dn) => queuesServedBy(turn, dn));
    if (next === null) break;
    const call = calls.get(next.call);
    if (call === undefined) {
      removeRow(queues, next.call);
      continue;
    }
    turn.touchedCall = call.key;
    offerToAgent(turn, call, next.queue, next.dn);
  }
  announceToWaiting(turn);
  if (!turn.state.peer.isAlive) return;
  for (;;) {
    const next = decidePeerOffer(queues, (key) => mayHop(turn, key));
    const call = next === null ? undefined : calls.get(next.call);
    if (next === null || call === undefined) return;
    turn.touchedCall = call.key;
    offerToPeer(turn, call, next.queue);
  }
}

/**
 * What follows for calls that have come to a queue: one that is transferred to it is in the queue's
 * hands (182 is as good as ringing), and one that nobody takes at once hears the announcement.
 */
function announceToWaiting(turn: Turn): void {
  const { queues } = turn.state;
  for (const key of [...queues.entered]) {
    queues.entered.delete(key);
    const call = turn.state.calls.get(key);
    if (call === undefined) continue;
    turn.touchedCall = key;
    advanceHandover(turn, call, queuedStatus);
    const found = rowOf(queues, key);
    if (found?.row.stage.kind !== "waiting") continue;
    const mediaDn = turn.state.configured.dns.get(found.queue)?.queue?.announcementDn ?? null;
    if (mediaDn !== null) startAnnouncement(turn, call, mediaDn);
  }
}

const queuedStatus = 182;

function sendOnTurnedAway(turn: Turn): void {
  for (const [key, queue] of [...turn.state.queues.turnedAway]) {
    turn.state.queues.turnedAway.delete(key);
    const call = turn.state.calls.get(key);
    if (call === undefined) continue;
    turn.touchedCall = key;
    sendOn(turn, call, queue, null);
  }
}

/** Each purpose at most once a call (P6). */
function mayHop(turn: Turn, key: string): boolean {
  return turn.state.calls.get(key)?.hopsUsed.includes("queue") === false;
}

/** `queue/<key of the call>/<why>`. */
export function onQueueTimer(turn: Turn, key: string, why: string): void {
  const call = turn.state.calls.get(key);
  if (call === undefined) return;
  turn.touchedCall = key;
  if (why === "refresh") onRefreshQueued(turn, call);
  else overflow(turn, call);
}

/** Waited long enough: on to the overflow DN. A call that rings at somebody's is left alone. */
function overflow(turn: Turn, call: Call): void {
  const found = rowOf(turn.state.queues, call.key);
  if (found === null || found.row.stage.kind !== "waiting") return;
  const { queue } = found;
  const row = leaveQueue(turn, call);
  if (row !== null) sendOn(turn, call, queue, row);
}

/** A call that its queue does not keep, or cannot take: `row` is null where it never waited. */
function sendOn(turn: Turn, call: Call, queue: string, row: QueuedCall | null): void {
  const to = turn.state.configured.dns.get(queue)?.queue?.overflowDn ?? null;
  const passed = [...(row?.passed ?? []), queue];
  if (to === null || passed.includes(to) || passed.length > overflowHopsMax) {
    if (row !== null) announceAtQueue(turn, call, queue, "EventReleased");
    return refuse(turn, call);
  }
  if (row !== null) {
    announceAtQueue(turn, call, queue, "EventDiverted", { to, isOverflow: true });
  }
  // The queue dials for the caller: an overflow number beyond a trunk is the configuration's wish.
  const question = { number: to, callerDn: queue, hopsUsed: call.hopsUsed, isDialledHere: false };
  const route = decideRoute(turn, question);
  if (route.kind === "refused") return refuse(turn, call);
  if (route.kind === "queue") {
    const before = { ...(row ?? freshRow(turn, call)), passed };
    if (!enterQueue(turn, call, route.number, before)) sendOn(turn, call, route.number, before);
    return;
  }
  const offer = call.exchange.kind === "makeCall" ? "" : call.origination.session.received;
  callDestination(turn, call, route, offer);
}

function freshRow(turn: Turn, call: Call): QueuedCall {
  const stage = { kind: "waiting" } as const;
  const now = turn.now;
  return { call: call.key, since: now, enteredAt: now, stage, isDiverted: false, passed: [] };
}

function refuse(turn: Turn, call: Call): void {
  endCall(turn, call, { by: null, status: 480, callState: "NoAnswer" });
}
