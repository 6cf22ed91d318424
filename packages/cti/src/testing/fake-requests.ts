import { decodeTlibRequest } from "../decode.ts";
import type { TlibRegisterClient, TlibRequest } from "../tlib/messages.ts";
import type { AgentInfo } from "../tlib/values.ts";
import { changeCall, endCall, farEnd, newCall, tellDigits } from "./fake-calls.ts";
import { executeDn } from "./fake-dn.ts";
import { seenBy } from "./fake-history.ts";
import {
  addressOf,
  answer,
  answersOf,
  enterState,
  logOut,
  publish,
  refuse,
  refuseRequest,
  send,
  serverInfo,
  type FakeModel,
  type FakeSession,
} from "./fake-model.ts";
import { executeTransfer, type FakeTransferRequest } from "./fake-transfers.ts";

/** How a fake SIP Server takes a frame. */
export function receive(model: FakeModel, connection: string, text: string): void {
  const decoded = decodeTlibRequest(text);
  if (!decoded.ok) {
    const { errorCode, errorMessage, field, referenceID } = decoded.failure;
    send(model, connection, {
      event: "EventError",
      errorCode,
      errorMessage,
      ...(field === undefined ? {} : { field }),
      ...(referenceID === undefined ? {} : { referenceID }),
    });
    return;
  }
  const message = decoded.value;
  if ("addp" in message) {
    if (message.addp === "poll") {
      model.sends.get(connection)?.(JSON.stringify({ addp: "answer", id: message.id }));
    }
    return;
  }
  if (message.request === "RequestRegisterClient") registerClient(model, connection, message);
  else takeRequest(model, connection, message);
}

function registerClient(model: FakeModel, connection: string, request: TlibRegisterClient): void {
  const { referenceID, resume } = request;
  const userName = model.options.userOf(request.token);
  if (userName === undefined) return refuse(model, connection, referenceID, "token-invalid");
  if (model.role === "backup") {
    sendLinkConnected(model, connection, referenceID, null, 0);
    return;
  }
  const known = resume === undefined ? undefined : model.sessions.get(resume.sessionID);
  const isSame = known !== undefined && resume?.serverStartTime === model.history.serverStartTime;
  if (resume !== undefined && !isSame) {
    return refuse(model, connection, referenceID, "resume-too-old");
  }
  const session = known ?? createSession(model, userName);
  session.connection = connection;
  model.sessionByConnection.set(connection, session.sessionID);
  const position = resume?.eventSequenceNumber ?? model.history.lastSequence;
  sendLinkConnected(model, connection, referenceID, session, position);
  send(model, connection, serverInfo(model));
  for (const entry of model.history.entries) {
    if (entry.sequence <= position || !entry.receivers.includes(session.sessionID)) continue;
    send(model, connection, seenBy(entry, session.sessionID));
  }
}

function createSession(model: FakeModel, userName: string): FakeSession {
  const session: FakeSession = {
    sessionID: `${model.options.site}-session-${model.nextNumber}`,
    userName,
    connection: null,
    dns: new Set(),
    lastReferenceID: 0,
    answers: new Map(),
  };
  model.nextNumber += 1;
  model.sessions.set(session.sessionID, session);
  return session;
}

function sendLinkConnected(
  model: FakeModel,
  connection: string,
  referenceID: number,
  session: FakeSession | null,
  lastSequence: number,
): void {
  send(model, connection, {
    event: "EventLinkConnected",
    referenceID,
    sessionID: session?.sessionID ?? "",
    serverRole: model.role,
    epoch: model.epoch,
    serverStartTime: model.history.serverStartTime,
    lastSequence,
    lastReferenceID: session?.lastReferenceID ?? 0,
  });
}

function takeRequest(model: FakeModel, connection: string, request: TlibRequest): void {
  const session = model.sessions.get(model.sessionByConnection.get(connection) ?? "");
  const { referenceID } = request;
  if (session === undefined) {
    return refuse(model, connection, referenceID, "not-registered-client");
  }
  if (referenceID <= session.lastReferenceID) {
    const stored = session.answers.get(referenceID);
    if (stored === undefined) refuse(model, connection, referenceID, "already-done");
    else send(model, connection, stored);
    return;
  }
  session.lastReferenceID = referenceID;
  model.requests.push(request);
  execute(model, session, request);
}

function execute(model: FakeModel, session: FakeSession, request: TlibRequest): void {
  switch (request.request) {
    case "RequestQueryServer":
      return answer(model, session, request, serverInfo(model));
    case "RequestRegisterAddress":
    case "RequestQueryAddress": {
      const { thisDN } = request;
      if (!model.inService.has(thisDN)) return refuseRequest(model, session, request, "dn-unknown");
      session.dns.add(thisDN);
      const event =
        request.request === "RequestQueryAddress" ? "EventAddressInfo" : "EventRegistered";
      const address = addressOf(model, thisDN);
      const { lastSequence } = model.history;
      return answer(model, session, request, { event, thisDN, address, lastSequence });
    }
    case "RequestUnregisterAddress":
      session.dns.delete(request.thisDN);
      return answer(model, session, request, {
        event: "EventUnregistered",
        thisDN: request.thisDN,
      });
    default:
      if (!session.dns.has(request.thisDN)) {
        return refuseRequest(model, session, request, "dn-not-registered");
      }
      return executeOnDn(model, session, request);
  }
}

type DnRequest = Exclude<
  TlibRequest,
  {
    request:
      | "RequestQueryServer"
      | "RequestRegisterAddress"
      | "RequestQueryAddress"
      | "RequestUnregisterAddress";
  }
>;

