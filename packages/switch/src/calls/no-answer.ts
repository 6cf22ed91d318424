import type { Turn } from "../turn.ts";
import type { Call } from "./call.ts";
import { originationRefused } from "./make-call.ts";
import { refuseCaller } from "./release.ts";

/** `call/<key>/no-answer`: nobody took the call in the DN's time. */
export function onNoAnswer(turn: Turn, call: Call): void {
  if (call.destination === null) return originationRefused(turn, call, 408);
  refuseCaller(turn, call, 480, "No Answer");
}
