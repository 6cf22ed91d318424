import type { ErrorCode } from "@tandem/cti";
import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { legOfDn } from "./describe.ts";

/** The call and leg that a desktop names by DN and ConnID, while that DN takes part in it. */
export function findCall(turn: Turn, dn: string, connID: string): { call: Call; leg: Leg } | null {
  for (const key of turn.state.callsByDn.get(dn) ?? []) {
    const call = turn.state.calls.get(key);
    if (call === undefined || call.connID !== connID) continue;
    const leg = legOfDn(call, dn);
    if (leg !== null && leg.announced !== "nothing") return { call, leg };
  }
  return null;
}

/** The same, of a call that a party may transfer or consult about; or why not. */
export function findTransferable(
  turn: Turn,
  dn: string,
  connID: string,
): { call: Call; leg: Leg } | ErrorCode {
  const found = findCall(turn, dn, connID);
  if (found === null) return "call-unknown";
  const { announced } = found.leg;
  if (announced !== "established" && announced !== "held") return "call-not-established";
  return found.call.consult === null ? found : "transfer-not-possible";
}
