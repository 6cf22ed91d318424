import { isLive, legOf, otherSide, type Call, type Leg } from "./call.ts";

/** Nothing is under way in the call that another exchange would cross. */
export function isQuiet(call: Call, leg: Leg): boolean {
  const other = legOf(call, otherSide(leg.side));
  return (
    call.exchange.kind === "none" &&
    call.updatedBy === null &&
    leg.state === "confirmed" &&
    leg.unacknowledged === null &&
    isLive(other) &&
    other.state === "confirmed" &&
    other.unacknowledged === null
  );
}