function executeOnDn(model: FakeModel, session: FakeSession, request: DnRequest): void {
  switch (request.request) {
    case "RequestAgentLogin":
      return logIn(model, session, request);
    case "RequestAgentLogout":
      if (!model.agents.has(request.thisDN)) {
        return refuseRequest(model, session, request, "not-logged-in");
      }
      return logOut(model, request.thisDN, null, answersOf(session, request));
    case "RequestAgentSetReady":
    case "RequestAgentSetNotReady": {
      const agent = model.agents.get(request.thisDN);
      if (agent === undefined) return refuseRequest(model, session, request, "not-logged-in");
      const isReady = request.request === "RequestAgentSetReady";
      const state = isReady
        ? "Ready"
        : request.workMode === "AfterCallWork"
          ? "AfterCallWork"
          : "NotReady";
      const { workMode, reasons } = request;
      const lastsMs = isReady ? undefined : request.afterCallWorkMs;
      return enterState(model, request.thisDN, agent, answersOf(session, request), {
        state,
        ...(workMode === undefined ? {} : { workMode }),
        ...(reasons === undefined ? {} : { reasons }),
        ...(lastsMs === undefined ? {} : { lastsMs }),
      });
    }
    case "RequestMakeCall": {
      const info = newCall(model, request.thisDN, "Origination", request.otherDN, "Dialing");
      const userData = request.userData ?? {};
      changeCall(model, { ...info, userData }, "EventDialing", answersOf(session, request));
      const answers = model.options.answeringNumbers?.includes(request.otherDN) === true;
      if (answers) farEnd(model, info.connID, "answer");
      return;
    }
    case "RequestAgentForceLogout":
    case "RequestCallForwardSet":
    case "RequestCallForwardCancel":
    case "RequestSetDNDOn":
    case "RequestSetDNDOff":
    case "RequestMonitorNextCall":
    case "RequestCancelMonitoring":
      return executeDn(model, session, request);
    default:
      return executeOnCall(model, session, request);
  }
}

type CallRequest = Extract<TlibRequest, { connID: string }>;

function executeOnCall(model: FakeModel, session: FakeSession, request: CallRequest): void {
  const call = model.calls.get(request.connID);
  if (call === undefined) return refuseRequest(model, session, request, "call-unknown");
  const answers = answersOf(session, request);
  const { info } = call;
  switch (request.request) {
    case "RequestAnswerCall":
      if (info.partyState !== "Ringing") {
        return refuseRequest(model, session, request, "call-not-ringing");
      }
      return changeCall(model, { ...info, partyState: "Established" }, "EventEstablished", answers);
    case "RequestHoldCall":
      return changeCall(model, { ...info, partyState: "Held" }, "EventHeld", answers);
    case "RequestRetrieveCall":
      return changeCall(model, { ...info, partyState: "Established" }, "EventRetrieved", answers);
    case "RequestReleaseCall":
    case "RequestClearCall":
      return endCall(model, call, "EventReleased", answers);
    case "RequestAttachUserData": {
      const userData = { ...info.userData, ...request.userData };
      return changeCall(model, { ...info, userData }, "EventAttachedDataChanged", answers);
    }
    case "RequestUpdateUserData": {
      const { userData } = request;
      return changeCall(model, { ...info, userData }, "EventAttachedDataChanged", answers);
    }
    case "RequestDeletePair": {
      const { [request.key]: removed, ...userData } = info.userData;
      if (removed === undefined) return refuseRequest(model, session, request, "key-unknown");
      return changeCall(model, { ...info, userData }, "EventAttachedDataChanged", answers);
    }
    case "RequestSetMuteOn":
      return changeCall(model, { ...info, isMuted: true }, "EventMuteOn", answers);
    case "RequestSetMuteOff":
      return changeCall(model, { ...info, isMuted: false }, "EventMuteOff", answers);
    case "RequestSendDTMF":
      return tellDigits(model, call, request.dtmfDigits, answers);
    default:
      return executeTransfer(model, session, call, request satisfies FakeTransferRequest);
  }
}

function logIn(
  model: FakeModel,
  session: FakeSession,
  request: Extract<TlibRequest, { request: "RequestAgentLogin" }>,
): void {
  const { thisDN, agentID, restore } = request;
  const refusal = model.isClosing ? { errorCode: "not-in-service" as const } : model.loginRefusal;
  if (refusal !== null) {
    const retryAfter = "retryAfter" in refusal ? refusal.retryAfter : undefined;
    return refuseRequest(model, session, request, refusal.errorCode, retryAfter);
  }
  const isOwn = model.options.agentLogins[agentID] === session.userName;
  if (!isOwn) return refuseRequest(model, session, request, "agent-not-permitted");
  if (model.inService.get(thisDN) !== true) {
    return refuseRequest(model, session, request, "dn-out-of-service");
  }
  const before = model.agents.get(thisDN);
  const heldEpoch = Math.max(before?.lease.epoch ?? 0, request.leaseEpoch ?? 0);
  const now = model.options.nowMs();
  const lease = { epoch: heldEpoch + 1, time: now, site: model.options.site };
  const agent: AgentInfo = {
    agentID,
    userName: session.userName,
    state: "NotReady",
    lease,
    since: now,
    sessionOpen: true,
  };
  model.agents.set(thisDN, agent);
  publish(
    model,
    thisDN,
    { event: "EventAgentLogin", thisDN, agentID, lease },
    answersOf(session, request),
  );
  enterState(model, thisDN, agent, null, {
    state: restore?.state ?? before?.state ?? "NotReady",
    ...(restore?.workMode === undefined ? {} : { workMode: restore.workMode }),
    ...(restore?.reasons === undefined ? {} : { reasons: restore.reasons }),
    ...(restore?.afterCallWorkMs === undefined ? {} : { lastsMs: restore.afterCallWorkMs }),
  });
}
