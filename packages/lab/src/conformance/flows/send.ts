/**
 * One step that a user agent of a flow sends, made from the flow's message and its live dialogs.
 */
import {
  headerOf,
  listOf,
  parseNameAddr,
  parseUri,
  type HeaderPair,
  type SipMessage,
  type SipRequest,
} from "@tandem/sip";
import { serverHost } from "../subject.ts";
import {
  acknowledge,
  begin,
  cancel,
  contactOf,
  inDialog,
  reply,
  type Agent,
  type FirstRequest,
  type Leg,
} from "./agent.ts";
import type { FlowStep } from "./flow.ts";
import { carriedBody, carriedHeaders } from "./headers.ts";
import type { Replay } from "./replay.ts";
import { replacesOf } from "./rewrite.ts";

/** False when the live state of things has no place for it. */
export function send(replay: Replay, agent: Agent, step: FlowStep): boolean {
  if (step.kind === "response") return sendResponse(replay, agent, step);
  const { subject, facts } = replay;
  const headers = headersFor(replay, agent, step);
  const body = carriedBody(step.message, step.hasBody);
  const leg = legFor(agent, step);
  if (step.method === "ACK") return acknowledge(subject, agent, leg, body, headers);
  if (step.method === "CANCEL") {
    const isSent = cancel(subject, agent, leg);
    // It comes when the answer is there already, or is on its way.
    if (!isSent || isAnsweredYet(replay, agent)) facts.isCrossing = true;
    return isSent;
  }
  // What a referee does next is the server's: it did so when the REFER came.
  if (facts.referees.has(agent.name) && step.method === "NOTIFY") return false;
  if (step.method === "UPDATE" && body === "") facts.isRefreshed = true;
  if (step.method === "UPDATE" && body !== "") facts.isUpdated = true;
  if (headers.some(([name]) => name === "Replaces")) facts.isReplaced = true;
  if (step.method === "REFER") facts.isReferred = true;
  const isWithin = step.hasToTag || (step.message === null && leg !== null);
  if (isWithin && leg?.dialog !== undefined && leg?.dialog !== null) {
    if (isCrossedBy(agent, leg, step.method)) facts.isCrossing = true;
    return inDialog(subject, agent, leg, step.method, { headers, body });
  }
  if (isWithin && step.method !== "REGISTER") return false;
  // A referee's call is the server's: it was made when the REFER came.
  if (facts.referees.has(agent.name) && step.method === "INVITE") return false;
  if (isRepeated(replay, agent, step)) return true;
  if (step.method === "INVITE" && isUnderWay(agent, step.callId)) return false;
  begin(subject, agent, firstRequest(replay, agent, step, headers, body));
  return true;
}

/** The flow has the cancelled INVITE answered with a 2xx all the same. */
function isAnsweredYet({ script, at }: Replay, { name }: Agent): boolean {
  return script.events
    .slice(at)
    .some(
      ({ kind, agent, step }) =>
        kind === "expect" && agent === name && step.method === "INVITE" && isOk(step.status),
    );
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300;
}

/** A request of the other side that changes this dialog waits for our answer while we ask, too. */
function isCrossedBy(agent: Agent, leg: Leg, method: string): boolean {
  if (!changing.includes(method)) return false;
  const isWaiting = agent.pending.some(
    (request) => changing.includes(request.method) && leg.callId === headerOf(request, "call-id"),
  );
  return isWaiting || leg.sent.some(({ final }) => final === null);
}

const changing: readonly string[] = ["INVITE", "BYE", "UPDATE"];

function legFor(agent: Agent, { callId }: FlowStep): Leg | null {
  const named = callId === "" ? [] : agent.legs.filter((leg) => leg.flowCallId === callId);
  const standing = agent.legs.filter(({ dialog }) => dialog !== null);
  return named.at(-1) ?? standing.at(-1) ?? agent.legs.at(-1) ?? null;
}

/** The server has taken the agent's INVITE of this call already. */
function isUnderWay({ legs }: Agent, callId: string): boolean {
  return legs.some(
    (leg) => callId !== "" && leg.flowCallId === callId && leg.sent.at(-1)?.final === null,
  );
}

/** Sent again by the agent's own transaction, as the flow shows. */
function isRepeated({ script, at }: Replay, { name }: Agent, { message }: FlowStep): boolean {
  if (message === null) return false;
  return script.events
    .slice(0, at)
    .some(({ kind, agent, step }) => kind === "send" && agent === name && step.message === message);
}

function firstRequest(
  replay: Replay,
  agent: Agent,
  step: FlowStep,
  headers: readonly HeaderPair[],
  body: string,
): FirstRequest {
  const { method, message } = step;
  const user = method === "REGISTER" ? agent.dn : dialledBy(replay, agent, step);
  const uri = method === "REGISTER" ? `sip:${serverHost}` : `sip:${user}@${serverHost}`;
  const contacts = method === "REGISTER" ? contactsOf(replay, agent, message) : [];
  return {
    method,
    uri,
    toUri: `sip:${user}@${serverHost}`,
    headers: [...contacts, ...headers],
    body,
    flowCallId: step.callId,
    credentials: credentialsFor(replay, agent, step),
  };
}

