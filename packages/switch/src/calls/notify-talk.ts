import type { Turn } from "../turn.ts";
import { keyOf, type Call, type Leg } from "./call.ts";
import { sendInDialog } from "./leg.ts";

/** NOTIFY `Event: talk` in the early dialog of a ringing phone: it takes the call. */
export function sendNotifyTalk(turn: Turn, call: Call, leg: Leg): void {
  const owner = { kind: "talk", ...keyOf(call, leg) } as const;
  sendInDialog(turn, leg, "NOTIFY", owner, {
    headers: [
      ["Event", "talk"],
      ["Subscription-State", "terminated;reason=noresource"],
    ],
    body: "",
  });
}
