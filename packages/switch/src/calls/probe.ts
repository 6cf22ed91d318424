import { isPeerHost } from "../peers/peer.ts";
import { arm, type Turn } from "../turn.ts";
import { callTimer, keyOf, legsOf, type Call, type Leg } from "./call.ts";
import { sendInDialog } from "./leg.ts";
import { onPlacingAnswered } from "./placing.ts";
import { endCall } from "./release.ts";

/**
 * Calls over the peer trunk whose BYE went down with a cut line: when the peer's full state has
 * come again from the same machine as before, each of them is asked for with OPTIONS in its dialog,
 * and one that the peer knows no more (481) ends here too. A call that lives is not touched
 * (peers.md P8); a peer that started anew is not asked, because its calls' parties may still be
 * talking.
 */
export function probeCalls(turn: Turn): void {
  for (const call of turn.state.calls.values()) {
    for (const leg of legsOf(call)) {
      if (leg.state !== "confirmed") continue;
      if (!isPeerHost(turn, leg.target.transport, leg.target.host)) continue;
      const owner = { kind: "probe", ...keyOf(call, leg) } as const;
      sendInDialog(turn, leg, "OPTIONS", owner, { headers: [], body: "" });
    }
  }
}

/**
 * After a cold start with a machine that may be behind (replication.md rule 6): a call that has
 * ended meanwhile is known no more by its phones, and ends here too.
 */
export function doubtCalls(turn: Turn): void {
  let afterMs = doubtAfterMs;
  for (const call of turn.state.calls.values()) {
    for (const leg of legsOf(call)) {
      arm(turn, callTimer(call, `doubt-${leg.id}`), afterMs);
      afterMs += doubtStepMs;
    }
  }
}

/** What is owed goes first, and phones come back; then so many a second. */
const doubtAfterMs = 2_000;
const doubtStepMs = 5;

export function onProbeAnswered(turn: Turn, call: Call, leg: Leg, status: number): void {
  onPlacingAnswered(turn, call, leg, status);
  if (status !== 481 || leg.state !== "confirmed") return;
  endCall(turn, call, { by: null, status: 480, callState: "Dropped" });
}
