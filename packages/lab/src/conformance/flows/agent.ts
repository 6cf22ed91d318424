/**
 * A user agent of a flow, alive: it registers, sends the flow's messages in dialogs of its own, and
 * keeps what the server sends until the flow expects it. What the flow does not know of, it answers
 * as any phone would, so that the replay goes on.
 */
import {
  ackForFailure,
  buildAuthorization,
  buildRequest,
  buildResponse,
  callIdOf,
  cancelFor,
  chooseChallenge,
  cseqOf,
  dialogFromRequest,
  dialogFromResponse,
  dialogRequest,
  headerOf,
  headersOf,
  parseChallenge,
  parseMessage,
  refreshTarget,
  tagOf,
  type Dialog,
  type HeaderPair,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { digestHash } from "@tandem/sip-server/testing";
import { secretOf, serverHost, type Address, type Subject } from "../subject.ts";
import { plainSdp } from "./headers.ts";

/** One dialog, or what is to become one. */
export interface Leg {
  /** The flow's name of the call, where it prints one. */
  flowCallId: string;
  readonly callId: string;
  readonly localTag: string;
  /** The INVITE (or other request) that began it. */
  first: SipRequest;
  dialog: Dialog | null;
  readonly role: "uac" | "uas";
  /** INVITEs of ours, newest last, with the final response that each got. */
  readonly sent: { readonly request: SipRequest; final: SipResponse | null; acked: boolean }[];
  /** The last reliable provisional response: its RSeq. */
  reliable: { readonly rseq: string; readonly cseq: string } | null;
}

export interface Agent {
  readonly name: string;
  readonly dn: string;
  readonly address: Address;
  readonly legs: Leg[];
  /** Heard and not yet expected, oldest first. */
  readonly inbox: SipMessage[];
  /** Requests that wait for our answer. */
  readonly pending: SipRequest[];
  /** The last challenge as it came; its nonce serves later requests, too. */
  challenge: string | null;
  nonceCount: number;
  nextNumber: number;
}

export function createAgent(name: string, dn: string, address: Address): Agent {
  return {
    name,
    dn,
    address,
    legs: [],
    inbox: [],
    pending: [],
    challenge: null,
    nonceCount: 0,
    nextNumber: 1,
  };
}

export function contactOf({ dn, address }: Agent): string {
  const transport =
    address.transport === "UDP" ? "" : `;transport=${address.transport.toLowerCase()}`;
  return `<sip:${dn}@${address.host}:${address.port}${transport}>`;
}

export function viaOf(agent: Agent): string {
  const { transport, host, port } = agent.address;
  agent.nextNumber += 1;
  return `SIP/2.0/${transport} ${host}:${port};branch=z9hG4bK${agent.dn}${agent.nextNumber};rport`;
}

/** Takes what the server sent to this agent since; repeated messages are heard once. */
export function listen(subject: Subject, agent: Agent): readonly SipMessage[] {
  const { host, port } = agent.address;
  return subject
    .take(({ to }) => to.host === host && to.port === port)
    .map(({ message }) => message);
}

/** Notes what a message means for the agent's dialogs. */
export function understand(agent: Agent, message: SipMessage): void {
  if (message.kind === "request") understandRequest(agent, message);
  else understandResponse(agent, message);
}

function understandRequest(agent: Agent, request: SipRequest): void {
  if (request.method === "ACK") return;
  agent.pending.push(request);
  const leg = legOf(agent, request);
  if (leg === null && tagOf(request, "to") === undefined) {
    const localTag = `${agent.dn}${agent.nextNumber}`;
    agent.nextNumber += 1;
    agent.legs.push({
      flowCallId: "",
      callId: callIdOf(request),
      localTag,
      first: request,
      dialog: dialogFromRequest(request, localTag) ?? null,
      role: "uas",
      sent: [],
      reliable: null,
    });
  } else if (leg?.dialog !== undefined && leg?.dialog !== null) {
    const { dialog } = leg;
    dialog.remoteCseq = Math.max(dialog.remoteCseq, cseqOf(request)?.number ?? 0);
    if (request.method === "INVITE" || request.method === "UPDATE") refreshTarget(dialog, request);
  }
}

function understandResponse(agent: Agent, response: SipResponse): void {
  const leg = legOf(agent, response);
  const { status } = response;
  for (const name of ["www-authenticate", "proxy-authenticate"]) {
    const chosen = chooseChallenge(headersOf(response, name));
    if (chosen === undefined) continue;
    const isNew = parseChallenge(chosen)?.nonce !== parseChallenge(agent.challenge ?? "")?.nonce;
    agent.challenge = chosen;
    if (isNew) agent.nonceCount = 0;
  }
  if (leg === null) return;
  const cseq = cseqOf(response);
  const sent = leg.sent.findLast(({ request }) => cseqOf(request)?.number === cseq?.number);
  if (cseq?.method === "INVITE" && sent !== undefined) {
    if (status >= 200) sent.final ??= response;
    const rseq = headerOf(response, "rseq");
    if (status < 200 && rseq !== undefined) {
      leg.reliable = { rseq, cseq: headerOf(response, "cseq") ?? "" };
    }
    if (leg.dialog === null || (leg.dialog.isEarly && status >= 200)) {
      const before = leg.dialog;
      leg.dialog = dialogFromResponse(sent.request, response) ?? leg.dialog;
      if (before !== null && leg.dialog !== null) {
        leg.dialog.localCseq = Math.max(leg.dialog.localCseq, before.localCseq);
      }
    } else if (status >= 200 && status < 300) refreshTarget(leg.dialog, response);
  } else if (leg.dialog === null && status >= 200 && status < 300) {
    leg.dialog = dialogFromResponse(leg.first, response) ?? null;
  }
}

export function legOf(agent: Agent, message: SipMessage): Leg | null {
  const callId = callIdOf(message);
  return agent.legs.findLast((leg) => leg.callId === callId) ?? null;
}

/** Sends a request text and keeps what later messages need of it. */
export function sendRequest(subject: Subject, agent: Agent, leg: Leg | null, text: string): void {
  const request = requestOf(text);
  if (request.method === "INVITE" && leg !== null) {
    leg.sent.push({ request, final: null, acked: false });
  }
  subject.receive(agent.address, text);
}

export interface FirstRequest {
  readonly method: string;
  readonly uri: string;
  readonly toUri: string;
  readonly headers: readonly HeaderPair[];
  readonly body: string;
  readonly flowCallId: string;
  readonly credentials: "none" | "right" | "wrong";
}

/** A request that begins something, in a leg that is made for it, or goes on after a challenge. */
export function begin(subject: Subject, agent: Agent, wanted: FirstRequest): void {
  const again = agent.legs.findLast(
    (leg) =>
      leg.role === "uac" &&
      leg.flowCallId === wanted.flowCallId &&
      leg.first.method === wanted.method,
  );
  agent.nextNumber += 1;
  const callId = again?.callId ?? `${agent.dn}-${agent.nextNumber}@${agent.address.host}`;
  const localTag = again?.localTag ?? `${agent.dn}${agent.nextNumber}`;
  const cseq = again === undefined ? 1 : (cseqOf(again.first)?.number ?? 0) + 1;
  const { method, uri, body } = wanted;
  const text = buildRequest({
    method,
    uri,
    headers: [
      ["Via", viaOf(agent)],
      ["Max-Forwards", "70"],
      ["From", `<sip:${agent.dn}@${serverHost}>;tag=${localTag}`],
      ["To", `<${wanted.toUri}>`],
      ["Call-ID", callId],
      ["CSeq", `${cseq} ${method}`],
      ...(method === "REGISTER" ? [] : [["Contact", contactOf(agent)] as const]),
      ...wanted.headers,
      ...credentialsOf(agent, method, uri, wanted.credentials),
    ],
    body,
  });
  const first = requestOf(text);
  let leg = again;
  if (leg === undefined) {
    const { flowCallId } = wanted;
    leg = {
      flowCallId,
      callId,
      localTag,
      first,
      dialog: null,
      role: "uac",
      sent: [],
      reliable: null,
    };
    agent.legs.push(leg);
  }
  leg.first = first;
  sendRequest(subject, agent, leg, text);
}

function credentialsOf(
  agent: Agent,
  method: string,
  uri: string,
  which: FirstRequest["credentials"],
): readonly HeaderPair[] {
  if (which === "none" || agent.challenge === null) return [];
  agent.nonceCount += 1;
  const value = buildAuthorization(digestHash, agent.challenge, {
    user: agent.dn,
    password: which === "right" ? secretOf(agent.dn) : "wrong",
    method,
    uri,
    cnonce: "c0ffee",
    nc: agent.nonceCount,
  });
  return [[method === "REGISTER" ? "Authorization" : "Proxy-Authorization", value]];
}

/** A request in a dialog that stands or is early. */
export function inDialog(
  subject: Subject,
  agent: Agent,
  leg: Leg,
  method: string,
  parts: { readonly headers: readonly HeaderPair[]; readonly body: string },
): boolean {
  if (leg.dialog === null) return false;
  const rack = leg.reliable;
  const { text } = dialogRequest(leg.dialog, method, {
    via: viaOf(agent),
    contact: contactOf(agent),
    headers: [
      ...(method === "PRACK" && rack !== null
        ? [["RAck", `${rack.rseq} ${rack.cseq}`] as const]
        : []),
      ...parts.headers,
    ],
    body: parts.body,
  });
  sendRequest(subject, agent, leg, text);
  return true;
}

/** Acknowledges the oldest INVITE of ours that has a final response and no ACK yet. */
export function acknowledge(
  subject: Subject,
  agent: Agent,
  leg: Leg | null,
  body: string,
  headers: readonly HeaderPair[],
): boolean {
  const legs = leg === null ? agent.legs : [leg, ...agent.legs.filter((each) => each !== leg)];
  for (const each of legs) {
    const sent = each.sent.find(({ final, acked }) => final !== null && !acked);
    if (sent?.final === undefined || sent.final === null) continue;
    sent.acked = true;
    if (sent.final.status >= 300) {
      subject.receive(agent.address, ackForFailure(sent.request, sent.final));
      return true;
    }
    if (each.dialog === null) continue;
    const cseq = cseqOf(sent.request)?.number ?? 1;
    const parts = { via: viaOf(agent), cseq, body, headers };
    subject.receive(agent.address, dialogRequest(each.dialog, "ACK", parts).text);
    return true;
  }
  return false;
}

export function cancel(subject: Subject, agent: Agent, leg: Leg | null): boolean {
  const legs = leg === null ? agent.legs.toReversed() : [leg];
  const sent = legs.flatMap((each) => each.sent).findLast(({ final }) => final === null);
  if (sent === undefined) return false;
  subject.receive(agent.address, cancelFor(sent.request.headers.text));
  return true;
}

export interface Answer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: string;
}

