import type { RequestCompleteTransfer, RequestSingleStepTransfer } from "@tandem/cti";
import { onAgentCallEnded } from "../agents/after-call-work.ts";
import { queuedAnswered } from "../queues/leave.ts";
import { refuseAnswers, refuserOf } from "../sessions/refusal.ts";
import type { Answers } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import { arm, disarm, type Turn } from "../turn.ts";
import { askRoundSoon } from "./circle.ts";
import { announceCall, announceReleased } from "./announce.ts";
import {
  callTimer,
  dnOf,
  isLive,
  otherSide,
  type Alternative,
  type Call,
  type Leg,
} from "./call.ts";
import { isQuiet } from "./quiet.ts";
import { findCall, findTransferable } from "./find-call.ts";
import { joinDn, leaveDn, moveLeg, sendBye } from "./leg.ts";
import { callDestination, takesPart } from "./outgoing.ts";
import { tellReferrer } from "./referrer.ts";
import { counterpart } from "./relay.ts";
import { cancelFork, closeLeg, dropWhenOver, refusalState, retireLeg } from "./release.ts";
import { startRenegotiation } from "./renegotiate.ts";
import { decideRoute } from "./route.ts";

/**
 * Transfers: one party of a call gives its part to somebody else.
 *
 *     single step   A ⇄ B          C is called for B while A waits as `departing`; when C rings
 *                                  (by REFER: answers) A leaves, and if C refuses A goes on
 *     two steps     A ⇄ B, A ⇄ C   C moves from the consultation into the call, A leaves both
 */
export function requestSingleStepTransfer(
  turn: Turn,
  session: Session,
  request: RequestSingleStepTransfer,
): void {
  const { thisDN, connID, otherDN, referenceID } = request;
  const refuse = refuserOf(turn, session, referenceID);
  const found = findTransferable(turn, thisDN, connID);
  if (typeof found === "string") return refuse(found);
  const { call, leg } = found;
  if (!isQuiet(call, leg)) return refuse("call-busy");
  if (request.userData !== undefined) call.userData = { ...call.userData, ...request.userData };
  const status = startHandover(turn, call, leg, {
    otherDN,
    isDoneAtRinging: true,
    answers: { sessionID: session.sessionID, referenceID },
    isNotified: false,
    headers: [],
  });
  if (status === 404) return refuse("destination-unknown");
  if (status !== null) return refuse("destination-unavailable");
}

export interface HandoverWish {
  readonly otherDN: string;
  readonly isDoneAtRinging: boolean;
  readonly answers: Answers | null;
  readonly isNotified: boolean;
  /** For the INVITE to the new party. */
  readonly headers: Alternative["headers"];
}

/** Calls the new party. Returns the status of a refusal that came at once, or null. */
export function startHandover(
  turn: Turn,
  call: Call,
  leaving: Leg,
  wish: HandoverWish,
): number | null {
  const staying = counterpart(call, leaving);
  if (staying === null) return 480;
  const route = decideRoute(turn, {
    number: wish.otherDN,
    callerDn: dnOf(leaving),
    hopsUsed: [],
    isDialledHere: false,
  });
  if (route.kind === "refused") return route.status;
  call.handover = {
    side: leaving.side,
    otherDN: wish.otherDN,
    isDoneAtRinging: wish.isDoneAtRinging,
    answers: wish.answers,
    isNotified: wish.isNotified,
  };
  call.departing = leaving;
  staying.side = 0;
  call.origination = staying;
  call.destination = null;
  call.hopsUsed = [];
  call.forwardedBy = [];
  call.diversions = [];
  call.exchange = {
    kind: "makeCall",
    step: "callingDestination",
    otherDN: wish.otherDN,
    answers: null,
  };
  callDestination(turn, call, route, "", wish.headers);
  return null;
}

/** The new party rings, or has answered. */
export function advanceHandover(turn: Turn, call: Call, status: number): void {
  const { handover } = call;
  if (handover === null) return;
  if (handover.isNotified && call.departing !== null) {
    tellReferrer(turn, call.departing, status);
  }
  const isDone = status >= 200 || (handover.isDoneAtRinging && status >= 180);
  if (isDone) finishHandover(turn, call);
}

function finishHandover(turn: Turn, call: Call): void {
  const { handover, departing } = call;
  call.handover = null;
  if (handover === null || departing === null) return;
  handOver(turn, call, departing, handover.answers);
}

