import {
  backOffMs,
  decodeConfigEvent,
  type ConfigEvent,
  type ConfigRequest,
  type EventLogin,
  type RequestLogin,
} from "@tandem/cti";
import { unreachable } from "@tandem/kernel";
import {
  connectionDeadline,
  connectionId,
  createConnection,
  isLinked,
  stepConnection,
  type Connection,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionTimes,
} from "../connection/connection.ts";

/**
 * The client of one site's Configuration Server Proxies (cti.md, ConfigLib; continuity R1): the
 * primary, then the backup. When none answers in the first round, `unreachable` is reported and
 * nothing more is tried until `start` comes again: whether to wait or to ask the other site is the
 * user's decision. Once logged in, a lost connection is made again for ever, at both in turn, with
 * the token of the last login; changes are subscribed to again from the last revision.
 *
 *   idle ──start──▶ trying ──EventLogin──▶ on ──lost──▶ off ──EventLogin──▶ on
 *                     └──none answered──▶ idle           └──(for ever, with back-off)
 */
export interface ConfigLink {
  readonly kind: "idle" | "trying" | "on" | "off";
  readonly urls: readonly string[];
  /** Which of `urls` the connection is for. */
  readonly index: number;
  /** Addresses that failed since the last login or start. */
  readonly failures: number;
  readonly connection: Connection;
  readonly loginID: number | null;
  readonly nextReferenceID: number;
  /** Sent on this connection and not answered, oldest first. */
  readonly unanswered: readonly number[];
  readonly credentials: Credentials | null;
  /** What to subscribe to again: absent before Subscribe was asked for. */
  readonly subscription: Subscription | null;
}

export type Credentials =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "applicationSecret"; readonly applicationSecret: string };

interface Subscription {
  readonly types: readonly NonNullable<SubscribeTypes>[number][] | null;
  readonly revision: number | null;
}
type SubscribeTypes = Extract<ConfigRequest, { request: "RequestSubscribe" }>["types"];

export interface ConfigLinkContext {
  readonly nowMs: number;
  readonly entropy: number;
  readonly times: ConnectionTimes;
  readonly applicationName: string;
}

export type UnnumberedConfigRequest = ConfigRequest extends infer Each
  ? Each extends ConfigRequest
    ? Omit<Each, "referenceID">
    : never
  : never;

export type ConfigLinkEvent =
  | { readonly kind: "start"; readonly credentials: Credentials }
  | { readonly kind: "socketOpened"; readonly id: string }
  | { readonly kind: "socketClosed"; readonly id: string; readonly reason: string }
  | { readonly kind: "frame"; readonly id: string; readonly text: string }
  | { readonly kind: "request"; readonly request: UnnumberedConfigRequest }
  | { readonly kind: "clock" }
  | { readonly kind: "stop" };

export type ConfigLinkReport =
  /** The first login of this link, and each one after a lost connection. */
  | { readonly kind: "loggedIn"; readonly login: EventLogin; readonly isAgain: boolean }
  /** The server said no to these credentials: trying again would not help. */
  | { readonly kind: "refused"; readonly errorCode: string; readonly errorMessage: string }
  /** No address of the site answered. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The connection was lost after a login. */
  | { readonly kind: "off"; readonly reason: string }
  | { readonly kind: "accepted"; readonly referenceID: number }
  | { readonly kind: "notSent" }
  | { readonly kind: "answered"; readonly referenceID: number; readonly event: ConfigEvent }
  /** The connection was lost before the answer came. */
  | { readonly kind: "unknown"; readonly referenceID: number }
  | { readonly kind: "delivered"; readonly event: ConfigEvent }
  | { readonly kind: "malformed"; readonly detail: string };

export type ConfigLinkEffect = ConnectionEffect | ConfigLinkReport;

export interface ConfigLinkStep {
  readonly next: ConfigLink;
  readonly effects: readonly ConfigLinkEffect[];
}

/** Codes of EventError at a login that another attempt would get again. */
const finalCodes = new Set([
  "wrong-credentials",
  "user-disabled",
  "application-unknown",
  "token-invalid",
  "token-expired",
  "invalid-field",
]);
const unansweredMax = 256;

/** `urls`: the primary's, then the backup's: `ws://127.0.1.10:7010/config`. */
export function createConfigLink(urls: readonly string[]): ConfigLink {
  return {
    kind: "idle",
    urls,
    index: 0,
    failures: 0,
    connection: createConnection("config", urls[0] ?? ""),
    loginID: null,
    nextReferenceID: 1,
    unanswered: [],
    credentials: null,
    subscription: null,
  };
}

