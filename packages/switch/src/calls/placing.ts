import { isArmed } from "@tandem/kernel";
import { isAwaited } from "../flows/flow.ts";
import type { FlowTarget } from "../input.ts";
import { arm, disarm, notice, optionsOf, type Turn } from "../turn.ts";
import { callTimer, keyOf, type Call, type Leg } from "./call.ts";
import { retargetLeg, sendInDialog } from "./leg.ts";
import { endCall } from "./release.ts";

/**
 * Calls that a phone was placing over a flow that is lost (replication.md, Connections): one is
 * kept if the phone has kept its transaction: it repeats it, says anything else in its dialog, or
 * knows the dialog when it is asked over its new flow. Else it ends when that transaction would
 * have timed out (RFC 3261 §17.1.1.2, timer B).
 */
export function awaitPlacing(turn: Turn, call: Call, leg: Leg): void {
  if (!isUnsettled(leg)) return;
  arm(turn, placingTimer(call, leg), 64 * optionsOf(turn).t1Ms);
}

/** Its INVITE has no final answer, or has one that it has not acknowledged. */
function isUnsettled(leg: Leg): boolean {
  if (leg.state === "confirmed") return leg.unacknowledged !== null;
  return leg.serverInvite !== null;
}

/** The phone speaks of this leg over `target`: whatever is owed to it goes there. */
export function heardAgain(turn: Turn, call: Call, leg: Leg, target: FlowTarget): void {
  disarm(turn, placingTimer(call, leg));
  if (isAwaited(turn, leg.target)) retargetLeg(turn, leg, target);
}

/** It is there again: whether it knows the dialog that our ringing made (OPTIONS). */
export function askPlacing(turn: Turn, call: Call, leg: Leg): void {
  const isOpen = isArmed(turn.state.timers, placingTimer(call, leg));
  if (!isOpen || leg.state !== "ringing") return;
  const owner = { kind: "probe", ...keyOf(call, leg) } as const;
  sendInDialog(turn, leg, "OPTIONS", owner, { headers: [], body: "" });
}

/** Some phones know no early dialogs and still keep the call: a refusal changes nothing. */
export function onPlacingAnswered(turn: Turn, call: Call, leg: Leg, status: number): void {
  if (status !== 481 && status !== 408 && status !== 503) disarm(turn, placingTimer(call, leg));
}

/** `call/<key>/placing-<leg>`. */
export function onPlacingTimer(turn: Turn, call: Call, leg: Leg): void {
  if (!isUnsettled(leg)) return;
  notice(turn, "call", `${placingCallEnded}: ${call.connID}, placed by ${leg.party.number}`);
  endCall(turn, call, { by: null, status: 408, callState: "Dropped" });
}

/** How the notice begins, by which such calls are counted apart. */
const placingCallEnded = "placing-call-ended";

function placingTimer(call: Call, leg: Leg): string {
  return callTimer(call, `placing-${leg.id}`);
}