/** Answers a request that waits; a final answer takes it off the list. */
export function reply(subject: Subject, agent: Agent, request: SipRequest, answer: Answer): void {
  const leg = legOf(agent, request);
  const { status, headers, body } = answer;
  const named = headers.some(([name]) => /^contact$/i.test(name));
  const type =
    headers.find(([name]) => /^(?:content-type|c)$/i.test(name))?.[1] ?? "application/sdp";
  const text = buildResponse(request, status, {
    ...(status > 100 ? { toTag: leg?.localTag ?? agent.dn } : {}),
    headers: [
      ...(named ? [] : [["Contact", contactOf(agent)] as const]),
      ...headers.filter(([name]) => !/^(?:content-type|c)$/i.test(name)),
    ],
    ...(body === "" ? {} : { body, contentType: type }),
  });
  if (status >= 200) agent.pending.splice(agent.pending.indexOf(request), 1);
  if (leg?.dialog?.role === "uas" && status >= 200 && status < 300) leg.dialog.isEarly = false;
  subject.receive(agent.address, text);
}

/** What any phone does with what its flow does not mention. */
export function reactPlainly(subject: Subject, agent: Agent, message: SipMessage): void {
  if (message.kind === "response") {
    if (message.status >= 200) acknowledge(subject, agent, legOf(agent, message), "", []);
    return;
  }
  if (message.method === "ACK") return;
  const body = message.method === "INVITE" || (message.method === "UPDATE" && message.body !== "");
  reply(subject, agent, message, { status: 200, headers: [], body: body ? plainSdp : "" });
}

function requestOf(text: string): SipRequest {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error(`no request: ${text}`);
  return parsed.value;
}
