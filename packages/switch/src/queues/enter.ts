import { announceDialing } from "../calls/announce.ts";
import type { Call } from "../calls/call.ts";
import { allowHeader, contactOf } from "../calls/leg.ts";
import { answer } from "../transactions/server.ts";
import { arm, type Turn } from "../turn.ts";
import { announceAtQueue } from "./announce.ts";
import { overflowKey, refreshKey } from "./leave.ts";
import { addRow, lengthOf, type QueuedCall } from "./queue.ts";

/**
 * A call comes to a queue: it waits there, and its caller hears 182 Queued (RFC 3261 §21.1.4),
 * again each minute, so that no proxy on the way gives up on it (§13.3.1.1). False: the queue is
 * full.
 */
export function enterQueue(
  turn: Turn,
  call: Call,
  queue: string,
  before: QueuedCall | null = null,
): boolean {
  const config = turn.state.configured.dns.get(queue)?.queue;
  const { queues } = turn.state;
  if (config === undefined || lengthOf(queues, queue) >= config.waitingMax) return false;
  const row: QueuedCall = {
    call: call.key,
    since: before?.since ?? turn.now,
    enteredAt: turn.now,
    stage: { kind: "waiting" },
    isDiverted: false,
    passed: before?.passed ?? [],
  };
  addRow(queues, queue, row);
  call.destination = null;
  call.queue = queue;
  armOverflow(turn, call, queue, row);
  arm(turn, refreshKey(call), refreshMs);
  announceDialing(turn, call, call.exchange.kind === "makeCall" ? call.exchange.answers : null);
  announceAtQueue(turn, call, queue, "EventQueued");
  sayQueued(turn, call);
  return true;
}

/** A call for it would be refused: it is full, and has no overflow. */
export function isQueueFull(turn: Turn, queue: string): boolean {
  const config = turn.state.configured.dns.get(queue)?.queue;
  if (config === undefined || config.overflowDn !== null) return false;
  return lengthOf(turn.state.queues, queue) >= config.waitingMax;
}

/** A call has come to a queue; one that it cannot take is sent on when the frame is done. */
export function waitAtQueue(turn: Turn, call: Call, queue: string): void {
  if (enterQueue(turn, call, queue)) return;
  turn.state.queues.turnedAway.set(call.key, queue);
  turn.state.queues.isTouched = true;
}

/** A call that waits again has waited meanwhile. */
export function armOverflow(turn: Turn, call: Call, queue: string, row: QueuedCall): void {
  const after = turn.state.configured.dns.get(queue)?.queue?.overflowMs ?? 0;
  arm(turn, overflowKey(call), Math.max(0, row.enteredAt + after - turn.now));
}

export function sayQueued(turn: Turn, call: Call): void {
  const caller = call.origination;
  if (caller.serverInvite === null) return;
  caller.state = "ringing";
  answer(turn, caller.serverInvite, 182, {
    reason: "Queued",
    headers: [["Contact", contactOf(turn, caller)], allowHeader],
  });
}

/** `queue/<key>/refresh`. */
export function onRefreshQueued(turn: Turn, call: Call): void {
  if (!turn.state.queues.queueByCall.has(call.key)) return;
  sayQueued(turn, call);
  arm(turn, refreshKey(call), refreshMs);
}

const refreshMs = 60_000;
