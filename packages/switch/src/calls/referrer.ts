import { reasonPhrase } from "@tandem/sip";
import type { Turn } from "../turn.ts";
import type { Leg } from "./call.ts";
import { sendInDialog } from "./leg.ts";

/** NOTIFY to the party that asked for a transfer with REFER (RFC 3515 §2.4.4). */
/** The status of what is happening to the referred call; a final one ends the subscription. */
export function tellReferrer(turn: Turn, leg: Leg, status: number): void {
  if (leg.state === "confirmed") notifyReferrer(turn, leg, status);
}

export function notifyReferrer(turn: Turn, leg: Leg, status: number): void {
  const isOver = status >= 200;
  sendInDialog(
    turn,
    leg,
    "NOTIFY",
    { kind: "nobody" },
    {
      headers: [
        ["Event", "refer"],
        ["Subscription-State", isOver ? "terminated;reason=noresource" : "active;expires=60"],
        ["Content-Type", "message/sipfrag;version=2.0"],
      ],
      body: `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n`,
    },
  );
}