function handOver(turn: Turn, call: Call, leaving: Leg, answers: Answers | null): void {
  leaveConsultation(turn, call);
  depart(turn, call, leaving, answers);
  announcePartyChanged(turn, call, call.origination, leaving);
  askRoundSoon(turn, call);
}

/** A leaves: its desktops are told, its phone gets BYE. */
function depart(turn: Turn, call: Call, leaving: Leg, answers: Answers | null): void {
  call.departing = leaving;
  announceReleased(turn, call, leaving, "Transferred", answers);
  closeLeg(turn, call, leaving, { by: null, status: 480, callState: "Transferred" });
  if (leaving.state === "ended") call.departing = null;
}

function announcePartyChanged(
  turn: Turn,
  call: Call,
  leg: Leg,
  by: Leg,
  previousConnID: string | null = null,
): void {
  if (leg.announced === "nothing") return;
  announceCall(turn, call, leg, "EventPartyChanged", "Transferred", null, {
    thirdPartyDN: by.party.number,
    thirdPartyDNRole: "TransferredBy",
    ...(previousConnID === null ? {} : { previousConnID }),
  });
}

/** The new party refused: the call is as it was before. */
export function undoHandover(turn: Turn, call: Call, status: number): void {
  const { handover, departing, destination } = call;
  call.handover = null;
  call.exchange = { kind: "none" };
  disarm(turn, callTimer(call, "no-answer"));
  queuedAnswered(turn, call);
  for (const fork of call.forks.splice(0)) cancelFork(turn, call, fork, null);
  call.untried = [];
  if (destination !== null) {
    announceReleased(turn, call, destination, refusalState(status));
    const dn = dnOf(destination);
    // It may ring still (no answer in time), or have been answered a moment ago.
    if (destination.state === "confirmed") sendBye(turn, destination, null);
    cancelFork(turn, call, destination, null);
    if (dn !== null) leaveDn(turn, dn, call.key);
    if (dn !== null) onAgentCallEnded(turn, dn);
  }
  call.destination = null;
  call.departing = null;
  if (handover === null || departing === null) return;
  const staying = call.origination;
  departing.side = handover.side;
  staying.side = otherSide(handover.side);
  if (handover.side === 0) {
    call.origination = departing;
    call.destination = staying;
  } else call.destination = departing;
  if (handover.isNotified) tellReferrer(turn, departing, status);
  if (handover.answers !== null) {
    const code = status === 404 ? "destination-unknown" : "destination-unavailable";
    refuseAnswers(turn, handover.answers, code, `SIP ${status}`);
  }
}

/** BYE of the departing party: the new one gets the call or nobody does. */
export function onDepartingGone(turn: Turn, call: Call, leg: Leg): void {
  const { handover } = call;
  const answers = handover?.answers ?? null;
  call.departing = null;
  call.handover = null;
  if (handover !== null) leaveConsultation(turn, call);
  announceReleased(turn, call, leg, "Transferred", answers);
  retireLeg(turn, call, leg);
  const dn = dnOf(leg);
  if (dn !== null) leaveDn(turn, dn, call.key);
  if (dn !== null) onAgentCallEnded(turn, dn);
  announcePartyChanged(turn, call, call.origination, leg);
  if (handover !== null) askRoundSoon(turn, call);
  dropWhenOver(turn, call);
}

/** The desktop of the departing party hangs up: as with its phone's BYE, who is called goes on. */
export function leaveHandover(turn: Turn, call: Call, leg: Leg, answers: Answers): void {
  const { handover } = call;
  call.handover = null;
  handOver(turn, call, leg, answers);
  if (handover?.answers) refuseAnswers(turn, handover.answers, "transfer-not-possible");
}

export function requestCompleteTransfer(
  turn: Turn,
  session: Session,
  request: RequestCompleteTransfer,
): void {
  const { thisDN, connID, transferConnID, referenceID } = request;
  const refuse = refuserOf(turn, session, referenceID);
  const main = findCall(turn, thisDN, connID);
  const other = findCall(turn, thisDN, transferConnID);
  if (typeof main === "string") return refuse(main);
  if (typeof other === "string") return refuse(other);
  if (main.call === other.call) return refuse("no-consult-call");
  const answers = { sessionID: session.sessionID, referenceID };
  const code = completeTransfer(turn, main, other, answers);
  if (code !== null) refuse(code);
}

interface Part {
  readonly call: Call;
  readonly leg: Leg;
}

