import { unreachable } from "@tandem/kernel";
import type { TlibRequest } from "@tandem/cti";
import { requestDoNotDisturb } from "../agents/do-not-disturb.ts";
import { requestForwardCancel, requestForwardSet } from "../agents/forward.ts";
import { requestAgentLogin } from "../agents/login.ts";
import { requestAgentLogout, requestForceLogout } from "../agents/logout.ts";
import { requestCancelMonitoring, requestMonitorNextCall } from "../agents/monitor.ts";
import { requestNotReady, requestReady } from "../agents/ready.ts";
import { requestAnswer } from "../calls/request-answer.ts";
import { requestAlternate, requestInitiateTransfer, requestReconnect } from "../calls/consult.ts";
import {
  requestAttachUserData,
  requestDeletePair,
  requestUpdateUserData,
} from "../calls/request-attach.ts";
import { requestHold, requestRetrieve } from "../calls/request-hold.ts";
import { requestMakeCall } from "../calls/request-make-call.ts";
import {
  requestClear,
  requestMute,
  requestRedirect,
  requestSendDtmf,
} from "../calls/request-on-call.ts";
import { requestRelease } from "../calls/request-release.ts";
import { requestCompleteTransfer, requestSingleStepTransfer } from "../calls/transfer.ts";
import { serverInfo } from "../peers/server-info.ts";
import type { Turn } from "../turn.ts";
import { queryAddress, registerAddress, unregisterAddress } from "./addresses.ts";
import { answerRequest, refuse, refuseRequest } from "./refusal.ts";
import type { Session } from "./session.ts";

/**
 * A request of a session (cti.md, Envelope): executed once, in the order of its referenceID; one
 * that was executed before gets its stored answer and is never executed again.
 */
export function stepRequest(turn: Turn, connection: string, request: TlibRequest): void {
  const sessionID = turn.state.connections.get(connection);
  const session = sessionID === undefined ? undefined : turn.state.sessions.get(sessionID);
  if (session === undefined) {
    refuse(turn, connection, request.referenceID, "not-registered-client");
    return;
  }
  if (request.referenceID <= session.lastReferenceID) {
    answerAgain(turn, session, request.referenceID);
    return;
  }
  session.lastReferenceID = request.referenceID;
  execute(turn, session, request);
}

/** One whose answer is still to come stays silent: the answer will carry its referenceID. */
function answerAgain(turn: Turn, session: Session, referenceID: number): void {
  if (session.connection === null) return;
  const stored = session.answers.get(referenceID);
  if (stored !== undefined) {
    turn.effects.push({ kind: "cti", connection: session.connection, event: stored });
    return;
  }
  const oldest = session.answers.keys().next();
  if (oldest.done !== true && referenceID < oldest.value) {
    refuse(turn, session.connection, referenceID, "already-done");
  }
}

function execute(turn: Turn, session: Session, request: TlibRequest): void {
  switch (request.request) {
    case "RequestRegisterAddress":
      return registerAddress(turn, session, request);
    case "RequestUnregisterAddress":
      return unregisterAddress(turn, session, request);
    case "RequestQueryAddress":
      return queryAddress(turn, session, request);
    case "RequestQueryServer":
      return answerRequest(turn, session, request.referenceID, serverInfo(turn));
    case "RequestAgentLogin":
    case "RequestAgentLogout":
    case "RequestAgentSetReady":
    case "RequestAgentSetNotReady":
    case "RequestMakeCall":
    case "RequestAnswerCall":
    case "RequestReleaseCall":
    case "RequestHoldCall":
    case "RequestRetrieveCall":
    case "RequestAttachUserData":
    case "RequestAgentForceLogout":
    case "RequestCallForwardSet":
    case "RequestCallForwardCancel":
    case "RequestSetDNDOn":
    case "RequestSetDNDOff":
    case "RequestMonitorNextCall":
    case "RequestCancelMonitoring":
    case "RequestUpdateUserData":
    case "RequestDeletePair":
    case "RequestSetMuteOn":
    case "RequestSetMuteOff":
    case "RequestSendDTMF":
    case "RequestClearCall":
    case "RequestInitiateTransfer":
    case "RequestMuteTransfer":
    case "RequestSingleStepTransfer":
    case "RequestCompleteTransfer":
    case "RequestRedirectCall":
    case "RequestAlternateCall":
    case "RequestReconnectCall":
      if (!session.addresses.has(request.thisDN)) {
        return refuseRequest(turn, session, request.referenceID, "dn-not-registered");
      }
      return executeOnDn(turn, session, request);
    default:
      return unreachable(request);
  }
}

