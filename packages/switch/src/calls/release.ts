import { onAgentCallEnded } from "../agents/after-call-work.ts";
import { endQueued } from "../queues/leave.ts";
import type { Answers } from "../sessions/ring.ts";
import { refuseAnswers } from "../sessions/refusal.ts";
import { leaveTrunk } from "../trunks/trunk.ts";
import { abandonInvite } from "../transactions/client.ts";
import { answer } from "../transactions/server.ts";
import { arm, disarm, type Turn } from "../turn.ts";
import { announceCall, announceReleased, type CallState } from "./announce.ts";
import {
  callTimer,
  dnOf,
  isLive,
  legOf,
  legsOf,
  otherSide,
  trunkOf,
  type Call,
  type Leg,
} from "./call.ts";
import { leaveDialog, leaveDn, legTimers, sendAck, sendBye } from "./leg.ts";
import { refuseMedia } from "./session-description.ts";

/**
 * Endings. A call ends as a whole: whoever leaves, the other leg is told in the way its state asks
 * for (a final response, CANCEL, BYE), each desktop sees one last event, and every row goes.
 */
export interface Ending {
  /** The leg whose far end ended it by itself and is over already; null when the server ends it. */
  readonly by: number | null;
  /** The final response to an INVITE that is still unanswered. */
  readonly status: number;
  readonly reason?: string;
  /** What the desktop of the party that did not end it is told. */
  readonly callState: CallState;
  /** Whose request ended it. */
  readonly answers?: Answers;
  /** The DN whose desktop asked, to which `answers` belongs. */
  readonly askedBy?: number;
  /** A Reason header for whoever is told (RFC 3326). */
  readonly cancelReason?: string;
  /** With status 302: where the caller shall call instead. */
  readonly contact?: string;
}

export function endCall(turn: Turn, call: Call, ending: Ending): void {
  endQueued(turn, call);
  endAnnouncement(turn, call);
  disarm(turn, callTimer(call, "no-answer"));
  for (const fork of call.forks.splice(0))
    cancelFork(turn, call, fork, ending.cancelReason ?? null);
  // The callee first: its events name the caller, who is still there.
  for (const leg of [call.destination, call.origination, call.departing]) {
    if (leg === null || leg.state === "ended") continue;
    const isBy = ending.by === leg.id;
    // Who leaves, by phone or by desktop, is not told why.
    const hasLeft = isBy || ending.askedBy === leg.id;
    announceReleased(
      turn,
      call,
      leg,
      hasLeft ? "Ok" : ending.callState,
      ending.askedBy === leg.id ? (ending.answers ?? null) : null,
    );
    if (isBy) endLeg(turn, call, leg);
    else closeLeg(turn, call, leg, ending);
  }
  const { exchange } = call;
  // An UPDATE that became a re-INVITE: who asked must not wait for ever.
  if (exchange.kind === "reinvite" && exchange.update !== null) {
    answer(turn, exchange.update, 481, {});
  }
  call.exchange = { kind: "none" };
  const { handover, consult } = call;
  call.handover = null;
  call.consult = null;
  dropWhenOver(turn, call);
  if (handover?.answers) refuseAnswers(turn, handover.answers, "transfer-not-possible");
  // What follows for the call that was consulted about is that call's next step.
  if (consult?.muteTransfer) refuseAnswers(turn, consult.muteTransfer, "destination-unavailable");
  if (consult?.isRetrieving === true) arm(turn, `call/${consult.mainCall}/retrieve`, 0);
}

/** Tells the far end, in the way the leg's state asks for. */
export function closeLeg(turn: Turn, call: Call, leg: Leg, ending: Ending): void {
  if (leg.state === "closing") return;
  if (leg.serverInvite !== null) {
    const status = leg.state === "confirmed" ? 487 : ending.status;
    const { reason, contact } = ending;
    answer(turn, leg.serverInvite, status, {
      ...(reason === undefined ? {} : { reason }),
      ...(contact === undefined ? {} : { headers: [["Contact", contact] as const] }),
    });
    leg.serverInvite = null;
    if (leg.state !== "confirmed") return endLeg(turn, call, leg);
  }
  if (leg.clientInvite !== null) {
    const how = leg.state === "confirmed" ? "keep" : "cancel";
    abandonInvite(turn, leg.clientInvite, how, ending.cancelReason ?? null);
    leg.clientInvite = null;
    if (leg.state !== "confirmed") return endLeg(turn, call, leg);
  }
  if (leg.ackOwed !== null) {
    sendAck(turn, leg, leg.ackOwed, refuseMedia(leg.session.received));
    leg.ackOwed = null;
  }
  // RFC 3261 §15: the callee's side says no BYE before the ACK of its 2xx, or before giving up on
  // it.
  if (leg.unacknowledged !== null) {
    leg.state = "closing";
    return;
  }
  if (leg.state === "confirmed") sendBye(turn, leg, ending.cancelReason ?? null);
  endLeg(turn, call, leg);
}

