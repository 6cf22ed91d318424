import { errorSentence, type ErrorCode } from "../error-codes.ts";
import type { TlibEvent, TlibRequest } from "../tlib/messages.ts";
import type { EventServerInfo } from "../tlib/session-messages.ts";
import type {
  AddressInfo,
  AgentInfo,
  AgentStateName,
  CallInfo,
  ForwardInfo,
  Lease,
  ServerRole,
  WorkMode,
} from "../tlib/values.ts";
import type { UserData } from "../schema.ts";
import {
  createHistory,
  recordEvent,
  seenBy,
  type FakeHistory,
  type HistoryEntry,
  type Unnumbered,
} from "./fake-history.ts";

/** What a fake SIP Server knows, and how it tells it. */
export interface FakeSipServerOptions {
  readonly site: string;
  /** DN → whether its phone is registered. */
  readonly dns: Readonly<Record<string, boolean>>;
  /** Agent Login code → user name. */
  readonly agentLogins: Readonly<Record<string, string>>;
  /** Numbers that answer at once when a desktop calls them. */
  readonly answeringNumbers?: readonly string[];
  readonly role?: ServerRole;
  readonly epoch?: number;
  readonly nowMs: () => number;
  /** The user whose token this is, or undefined: refused with `token-invalid`. */
  readonly userOf: (token: string) => string | undefined;
}

export interface FakeSession {
  readonly sessionID: string;
  readonly userName: string;
  connection: string | null;
  readonly dns: Set<string>;
  lastReferenceID: number;
  readonly answers: Map<number, TlibEvent>;
}

export interface FakeModel {
  history: FakeHistory;
  role: ServerRole;
  epoch: number;
  nextNumber: number;
  isClosing: boolean;
  isSwallowing: boolean;
  loginRefusal: { readonly errorCode: ErrorCode; readonly retryAfter: number | undefined } | null;
  readonly inService: Map<string, boolean>;
  readonly doNotDisturb: Set<string>;
  readonly forwards: Map<string, readonly ForwardInfo[]>;
  readonly agents: Map<string, AgentInfo>;
  readonly calls: Map<string, FakeCall>;
  readonly sessions: Map<string, FakeSession>;
  readonly sends: Map<string, (text: string) => void>;
  readonly sessionByConnection: Map<string, string>;
  readonly requests: TlibRequest[];
  readonly options: FakeSipServerOptions;
}

export interface FakeCall {
  readonly dn: string;
  info: CallInfo;
}

export interface LogoutExtra {
  readonly lease?: Lease;
  readonly wonBy?: { readonly lease: Lease; readonly agentID: string };
}

export type FakeAnswers = HistoryEntry["answers"];

export function createModel(options: FakeSipServerOptions): FakeModel {
  return {
    history: createHistory(options.nowMs()),
    role: options.role ?? "primary",
    epoch: options.epoch ?? 1,
    nextNumber: 1,
    isClosing: false,
    isSwallowing: false,
    loginRefusal: null,
    inService: new Map(Object.entries(options.dns)),
    doNotDisturb: new Set(),
    forwards: new Map(),
    agents: new Map(),
    calls: new Map(),
    sessions: new Map(),
    sends: new Map(),
    sessionByConnection: new Map(),
    requests: [],
    options,
  };
}

export function send(model: FakeModel, connection: string, event: TlibEvent): void {
  if (!model.isSwallowing) model.sends.get(connection)?.(JSON.stringify(event));
}

/** Numbers an event and sends it to every session that registered the DN. */
export function publish(
  model: FakeModel,
  dn: string,
  event: Unnumbered,
  answers: FakeAnswers,
): void {
  const receivers = [...model.sessions.values()].filter((session) => session.dns.has(dn));
  const ids = receivers.map(({ sessionID }) => sessionID);
  const entry = recordEvent(model.history, event, model.options.nowMs(), ids, answers);
  for (const session of receivers) {
    const seen = seenBy(entry, session.sessionID);
    if (answers?.sessionID === session.sessionID) session.answers.set(answers.referenceID, seen);
    if (session.connection !== null) send(model, session.connection, seen);
  }
}