/** Joins the other parties of the two calls, and lets the one they have in common go. */
export function completeTransfer(
  turn: Turn,
  main: Part,
  second: Part,
  answers: Answers | null,
  isNotified = false,
): "transfer-not-possible" | "call-busy" | null {
  // REFER may name the other dialog of the same call.
  if (main.call === second.call) return "transfer-not-possible";
  const staying = counterpart(main.call, main.leg);
  const joining = counterpart(second.call, second.leg);
  if (!isLive(staying) || !isLive(joining) || staying.state !== "confirmed") {
    return "transfer-not-possible";
  }
  // Nobody can be given to himself.
  const dn = dnOf(joining);
  if (dn !== null && takesPart(turn, main.call, dn)) return "transfer-not-possible";
  const isTalking = isQuiet(second.call, second.leg);
  if (main.call.handover !== null || second.call.handover !== null) return "call-busy";
  const { exchange } = second.call;
  const isRinging = exchange.kind === "makeCall" && exchange.step === "callingDestination";
  if (!isQuiet(main.call, main.leg) || (!isTalking && !isRinging)) return "call-busy";
  if (isNotified) tellReferrer(turn, main.leg, 200);
  leaveConsultation(turn, main.call);
  const previousConnID = second.call.connID;
  main.call.userData = { ...main.call.userData, ...second.call.userData };
  depart(turn, main.call, main.leg, answers);
  joinCalls(turn, main.call, staying, second, joining);
  announcePartyChanged(turn, main.call, staying, main.leg);
  if (joining.announced !== "nothing") {
    announcePartyChanged(turn, main.call, joining, main.leg, previousConnID);
  }
  if (isTalking) startRenegotiation(turn, main.call, joining, "join", null);
  askRoundSoon(turn, main.call);
  return null;
}

/** A consultation that is itself transferred is about nothing any more. */
function leaveConsultation(turn: Turn, call: Call): void {
  const answers = call.consult?.muteTransfer ?? null;
  call.consult = null;
  if (answers !== null) refuseAnswers(turn, answers, "transfer-not-possible");
}

function joinCalls(turn: Turn, call: Call, staying: Leg, second: Part, joining: Leg): void {
  const forks = second.call.forks.splice(0);
  const { leg } = second;
  announceReleased(turn, second.call, leg, "Transferred");
  // A consultation that rings at a queue's agent is that agent's from now on.
  queuedAnswered(turn, second.call);
  call.queue = second.call.queue;
  second.call.consult = null;
  second.call.destination = null;
  leg.side = 0;
  second.call.origination = leg;
  disarm(turn, callTimer(second.call, "no-answer"));
  staying.side = 0;
  joining.side = 1;
  call.origination = staying;
  call.destination = joining;
  moveLeg(turn, second.call, joining, call);
  for (const fork of forks) {
    moveLeg(turn, second.call, fork, call);
    const dn = dnOf(fork);
    if (dn !== null) leaveDn(turn, dn, call.key);
    call.forks.push(fork);
  }
  const dn = dnOf(joining);
  if (forks.length > 0 && dn !== null) joinDn(turn, dn, call.key);
  call.exchange = second.call.exchange;
  call.untried = second.call.untried;
  if (joining.state !== "confirmed") arm(turn, callTimer(call, "no-answer"), ringingMs);
  second.call.exchange = { kind: "none" };
  closeLeg(turn, second.call, leg, { by: null, status: 480, callState: "Transferred" });
  dropWhenOver(turn, second.call);
}

/** A party that was transferred while it rang gets so long to answer. */
const ringingMs = 60_000;

/** The consulted party of a mute transfer rings or has answered: both steps are done. */
export function advanceMuteTransfer(turn: Turn, call: Call): void {
  const { consult } = call;
  if (consult === null || consult.muteTransfer === null) return;
  const main = turn.state.calls.get(consult.mainCall);
  const dn = dnOf(call.origination);
  const leg = [main?.origination, main?.destination].find((each) => dnOf(each ?? null) === dn);
  if (main === undefined || leg === undefined || leg === null) return;
  const code = completeTransfer(
    turn,
    { call: main, leg },
    { call, leg: call.origination },
    consult.muteTransfer,
  );
  if (code === null || call.consult === null) return;
  // Neither ringing nor quiet just now: the next step of the consultation asks again.
  call.consult = consult;
}

/** `call/<key>/retrieve`: the consultation about this call is over without a transfer. */
export function onConsultationEnded(turn: Turn, main: Call): void {
  const holder = [main.origination, main.destination].find((leg) => leg?.announced === "held");
  if (holder === undefined || holder === null || !isQuiet(main, holder)) return;
  startRenegotiation(turn, main, holder, "retrieve", null);
}
