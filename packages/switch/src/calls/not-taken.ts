import { returnToQueue } from "../queues/offer.ts";
import type { Turn } from "../turn.ts";
import type { Call } from "./call.ts";
import { forwardRefused } from "./forward-refused.ts";
import { refuseCaller } from "./release.ts";
import { undoHandover } from "./transfer.ts";

/**
 * Nobody at the destination took the call: a queue's call goes back there, a transfer is undone,
 * another goes on where the DN forwards it; else the caller is told.
 */
export function onNotTaken(
  turn: Turn,
  call: Call,
  status: number,
  reason: string | undefined,
): void {
  if (returnToQueue(turn, call, status)) return;
  if (call.handover !== null) return undoHandover(turn, call, status);
  if (forwardRefused(turn, call, status)) return;
  refuseCaller(turn, call, status, reason);
}

/** `call/<key>/not-taken`: there was nobody to call, as its refusal says. */
export function onNobodyCalled(turn: Turn, call: Call): void {
  const { status, reason } = call.refusal ?? { status: 480, reason: undefined };
  onNotTaken(turn, call, status, reason);
}
