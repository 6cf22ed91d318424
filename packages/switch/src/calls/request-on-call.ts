import type {
  RequestClearCall,
  RequestRedirectCall,
  RequestSendDTMF,
  RequestSetMuteOff,
  RequestSetMuteOn,
} from "@tandem/cti";
import { refuseAnswers, refuseRequest, refuserOf } from "../sessions/refusal.ts";
import type { Answers } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { announceCall } from "./announce.ts";
import { isLive, keyOf, type Call, type Leg } from "./call.ts";
import { isQuiet } from "./quiet.ts";
import { findCall } from "./find-call.ts";
import { sendInDialog } from "./leg.ts";
import { callDestination } from "./outgoing.ts";
import { counterpart } from "./relay.ts";
import { endCall } from "./release.ts";
import { startRenegotiation } from "./renegotiate.ts";
import { decideRoute } from "./route.ts";
import { vacateDestination } from "./vacate.ts";

/** Requests about one call: ClearCall, RedirectCall, SendDTMF, SetMuteOn and SetMuteOff. */
export function requestClear(turn: Turn, session: Session, request: RequestClearCall): void {
  const { thisDN, connID, referenceID } = request;
  const found = findCall(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  endCall(turn, found.call, {
    by: null,
    status: 480,
    callState: "Dropped",
    answers: { sessionID: session.sessionID, referenceID },
    askedBy: found.leg.id,
  });
}

/** A call that rings here rings there instead. Answered by EventReleased. */
export function requestRedirect(turn: Turn, session: Session, request: RequestRedirectCall): void {
  const { thisDN, connID, otherDN, referenceID } = request;
  const refuse = refuserOf(turn, session, referenceID);
  const found = findCall(turn, thisDN, connID);
  if (typeof found === "string") return refuse(found);
  const { call, leg } = found;
  const isRinging = leg === call.destination && leg.announced === "ringing";
  if (!isRinging || leg.state === "confirmed" || call.queue !== null || call.handover !== null) {
    return refuse("redirect-not-possible");
  }
  const route = decideRoute(turn, {
    number: otherDN,
    callerDn: thisDN,
    hopsUsed: call.hopsUsed,
    isDialledHere: false,
  });
  if (route.kind === "refused") {
    return refuse(route.status === 404 ? "destination-unknown" : "destination-unavailable");
  }
  if (call.forwardedBy.length >= redirectsMax) return refuse("redirect-not-possible");
  const answers = { sessionID: session.sessionID, referenceID };
  redirect(turn, call, { by: thisDN, route, reason: "deflection", answers });
}

export interface Redirection {
  readonly by: string;
  readonly route: Exclude<ReturnType<typeof decideRoute>, { kind: "refused" }>;
  readonly reason: Call["diversions"][number]["reason"];
  readonly answers: Answers | null;
}

/** The callee's phones are let go, and the call goes on to the next one. */
export function redirect(
  turn: Turn,
  call: Call,
  { by, route, reason, answers }: Redirection,
): void {
  vacateDestination(turn, call, "Redirected", answers);
  call.diversions = [...call.diversions, { number: by, reason }];
  const offer = call.exchange.kind === "makeCall" ? "" : call.origination.session.received;
  callDestination(turn, call, { ...route, forwardedBy: [...call.forwardedBy, by] }, offer);
}

/** How often one call may be passed on. */
export const redirectsMax = 5;

/**
 * Digits for the other party, one after the other, as INFO with `application/dtmf-relay`: this
 * server does not touch media. Answered by EventDTMFSent when all were taken.
 */
export function requestSendDtmf(turn: Turn, session: Session, request: RequestSendDTMF): void {
  const { thisDN, connID, dtmfDigits, referenceID } = request;
  const found = findCall(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  const { call, leg } = found;
  const other = counterpart(call, leg);
  const isTalking = leg.announced === "established" && isLive(other) && other.state === "confirmed";
  if (!isTalking) return refuseRequest(turn, session, referenceID, "call-not-established");
  const answers = { sessionID: session.sessionID, referenceID };
  sendDigit(turn, call, other, { digits: dtmfDigits, sent: 0, asker: leg.id, answers });
}

export interface Digits {
  readonly digits: string;
  readonly sent: number;
  /** The leg whose desktop asked. */
  readonly asker: number;
  readonly answers: Answers;
}

function sendDigit(turn: Turn, call: Call, leg: Leg, digits: Digits): void {
  const owner = { kind: "dtmf", ...keyOf(call, leg), digits } as const;
  sendInDialog(turn, leg, "INFO", owner, {
    headers: [["Content-Type", "application/dtmf-relay"]],
    body: `Signal=${digits.digits[digits.sent] ?? ""}\r\nDuration=${digitMs}\r\n`,
  });
}

export function onDigitAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  digits: Digits,
  status: number,
): void {
  if (status >= 300) {
    return refuseAnswers(turn, digits.answers, "dtmf-not-supported", `SIP ${status}`);
  }
  const sent = digits.sent + 1;
  if (sent < digits.digits.length) return sendDigit(turn, call, leg, { ...digits, sent });
  const asker = counterpart(call, leg);
  if (asker === null || asker.id !== digits.asker) {
    return refuseAnswers(turn, digits.answers, "call-unknown");
  }
  announceCall(turn, call, asker, "EventDTMFSent", "Ok", digits.answers, {
    dtmfDigits: digits.digits,
  });
}

const digitMs = 160;

/** What this party says is kept from the other, by the direction of its stream. */
export function requestMute(
  turn: Turn,
  session: Session,
  request: RequestSetMuteOn | RequestSetMuteOff,
): void {
  const { thisDN, connID, referenceID } = request;
  const found = findCall(turn, thisDN, connID);
  if (typeof found === "string") return refuseRequest(turn, session, referenceID, found);
  const { call, leg } = found;
  if (leg.announced !== "established") {
    return refuseRequest(turn, session, referenceID, "call-not-established");
  }
  const isOn = request.request === "RequestSetMuteOn";
  if (leg.isMuted === isOn) {
    return refuseRequest(turn, session, referenceID, "already-in-state");
  }
  if (!isQuiet(call, leg)) return refuseRequest(turn, session, referenceID, "call-busy");
  const answers = { sessionID: session.sessionID, referenceID };
  startRenegotiation(turn, call, leg, isOn ? "muteOn" : "muteOff", answers);
}
