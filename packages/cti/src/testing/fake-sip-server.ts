import type { ErrorCode } from "../error-codes.ts";
import type { UserData } from "../schema.ts";
import type { TlibRequest } from "../tlib/messages.ts";
import type { AgentInfo, CallInfo, ServerRole } from "../tlib/values.ts";
import { farEnd, ring } from "./fake-calls.ts";
import { createHistory, type Unnumbered } from "./fake-history.ts";
import {
  callsOf,
  createModel,
  logOut,
  publish,
  send,
  serverInfo,
  type FakeModel,
  type FakeSipServerOptions,
  type LogoutExtra,
} from "./fake-model.ts";
import { receive } from "./fake-requests.ts";

/**
 * One node of a SIP Server as a desktop meets it: text frames in, text frames out, no socket. It
 * keeps the rules of cti.md that a client can observe (sessions, resume, stored answers, leases,
 * snapshots) and has a knob for each thing that can go wrong. Calls are only what a desktop sees of
 * them: no phone, no signalling.
 */
export interface FakeSipServer {
  readonly connect: (connection: string, send: (text: string) => void) => void;
  readonly receive: (connection: string, text: string) => void;
  readonly disconnect: (connection: string) => void;
  /** Sessions, requests seen, and what is logged in, for a test to look at. */
  readonly requests: TlibRequest[];
  readonly agentOn: (dn: string) => AgentInfo | undefined;
  readonly callsOn: (dn: string) => readonly CallInfo[];
  readonly sessionCount: () => number;
  // What happens to it
  readonly setRole: (role: ServerRole, epoch: number) => void;
  /**
   * A phone's registration comes or goes; an agent on the DN is logged out with `dr-force_logout`.
   */
  readonly setPhone: (dn: string, inService: boolean) => void;
  readonly logOut: (dn: string, reasonCode: string | null, extra?: LogoutExtra) => void;
  /** All agents out with `graceful_shutdown_logout`; no logins any more. */
  readonly shutDownGracefully: () => void;
  /** The next logins are refused with this; null ends it. */
  readonly refuseLogins: (errorCode: ErrorCode | null, retryAfter?: number) => void;
  /** Requests are executed, but their answers and events are lost with the connection. */
  readonly swallowAnswers: (isOn: boolean) => void;
  /** A cold start: another history, all sessions, logins and calls gone. */
  readonly restart: () => void;
  /** An inbound call for a DN; its connID. */
  readonly ring: (dn: string, from: string, userData?: UserData) => string;
  /** The far end's side of a call that a desktop made, or of one that was answered. */
  readonly farEnd: (connID: string, does: "answer" | "release") => void;
  readonly publish: (dn: string, event: Unnumbered) => void;
}

export function createFakeSipServer(options: FakeSipServerOptions): FakeSipServer {
  const model = createModel(options);
  return {
    connect: (connection, send) => void model.sends.set(connection, send),
    receive: (connection, text) => receive(model, connection, text),
    disconnect: (connection) => disconnect(model, connection),
    requests: model.requests,
    agentOn: (dn) => model.agents.get(dn),
    callsOn: (dn) => callsOf(model, dn),
    sessionCount: () => model.sessions.size,
    setRole: (role, epoch) => setRole(model, role, epoch),
    setPhone: (dn, inService) => setPhone(model, dn, inService),
    logOut: (dn, reasonCode, extra) => logOut(model, dn, reasonCode, null, extra),
    shutDownGracefully: () => {
      model.isClosing = true;
      for (const dn of model.agents.keys()) logOut(model, dn, "graceful_shutdown_logout", null);
    },
    refuseLogins: (errorCode, retryAfter) => {
      model.loginRefusal = errorCode === null ? null : { errorCode, retryAfter };
    },
    swallowAnswers: (isOn) => {
      model.isSwallowing = isOn;
    },
    restart: () => restart(model),
    ring: (dn, from, userData) => ring(model, dn, from, userData ?? {}),
    farEnd: (connID, does) => farEnd(model, connID, does),
    publish: (dn, event) => publish(model, dn, event, null),
  };
}

function disconnect(model: FakeModel, connection: string): void {
  model.sends.delete(connection);
  const session = model.sessions.get(model.sessionByConnection.get(connection) ?? "");
  model.sessionByConnection.delete(connection);
  if (session?.connection === connection) session.connection = null;
}

function setRole(model: FakeModel, role: ServerRole, epoch: number): void {
  model.role = role;
  model.epoch = epoch;
  for (const connection of model.sends.keys()) send(model, connection, serverInfo(model));
}

function setPhone(model: FakeModel, dn: string, inService: boolean): void {
  if (model.inService.get(dn) === inService) return;
  model.inService.set(dn, inService);
  const event = inService ? "EventDNBackInService" : "EventDNOutOfService";
  publish(model, dn, { event, thisDN: dn }, null);
  if (!inService) logOut(model, dn, "dr-force_logout", null);
}

function restart(model: FakeModel): void {
  model.history = createHistory(model.history.serverStartTime + 1);
  model.sessions.clear();
  model.sessionByConnection.clear();
  model.agents.clear();
  model.calls.clear();
}