export function configLinkDeadline(link: ConfigLink): number | undefined {
  return connectionDeadline(link.connection);
}

export function stepConfigLink(
  link: ConfigLink,
  event: ConfigLinkEvent,
  context: ConfigLinkContext,
): ConfigLinkStep {
  const turn: Turn = { link, context, effects: [] };
  takeEvent(turn, event);
  return { next: turn.link, effects: turn.effects };
}

/** One event being stepped. Lives for one step only. */
interface Turn {
  link: ConfigLink;
  readonly context: ConfigLinkContext;
  readonly effects: ConfigLinkEffect[];
}

function takeEvent(turn: Turn, event: ConfigLinkEvent): void {
  const { link } = turn;
  const isOurs = "id" in event && event.id === connectionId(link.connection);
  switch (event.kind) {
    case "start":
      return start(turn, event.credentials);
    case "socketOpened":
      if (isOurs) stepLink(turn, { kind: "socketOpened" });
      return;
    case "socketClosed":
      if (isOurs) stepLink(turn, { kind: "socketClosed", reason: event.reason });
      return;
    case "frame":
      if (isOurs) onFrame(turn, event.text);
      return;
    case "request":
      return onRequest(turn, event.request);
    case "clock":
      return stepLink(turn, { kind: "clock" });
    case "stop":
      stepLink(turn, { kind: "stop", reason: "the client stopped" });
      forgetUnanswered(turn);
      change(turn, { kind: "idle", loginID: null });
      return;
    default:
      return unreachable(event);
  }
}

function start(turn: Turn, credentials: Credentials): void {
  if (turn.link.kind !== "idle") return;
  change(turn, { kind: "trying", credentials, failures: 0 });
  tryAddress(turn, 0);
}

/** A connection to one of the addresses, at once. */
function tryAddress(turn: Turn, index: number): void {
  const { connection, urls } = turn.link;
  const idle: Connection = { ...connection, url: urls[index] ?? "", phase: { kind: "idle" } };
  change(turn, { index, connection: idle });
  stepLink(turn, { kind: "start" });
}

function stepLink(turn: Turn, event: ConnectionEvent): void {
  const step = stepConnection(turn.link.connection, event, turn.context);
  change(turn, { connection: step.next });
  turn.effects.push(...step.effects);
  for (const signal of step.signals) {
    if (signal.kind === "ready") logIn(turn);
    else onLost(turn, signal.reason);
  }
}

function onLost(turn: Turn, reason: string): void {
  forgetUnanswered(turn);
  const { link, context } = turn;
  const failures = link.failures + 1;
  const index = link.urls.length < 2 ? 0 : 1 - link.index;
  change(turn, { failures, loginID: null });
  switch (link.kind) {
    case "trying":
      if (failures < link.urls.length) return tryAddress(turn, index);
      change(turn, { kind: "idle", connection: idleOf(link.connection) });
      turn.effects.push({ kind: "unreachable", reason });
      return;
    case "on":
      change(turn, { kind: "off" });
      turn.effects.push({ kind: "off", reason });
      return waitFor(turn, index, 0, context);
    case "off":
      // Both addresses count as one round of the back-off.
      return waitFor(turn, index, Math.floor(failures / link.urls.length), context);
    case "idle":
      return;
    default:
      return unreachable(link.kind);
  }
}

function waitFor(turn: Turn, index: number, rounds: number, context: ConfigLinkContext): void {
  const { connection, urls } = turn.link;
  const retryAt = context.nowMs + backOffMs(rounds, context.entropy);
  change(turn, {
    index,
    connection: { ...connection, url: urls[index] ?? "", phase: { kind: "waiting", retryAt } },
  });
}

function logIn(turn: Turn): void {
  const { credentials, nextReferenceID: referenceID } = turn.link;
  if (credentials === null) return;
  const { applicationName } = turn.context;
  const who =
    credentials.kind === "password"
      ? { user: credentials.user, password: credentials.password }
      : credentials.kind === "token"
        ? { token: credentials.token }
        : { applicationSecret: credentials.applicationSecret };
  const request: RequestLogin = { request: "RequestLogin", referenceID, applicationName, ...who };
  change(turn, { loginID: referenceID, nextReferenceID: referenceID + 1 });
  transmit(turn, request);
}

