import type { Turn } from "../turn.ts";
import { onRepeatTimer } from "./acknowledge.ts";
import type { Call, Leg } from "./call.ts";

/** `call/<key>/<why>-<leg>`: the timers of one leg. */
export function onLegTimer(turn: Turn, call: Call, leg: Leg, why: string): void {
  if (why === "repeat") onRepeatTimer(turn, call, leg);
}