/** The user that the flow dials, or else the agent that the flow lets ring. */
function dialledBy(
  { script, at, agents }: Replay,
  agent: Agent,
  { message, method }: FlowStep,
): string {
  const user = message?.kind === "request" ? parseUri(message.uri)?.user : undefined;
  if (user !== undefined) return user;
  const rings = script.events
    .slice(at)
    .find(
      ({ kind, agent: name, step }) =>
        kind === "expect" && name !== agent.name && step.method === method,
    );
  return agents.get(rings?.agent ?? "")?.dn ?? "nobody";
}

/**
 * What the flow's next final answer says of its credentials: a challenge means that there are none,
 * or that they are not good enough.
 */
function credentialsFor(
  { script, at }: Replay,
  { name }: Agent,
  { message, method }: FlowStep,
): FirstRequest["credentials"] {
  const answer = script.events
    .slice(at)
    .find(
      ({ kind, agent, step }) =>
        kind === "expect" && agent === name && step.method === method && step.status >= 200,
    );
  const isChallenged = answer?.step.status === 401 || answer?.step.status === 407;
  if (!isChallenged) return "right";
  const text = message?.headers.text ?? "";
  return /^(?:Proxy-)?Authorization\s*:/im.test(text) ? "wrong" : "none";
}

function contactsOf(replay: Replay, agent: Agent, message: SipMessage | null): HeaderPair[] {
  if (message === null) return [["Contact", contactOf(agent)]];
  return listOf(message, "contact").map((value) => {
    const uri = parseNameAddr(value)?.uri ?? value;
    if (value === "*") return ["Contact", "*"];
    if (parseUri(uri) === undefined) {
      replay.facts.hasForeignContact = true;
      return ["Contact", `<${uri}>`];
    }
    const params = /^[^<]*<[^>]*>(.*)$/.exec(value)?.[1] ?? "";
    return ["Contact", `${contactOf(agent)}${params}`];
  });
}

function headersFor(replay: Replay, agent: Agent, { message, method }: FlowStep): HeaderPair[] {
  const headers = carriedHeaders(message);
  if (message === null) return headers;
  const replaces = headerOf(message, "replaces");
  if (replaces !== undefined) headers.push(["Replaces", replacesOf(replay, agent, replaces)]);
  const referTo = headerOf(message, "refer-to");
  if (referTo !== undefined) headers.push(["Refer-To", referToOf(replay, agent, referTo)]);
  else if (method === "REFER") headers.push(["Refer-To", `<sip:nobody@${serverHost}>`]);
  if (headerOf(message, "referred-by") !== undefined) {
    headers.push(["Referred-By", `<sip:${agent.dn}@${serverHost}>`]);
  }
  return headers;
}

/** The same user here, the same method, and the live dialog that Replaces names. */
function referToOf(replay: Replay, agent: Agent, value: string): string {
  const uri = parseUri(parseNameAddr(value)?.uri ?? value);
  const user = uri?.user ?? "nobody";
  const parts = (uri?.headers ?? "").split("&").flatMap((part) => {
    const [name = "", escaped = ""] = part.split("=");
    if (!/^replaces$/i.test(name)) return [];
    return [`Replaces=${encodeURIComponent(replacesOf(replay, agent, decode(escaped)))}`];
  });
  const known = [...replay.agents.values()].find(({ dn }) => dn === user);
  const to = known?.dn ?? user;
  return `<sip:${to}@${serverHost}${parts.length > 0 ? `?${parts.join("&")}` : ""}>`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not escaped: as it is
  }
}

function sendResponse(replay: Replay, agent: Agent, step: FlowStep): boolean {
  const ofMethod = agent.pending.filter(({ method }) => method === step.method);
  const request =
    ofMethod.findLast((each) => isOfCall(agent, each, step.callId)) ?? ofMethod.at(-1);
  if (request === undefined) return false;
  if (step.status >= 300 && step.method === "INVITE") replay.wasRefused = true;
  const body = carriedBody(step.message, step.hasBody);
  const headers = [...carriedHeaders(step.message), ...contactOf3xx(step)];
  reply(replay.subject, agent, request, { status: step.status, headers, body });
  return true;
}

function isOfCall(agent: Agent, request: SipRequest, flowCallId: string): boolean {
  const leg = agent.legs.find(({ callId }) => callId === headerOf(request, "call-id"));
  return leg !== undefined && leg.flowCallId === flowCallId;
}

function contactOf3xx({ status, message }: FlowStep): HeaderPair[] {
  if (status < 300 || status > 399 || message === null) return [];
  return listOf(message, "contact").flatMap((value) => {
    const user = parseUri(parseNameAddr(value)?.uri ?? value)?.user;
    return user === undefined ? [] : [["Contact", `<sip:${user}@${serverHost}>`] as const];
  });
}
