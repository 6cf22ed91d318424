import { returnToQueue } from "../queues/offer.ts";
import type { Turn } from "../turn.ts";
import type { Call } from "./call.ts";
import { forwardRefused } from "./forward-refused.ts";
import { refuseCaller } from "./release.ts";

/**
 * Nobody at the destination took the call: it goes back to its queue, or on where the DN forwards
 * it; else the caller is told.
 */
export function onNotTaken(
  turn: Turn,
  call: Call,
  status: number,
  reason: string | undefined,
): void {
  const goesOn =
    call.handover === null &&
    (returnToQueue(turn, call, status) || forwardRefused(turn, call, status));
  if (!goesOn) refuseCaller(turn, call, status, reason);
}