function onFrame(turn: Turn, text: string): void {
  const decoded = decodeConfigEvent(text);
  const frame = decoded.ok && "addp" in decoded.value ? decoded.value : null;
  stepLink(turn, { kind: "received", frame });
  if (!decoded.ok) {
    const { errorCode, errorMessage } = decoded.failure;
    turn.effects.push({ kind: "malformed", detail: `${errorCode}: ${errorMessage}` });
    return;
  }
  if (!("addp" in decoded.value)) onEvent(turn, decoded.value);
}

function onEvent(turn: Turn, event: ConfigEvent): void {
  const { link } = turn;
  const referenceID = "referenceID" in event ? event.referenceID : undefined;
  if (event.event === "EventLogin") keepToken(turn, event);
  if (referenceID !== undefined && referenceID === link.loginID) {
    if (event.event === "EventLogin") return onLoggedIn(turn, event);
    if (event.event === "EventError") return onLoginRefused(turn, event);
  }
  if ("revision" in event) keepRevision(turn, event.revision);
  if (referenceID !== undefined && link.unanswered.includes(referenceID)) {
    change(turn, { unanswered: link.unanswered.filter((each) => each !== referenceID) });
    turn.effects.push({ kind: "answered", referenceID, event });
    return;
  }
  turn.effects.push({ kind: "delivered", event });
}

/** No password is kept once there is a token (continuity R15); a server logs in with its secret. */
function keepToken(turn: Turn, event: EventLogin): void {
  if (turn.link.credentials?.kind === "applicationSecret") return;
  change(turn, { credentials: { kind: "token", token: event.token } });
}

function onLoggedIn(turn: Turn, login: EventLogin): void {
  const isAgain = turn.link.kind === "off";
  change(turn, { kind: "on", failures: 0, loginID: null });
  stepLink(turn, { kind: "accepted" });
  turn.effects.push({ kind: "loggedIn", login, isAgain });
  if (isAgain) subscribeAgain(turn);
}

function onLoginRefused(turn: Turn, error: Extract<ConfigEvent, { event: "EventError" }>): void {
  const { errorCode, errorMessage } = error;
  if (!finalCodes.has(errorCode)) return stepLink(turn, { kind: "rejected", reason: errorCode });
  stepLink(turn, { kind: "stop", reason: errorCode });
  change(turn, { kind: "idle", loginID: null, credentials: null });
  turn.effects.push({ kind: "refused", errorCode, errorMessage });
}

function onRequest(turn: Turn, unnumbered: UnnumberedConfigRequest): void {
  const { link } = turn;
  const canSend = isLinked(link.connection) && link.unanswered.length < unansweredMax;
  if (!canSend) {
    turn.effects.push({ kind: "notSent" });
    return;
  }
  if (unnumbered.request === "RequestSubscribe") {
    const revision = unnumbered.revision ?? null;
    change(turn, { subscription: { types: unnumbered.types ?? null, revision } });
  }
  turn.effects.push({ kind: "accepted", referenceID: send(turn, unnumbered) });
}

function subscribeAgain(turn: Turn): void {
  const { subscription } = turn.link;
  if (subscription === null) return;
  send(turn, {
    request: "RequestSubscribe",
    ...(subscription.revision === null ? {} : { revision: subscription.revision }),
    ...(subscription.types === null ? {} : { types: subscription.types }),
  });
}

function keepRevision(turn: Turn, revision: number): void {
  const { subscription } = turn.link;
  if (subscription !== null) change(turn, { subscription: { ...subscription, revision } });
}

function send(turn: Turn, unnumbered: UnnumberedConfigRequest): number {
  const { nextReferenceID: referenceID, unanswered } = turn.link;
  change(turn, {
    nextReferenceID: referenceID + 1,
    unanswered: [...unanswered, referenceID],
  });
  transmit(turn, { ...unnumbered, referenceID });
  return referenceID;
}

function forgetUnanswered(turn: Turn): void {
  for (const referenceID of turn.link.unanswered) {
    turn.effects.push({ kind: "unknown", referenceID });
  }
  change(turn, { unanswered: [] });
}

function transmit(turn: Turn, request: ConfigRequest): void {
  const id = connectionId(turn.link.connection);
  turn.effects.push({ kind: "transmit", id, text: JSON.stringify(request) });
}

function idleOf(connection: Connection): Connection {
  return { ...connection, phase: { kind: "idle" } };
}

function change(turn: Turn, changed: Partial<ConfigLink>): void {
  turn.link = { ...turn.link, ...changed };
}
