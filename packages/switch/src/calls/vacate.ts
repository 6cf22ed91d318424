import { disarm, type Turn } from "../turn.ts";
import { announceReleased, type CallState } from "./announce.ts";
import { callTimer, type Call } from "./call.ts";
import { cancelFork, endLeg } from "./release.ts";
import type { Answers } from "../sessions/ring.ts";

/**
 * The callee that has not answered leaves the call, which goes on to somebody else: its phones are
 * cancelled, its desktops see EventReleased, and the caller waits on.
 */
export function vacateDestination(
  turn: Turn,
  call: Call,
  callState: CallState,
  answers: Answers | null = null,
): void {
  disarm(turn, callTimer(call, "no-answer"));
  for (const fork of call.forks.splice(0)) cancelFork(turn, call, fork, null);
  call.untried = [];
  const leg = call.destination;
  if (leg === null) return;
  announceReleased(turn, call, leg, callState, answers);
  endLeg(turn, call, leg);
  call.destination = null;
}