type DnRequest = Exclude<
  TlibRequest,
  | { request: "RequestRegisterAddress" }
  | { request: "RequestUnregisterAddress" }
  | { request: "RequestQueryAddress" }
  | { request: "RequestQueryServer" }
>;

function executeOnDn(turn: Turn, session: Session, request: DnRequest): void {
  switch (request.request) {
    case "RequestAgentLogin":
      return requestAgentLogin(turn, session, request);
    case "RequestAgentLogout":
      return requestAgentLogout(turn, session, request);
    case "RequestAgentSetReady":
      return requestReady(turn, session, request);
    case "RequestAgentSetNotReady":
      return requestNotReady(turn, session, request);
    case "RequestMakeCall":
      return requestMakeCall(turn, session, request);
    case "RequestAnswerCall":
      return requestAnswer(turn, session, request);
    case "RequestReleaseCall":
      return requestRelease(turn, session, request);
    case "RequestHoldCall":
      return requestHold(turn, session, request);
    case "RequestRetrieveCall":
      return requestRetrieve(turn, session, request);
    case "RequestAttachUserData":
      return requestAttachUserData(turn, session, request);
    case "RequestAgentForceLogout":
      return requestForceLogout(turn, session, request);
    case "RequestCallForwardSet":
      return requestForwardSet(turn, session, request);
    case "RequestCallForwardCancel":
      return requestForwardCancel(turn, session, request);
    case "RequestSetDNDOn":
    case "RequestSetDNDOff":
      return requestDoNotDisturb(turn, session, request);
    case "RequestMonitorNextCall":
      return requestMonitorNextCall(turn, session, request);
    case "RequestCancelMonitoring":
      return requestCancelMonitoring(turn, session, request);
    default:
      return executeOnCall(turn, session, request);
  }
}

type CallRequest = Extract<
  DnRequest,
  {
    request:
      | "RequestUpdateUserData"
      | "RequestDeletePair"
      | "RequestSetMuteOn"
      | "RequestSetMuteOff"
      | "RequestSendDTMF"
      | "RequestClearCall"
      | "RequestInitiateTransfer"
      | "RequestMuteTransfer"
      | "RequestSingleStepTransfer"
      | "RequestCompleteTransfer"
      | "RequestRedirectCall"
      | "RequestAlternateCall"
      | "RequestReconnectCall";
  }
>;

function executeOnCall(turn: Turn, session: Session, request: CallRequest): void {
  switch (request.request) {
    case "RequestUpdateUserData":
      return requestUpdateUserData(turn, session, request);
    case "RequestDeletePair":
      return requestDeletePair(turn, session, request);
    case "RequestSetMuteOn":
    case "RequestSetMuteOff":
      return requestMute(turn, session, request);
    case "RequestSendDTMF":
      return requestSendDtmf(turn, session, request);
    case "RequestClearCall":
      return requestClear(turn, session, request);
    case "RequestInitiateTransfer":
    case "RequestMuteTransfer":
      return requestInitiateTransfer(turn, session, request);
    case "RequestSingleStepTransfer":
      return requestSingleStepTransfer(turn, session, request);
    case "RequestCompleteTransfer":
      return requestCompleteTransfer(turn, session, request);
    case "RequestRedirectCall":
      return requestRedirect(turn, session, request);
    case "RequestAlternateCall":
      return requestAlternate(turn, session, request);
    case "RequestReconnectCall":
      return requestReconnect(turn, session, request);
    default:
      return unreachable(request);
  }
}
