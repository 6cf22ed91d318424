import type { Turn } from "../turn.ts";
import type { Call } from "./call.ts";
import { originationRefused } from "./make-call.ts";
import { onNotTaken } from "./not-taken.ts";

/** `call/<key>/no-answer`: nobody took the call in the DN's time. */
export function onNoAnswer(turn: Turn, call: Call): void {
  if (call.destination === null) return originationRefused(turn, call, 408);
  onNotTaken(turn, call, 480, "No Answer");
}