export function answersOf(
  session: FakeSession,
  request: { readonly referenceID: number },
): FakeAnswers {
  return { sessionID: session.sessionID, referenceID: request.referenceID };
}

/** To the asking session only, and kept as the request's answer. */
export function answer(
  model: FakeModel,
  session: FakeSession,
  request: { readonly referenceID: number },
  event: TlibEvent,
): void {
  const answered = { ...event, referenceID: request.referenceID } as TlibEvent; // and its number
  session.answers.set(request.referenceID, answered);
  if (session.connection !== null) send(model, session.connection, answered);
}

export function refuse(
  model: FakeModel,
  connection: string,
  referenceID: number,
  errorCode: ErrorCode,
): void {
  const errorMessage = errorSentence(errorCode);
  send(model, connection, { event: "EventError", referenceID, errorCode, errorMessage });
}

export function refuseRequest(
  model: FakeModel,
  session: FakeSession,
  request: { readonly referenceID: number },
  errorCode: ErrorCode,
  retryAfter?: number,
): void {
  answer(model, session, request, {
    event: "EventError",
    errorCode,
    errorMessage: errorSentence(errorCode),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

export function serverInfo(model: FakeModel): EventServerInfo {
  return {
    event: "EventServerInfo",
    serverRole: model.role,
    epoch: model.epoch,
    site: model.options.site,
    inService: model.role === "primary" && !model.isClosing,
    peerInService: true,
    serverStartTime: model.history.serverStartTime,
  };
}

export function addressOf(model: FakeModel, dn: string): AddressInfo {
  const agent = model.agents.get(dn);
  const forwards = model.forwards.get(dn) ?? [];
  return {
    dn,
    inService: model.inService.get(dn) ?? false,
    ...(model.doNotDisturb.has(dn) ? { doNotDisturb: true } : {}),
    ...(forwards.length === 0 ? {} : { forwards }),
    ...(agent === undefined ? {} : { agent }),
    calls: callsOf(model, dn),
  };
}

export function callsOf(model: FakeModel, dn: string): readonly CallInfo[] {
  return [...model.calls.values()].filter((call) => call.dn === dn).map(({ info }) => info);
}

export interface FakeAgentState {
  readonly state: AgentStateName;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  readonly lastsMs?: number;
}

export function enterState(
  model: FakeModel,
  dn: string,
  agent: AgentInfo,
  answers: FakeAnswers,
  entered: FakeAgentState,
): void {
  const { state, lastsMs, ...told } = entered;
  const { agentID, userName, lease, sessionOpen } = agent;
  const since = model.options.nowMs();
  const until = lastsMs === undefined ? {} : { afterCallWorkUntil: since + lastsMs };
  model.agents.set(dn, {
    agentID,
    userName,
    lease,
    sessionOpen,
    state,
    since,
    ...told,
    ...(state === "AfterCallWork" ? until : {}),
  });
  const base = { thisDN: dn, agentID, ...told };
  if (state === "Ready") publish(model, dn, { event: "EventAgentReady", ...base }, answers);
  else if (state === "NotReady") {
    publish(model, dn, { event: "EventAgentNotReady", ...base }, answers);
  } else publish(model, dn, { event: "EventAgentAfterCallWork", ...base, ...until }, answers);
}

export function logOut(
  model: FakeModel,
  dn: string,
  reasonCode: string | null,
  answers: FakeAnswers,
  extra: LogoutExtra = {},
): void {
  const agent = model.agents.get(dn);
  if (agent === undefined) return;
  model.agents.delete(dn);
  publish(
    model,
    dn,
    {
      event: "EventAgentLogout",
      thisDN: dn,
      agentID: agent.agentID,
      lease: extra.lease ?? agent.lease,
      ...(extra.wonBy === undefined ? {} : { wonBy: extra.wonBy }),
      ...(reasonCode === null ? {} : { extensions: { ReasonCode: reasonCode } }),
    },
    answers,
  );
}
