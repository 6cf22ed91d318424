import type { ErrorCode } from "@tandem/cti";
import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { partOfDn } from "./describe.ts";

/** A call and the leg of it that a DN has. */
export interface Part {
  readonly call: Call;
  readonly leg: Leg;
}

/** The call that a desktop names by DN and ConnID, while that DN takes part in it; or why not. */
export function findCall(turn: Turn, dn: string, connID: string): Part | ErrorCode {
  const found = findPart(turn, dn, connID);
  if (typeof found === "string") return found;
  return found.leg === found.call.departing ? "call-busy" : found;
}

/** The same, also while the DN gives its part to somebody else, who does not have it yet. */
export function findPart(turn: Turn, dn: string, connID: string): Part | ErrorCode {
  for (const key of turn.state.callsByDn.get(dn) ?? []) {
    const call = turn.state.calls.get(key);
    if (call === undefined || call.connID !== connID) continue;
    const leg = partOfDn(call, dn);
    if (leg !== null) return { call, leg };
  }
  return "call-unknown";
}

/** The same as `findCall`, of a call that a party may transfer or consult about. */
export function findTransferable(turn: Turn, dn: string, connID: string): Part | ErrorCode {
  const found = findCall(turn, dn, connID);
  if (typeof found === "string") return found;
  const { announced } = found.leg;
  if (announced !== "established" && announced !== "held") return "call-not-established";
  return found.call.consult === null ? found : "transfer-not-possible";
}
