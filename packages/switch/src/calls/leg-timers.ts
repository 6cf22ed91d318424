import { abandonInvite } from "../transactions/client.ts";
import type { Turn } from "../turn.ts";
import { onRepeatTimer } from "./acknowledge.ts";
import type { Call, Leg } from "./call.ts";
import { onRefused } from "./invite-response.ts";
import { hasNotReached } from "./outgoing.ts";
import { onPlacingTimer } from "./placing.ts";
import { onReliableTimer } from "./reliable.ts";
import { onDoubtTimer, onExpireTimer, onRefreshTimer } from "./session-timer.ts";

/** `call/<key>/<why>-<leg>`: the timers of one leg. */
export function onLegTimer(turn: Turn, call: Call, leg: Leg, why: string): void {
  switch (why) {
    case "repeat":
      return onRepeatTimer(turn, call, leg);
    case "reliable":
      return onReliableTimer(turn, call, leg);
    case "refresh":
      return onRefreshTimer(turn, call, leg);
    case "reach":
      if (hasNotReached(turn, call, leg)) giveUpPlace(turn, call, leg);
      return;
    case "placing":
      return onPlacingTimer(turn, call, leg);
    case "doubt":
      return onDoubtTimer(turn, call, leg);
    case "expire":
      return onExpireTimer(turn, call);
    default:
      return;
  }
}

function giveUpPlace(turn: Turn, call: Call, leg: Leg): void {
  if (leg.clientInvite !== null) abandonInvite(turn, leg.clientInvite, "cancel");
  leg.clientInvite = null;
  onRefused(turn, call, leg, 408, undefined);
}