/** Somebody has answered the caller, or nobody will. */
export function endAnnouncement(turn: Turn, call: Call): void {
  const leg = call.announcement;
  if (leg === null) return;
  closeLeg(turn, call, leg, { by: null, status: 480, callState: "Ok" });
  call.announcement = null;
}

/** Another phone of the callee's need not ring any more. */
export function cancelFork(turn: Turn, call: Call, fork: Leg, reason: string | null): void {
  if (fork.clientInvite !== null) abandonInvite(turn, fork.clientInvite, "cancel", reason);
  fork.clientInvite = null;
  retireLeg(turn, call, fork);
}

/** A leg in set-up that is over, without a word to its DN: another leg goes on for it. */
export function retireLeg(turn: Turn, call: Call, leg: Leg): void {
  leg.state = "ended";
  forgetTimers(turn, call, leg);
  leaveDialog(turn, leg);
  leaveTrunk(turn, trunkOf(leg), call.key, leg.id);
}

function forgetTimers(turn: Turn, call: Call, leg: Leg): void {
  for (const why of legTimers) disarm(turn, callTimer(call, `${why}-${leg.id}`));
}

/** A leg that waited for its ACK to say BYE. */
export function finishClosing(turn: Turn, call: Call, leg: Leg): void {
  sendBye(turn, leg, null);
  endLeg(turn, call, leg);
  dropWhenOver(turn, call);
}

export function endLeg(turn: Turn, call: Call, leg: Leg): void {
  if (leg.serverInvite !== null) {
    answer(turn, leg.serverInvite, 487, {});
    leg.serverInvite = null;
  }
  if (leg.clientInvite !== null) {
    abandonInvite(turn, leg.clientInvite, leg.state === "confirmed" ? "keep" : "cancel");
    leg.clientInvite = null;
  }
  leg.unacknowledged = null;
  leg.ackOwed = null;
  forgetTimers(turn, call, leg);
  leg.state = "ended";
  leaveDialog(turn, leg);
  leaveTrunk(turn, trunkOf(leg), call.key, leg.id);
  const dn = dnOf(leg);
  if (dn === null) return;
  leaveDn(turn, dn, call.key);
  onAgentCallEnded(turn, dn);
}

export function dropWhenOver(turn: Turn, call: Call): void {
  const isOver = legsOf(call).every((leg) => leg.state === "ended");
  if (isOver) turn.state.calls.delete(call.key);
}

/** CANCEL from the caller before an answer (RFC 3261 §9.2). */
export function onCancelled(turn: Turn, call: Call, leg: Leg, reason: string | null = null): void {
  if (leg.serverInvite === null) return;
  if (leg.state === "confirmed") {
    // A re-INVITE taken back: the call goes on as it was.
    answer(turn, leg.serverInvite, 487, {});
    leg.serverInvite = null;
    const other = legOf(call, otherSide(leg.side));
    if (isLive(other) && other.clientInvite !== null) {
      abandonInvite(turn, other.clientInvite, "cancelReinvite");
      other.clientInvite = null;
    }
    call.exchange = { kind: "none" };
    return;
  }
  answer(turn, leg.serverInvite, 487, {});
  leg.serverInvite = null;
  endCall(turn, call, {
    by: leg.id,
    status: 487,
    callState: "RemoteRelease",
    ...(reason === null ? {} : { cancelReason: reason }),
  });
}

/** The destination did not take the call: the caller is told, and hears the same status. */
export function refuseCaller(
  turn: Turn,
  call: Call,
  status: number,
  reason: string | undefined,
): void {
  const callState = refusalState(status);
  if (callState === "Busy") {
    announceCall(turn, call, call.origination, "EventDestinationBusy", "Busy");
  }
  endCall(turn, call, {
    by: null,
    status,
    ...(reason === undefined ? {} : { reason }),
    callState,
  });
}

export function refusalState(status: number): CallState {
  if (status === 486 || status === 600) return "Busy";
  return status === 408 || status === 480 || status === 487 ? "NoAnswer" : "GeneralError";
}
