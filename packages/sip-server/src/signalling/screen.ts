import { hash } from "node:crypto";
import { createDigest, digestText, feedDigest } from "@tandem/kernel";
import {
  buildChallenge,
  buildResponse,
  callIdOf,
  ha2Of,
  headerOf,
  headersOf,
  ownText,
  parseAuthorization,
  parseMessage,
  parseNameAddr,
  parseUri,
  tagOf,
  validateRequest,
  verifyDigest,
  type DigestAlgorithm,
  type DigestCredentials,
  type ParseFailure,
  type SipMessage,
  type SipRequest,
} from "@tandem/sip";
import type { Authenticated, Flow, ReadAhead } from "@tandem/switch";
import type { NonceKeeper } from "./nonce.ts";

/**
 * What becomes of a message at the door (architecture.md, Edges). What cannot be SIP is dropped; a
 * request that begins something needs a trusted source or digest credentials, and gets a stateless
 * challenge otherwise; OPTIONS to the server itself is answered here. Everything else goes to the
 * machine. A stranger gets the same challenge whether the DN he names exists or not.
 */
export type Verdict =
  | {
      readonly kind: "pass";
      readonly authenticated: Authenticated | null;
      readonly ahead: ReadAhead;
    }
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly why: "challenge" | "options" | "malformed" | "refusal";
    }
  | { readonly kind: "drop"; readonly why: "malformed" | "challenged" | "overload" };

export interface ScreenContext {
  readonly nonces: NonceKeeper;
  readonly realm: string;
  /** In order of preference (RFC 8760 §2.3). */
  readonly algorithms: readonly DigestAlgorithm[];
  /** HA1 of a DN's user, lower-case hexadecimal. */
  readonly ha1Of: (user: string, algorithm: DigestAlgorithm) => string | undefined;
  /** Trunks and the peer, which are known by their address. */
  readonly isTrusted: (flow: Flow) => boolean;
  /** Whether this node's machine serves: an edge never vouches for one that does not. */
  readonly isServing: () => boolean;
  readonly nowMs: () => number;
  /** What the edge remembers of sources; without it everybody is new. */
  readonly guards?: ScreenGuards;
}

export interface ScreenGuards {
  /** Whether right credentials came from there lately, or requests of ours went there. */
  readonly isKnown: (flow: Flow) => boolean;
  /** Whether there is time for a message of one who has not shown who he is. */
  readonly admitStranger: (flow: Flow) => boolean;
  /** Whether this user's password is not to be tried from there now. */
  readonly isHeldOff: (user: string, flow: Flow) => boolean;
  readonly failed: (user: string, flow: Flow) => void;
  readonly proved: (user: string, flow: Flow) => void;
  /** Whether the nonce count was used before; notes that it is used now. */
  readonly isReplay: (nonce: string, user: string, count: number) => boolean;
}

export function screen(text: string, flow: Flow, context: ScreenContext): Verdict {
  const parsed = parseMessage(text);
  if (!parsed.ok) return refuseUnread(parsed.failure, flow, context);
  const message = parsed.value;
  if (message.kind === "response") return passStranger(message, flow, context);
  const toTag = tagOf(message, "to");
  if (message.method === "ACK" || message.method === "CANCEL") {
    if (isOfChallenge(message, toTag, context)) return challenged;
    // An INVITE is let in from known places only, and its CANCEL comes the same way.
    if (message.method === "CANCEL" && isStranger(flow, context)) {
      return answerWith(message, flow, context, 481);
    }
    return passStranger(message, flow, context);
  }
  const isTrusted = context.isTrusted(flow);
  if (toTag === undefined && !validateRequest(message).ok) {
    return isTrusted || isKnown(flow, context) ? pass(message, false) : malformed;
  }
  // H11: a node that does not serve begins nothing; in a dialog it is silent, and is asked again.
  if (toTag === undefined && !context.isServing()) {
    if (!isTrusted && !admits(flow, context)) return overload;
    const text = answerText(message, flow, context, 503, [retryAfter]);
    return { kind: "answer", text, why: message.method === "OPTIONS" ? "options" : "refusal" };
  }
  // Who was never let in has no dialog here, whatever tags he has seen on the wire.
  if (toTag !== undefined && !isStranger(flow, context)) return pass(message, false);
  if (message.method === "OPTIONS" && isToServer(message)) {
    if (!isTrusted && !admits(flow, context)) return overload;
    return { kind: "answer", text: answerOptions(message, flow, context), why: "options" };
  }
  const credentials = credentialsOf(message, context);
  if (credentials === undefined) {
    // Whoever is known by address may call, but a registration is always somebody's.
    const mayPass = isTrusted && message.method !== "REGISTER";
    return mayPass ? pass(message, true) : challenge(message, flow, context);
  }
  return verify(message, flow, credentials, context);
}

/** Whoever is known by address is told what is wrong with it (RFC 4475 §3.1.2); nobody else. */
function refuseUnread(
  { request, status, detail }: ParseFailure,
  flow: Flow,
  context: ScreenContext,
): Verdict {
  const isTold = context.isTrusted(flow) || isKnown(flow, context);
  if (request === undefined || status === undefined || !isTold) return malformed;
  const warning = ["Warning", `399 tandem "${detail}"`] as const;
  const text = answerText(request, flow, context, status, [warning]);
  return { kind: "answer", text, why: "malformed" };
}

function answerText(
  request: SipRequest,
  flow: Flow,
  context: ScreenContext,
  status: number,
  headers: readonly (readonly [string, string])[] = [],
): string {
  return buildResponse(request, status, {
    toTag: tagOfAnswer(request, context),
    source: { host: flow.remoteHost, port: flow.remotePort },
    headers,
  });
}

/**
 * The same for the same request (RFC 3261 §8.2.7). Only an INVITE's is seen again, in its ACK, and
 * must be known as ours then.
 */
function tagOfAnswer(request: SipRequest, { nonces }: ScreenContext): string {
  const [callId, fromTag] = [callIdOf(request), tagOf(request, "from") ?? ""];
  if (request.method === "INVITE") return nonces.tagFor(callId, fromTag);
  const digest = createDigest();
  feedDigest(digest, callId);
  feedDigest(digest, fromTag);
  return `edge-${digestText(digest)}`;
}

/** A refusal that nothing is kept of; for strangers only while there is time. */
function answerWith(
  request: SipRequest,
  flow: Flow,
  context: ScreenContext,
  status: number,
): Verdict {
  if (isStranger(flow, context) && !admits(flow, context)) return overload;
  return { kind: "answer", text: answerText(request, flow, context, status), why: "refusal" };
}

function isKnown(flow: Flow, { guards }: ScreenContext): boolean {
  return guards?.isKnown(flow) === true;
}

/** Neither known by address nor by credentials that came from there; without guards nobody is. */
function isStranger(flow: Flow, context: ScreenContext): boolean {
  return context.guards !== undefined && !context.isTrusted(flow) && !isKnown(flow, context);
}

function pass(message: SipMessage, isValid: boolean): Verdict {
  return { kind: "pass", authenticated: null, ahead: { message, isValid } };
}

/** The machine answers or drops it, at a cost; from strangers only while there is time. */
function passStranger(message: SipMessage, flow: Flow, context: ScreenContext): Verdict {
  return context.isTrusted(flow) || admits(flow, context) ? pass(message, false) : overload;
}

function admits(flow: Flow, { guards }: ScreenContext): boolean {
  return guards === undefined || guards.admitStranger(flow);
}

const retryAfter = ["Retry-After", "5"] as const;
const malformed: Verdict = { kind: "drop", why: "malformed" };
const challenged: Verdict = { kind: "drop", why: "challenged" };
const overload: Verdict = { kind: "drop", why: "overload" };

function isOfChallenge(
  request: SipRequest,
  toTag: string | undefined,
  { nonces }: ScreenContext,
): boolean {
  if (toTag === undefined) return false;
  return nonces.isTagOf(toTag, callIdOf(request), tagOf(request, "from") ?? "");
}

function isToServer(request: SipRequest): boolean {
  const uri = parseUri(request.uri);
  return uri !== undefined && (uri.user === undefined || uri.user === "");
}

function answerOptions(request: SipRequest, flow: Flow, context: ScreenContext): string {
  return answerText(request, flow, context, 200, [
    ["Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, NOTIFY"],
    ["Accept", "application/sdp"],
  ]);
}

/** The credentials for our realm, if the request carries any. */
function credentialsOf(request: SipRequest, context: ScreenContext): DigestCredentials | undefined {
  const name = request.method === "REGISTER" ? "authorization" : "proxy-authorization";
  const other = request.method === "REGISTER" ? "proxy-authorization" : "authorization";
  return credentialsIn(request, name, context) ?? credentialsIn(request, other, context);
}

function credentialsIn(
  request: SipRequest,
  name: string,
  { realm }: ScreenContext,
): DigestCredentials | undefined {
  for (const value of headersOf(request, name)) {
    const credentials = parseAuthorization(value);
    if (credentials !== undefined && credentials.realm === realm) return credentials;
  }
  return undefined;
}

function verify(
  request: SipRequest,
  flow: Flow,
  credentials: DigestCredentials,
  context: ScreenContext,
): Verdict {
  const { username: user, nonce, algorithm } = credentials;
  const judged = context.nonces.judge(nonce, flow.remoteHost, context.nowMs());
  const isSound =
    judged !== "foreign" &&
    credentials.qop === "auth" &&
    credentials.nc !== undefined &&
    context.algorithms.includes(algorithm) &&
    isSameResource(credentials.uri, request.uri);
  // Who waits for his wrong passwords gets what everybody gets; so does a nonce that is not ours.
  if (!isSound || context.guards?.isHeldOff(user, flow) === true) {
    return challenge(request, flow, context);
  }
  // An unknown user costs the same work as a wrong password.
  const known = context.ha1Of(user, algorithm);
  const ha1 = known ?? unknownHa1;
  const ha2 = ha2Shared(algorithm, request.method, credentials.uri);
  const isRight = verifyDigest(digestHash, credentials, { ha1, ha2 }) && known !== undefined;
  if (!isRight) {
    context.guards?.failed(user, flow);
    return challenge(request, flow, context);
  }
  context.guards?.proved(user, flow);
  if (!isOwnIdentity(request, user)) return answerWith(request, flow, context, 403);
  const nonceCount = parseInt(credentials.nc ?? "0", 16);
  const isReplay = context.guards?.isReplay(nonce, user, nonceCount) === true;
  return {
    kind: "pass",
    authenticated: {
      user,
      isStale: judged === "expired" || isReplay,
      nonce,
      nonceCount,
      challenge: staleChallenge(flow, context, algorithm, judged === "expired" || isReplay),
    },
    ahead: { message: request, isValid: true },
  };
}

/**
 * Nobody speaks in another's name: From is the user whose secret it was, or nobody (RFC 3323 §4.1).
 * Whose registration it is stands in To, which the registrar compares.
 */
function isOwnIdentity(request: SipRequest, user: string): boolean {
  if (request.method === "REGISTER" || tagOf(request, "to") !== undefined) return true;
  const from = parseUri(parseNameAddr(headerOf(request, "from") ?? "")?.uri ?? "");
  return from?.user === user || from?.user === "anonymous" || from?.host === "anonymous.invalid";
}

/** The last challenge made for the machine in case that it needs one. */
const spare: {
  keeper: NonceKeeper | null;
  host: string;
  realm: string;
  algorithm: DigestAlgorithm;
  madeAtMs: number;
  value: string;
} = { keeper: null, host: "", realm: "", algorithm: "MD5", madeAtMs: 0, value: "" };
const spareMs = 1_000;

/** RFC 7616 §3.4.6: the same resource, though the phone may write the default port (or not). */
function isSameResource(given: string, requested: string): boolean {
  if (given === requested) return true;
  const [a, b] = [parseUri(given), parseUri(requested)];
  if (a === undefined || b === undefined) return false;
  const isSameAddress = a.host.toLowerCase() === b.host.toLowerCase() && a.user === b.user;
  return isSameAddress && (a.port ?? sipPort) === (b.port ?? sipPort);
}

const sipPort = 5060;

const unknownHa1 = "0".repeat(32);

/** The last HA2: phones of one site register with one and the same Request-URI. */
const lastHa2: { algorithm: DigestAlgorithm; method: string; uri: string; value: string } = {
  algorithm: "MD5",
  method: "",
  uri: "",
  value: "",
};

function ha2Shared(algorithm: DigestAlgorithm, method: string, uri: string): string {
  const isSame =
    uri === lastHa2.uri && method === lastHa2.method && algorithm === lastHa2.algorithm;
  if (isSame && method !== "") return lastHa2.value;
  lastHa2.algorithm = algorithm;
  lastHa2.method = ownText(method);
  lastHa2.uri = ownText(uri);
  lastHa2.value = ha2Of(digestHash, algorithm, method, uri);
  return lastHa2.value;
}

/** One-shot digests of latin1 text. */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  const name = algorithm === "MD5" ? "md5" : "sha256";
  return hash(name, Buffer.from(text, "latin1"), "hex");
}

function challenge(request: SipRequest, flow: Flow, context: ScreenContext): Verdict {
  if (!admits(flow, context)) return overload;
  const isRegister = request.method === "REGISTER";
  const name = isRegister ? "WWW-Authenticate" : "Proxy-Authenticate";
  const headers = context.algorithms.map(
    (algorithm) => [name, challengeValue(flow, context, algorithm, false)] as const,
  );
  const text = answerText(request, flow, context, isRegister ? 401 : 407, headers);
  return { kind: "answer", text, why: "challenge" };
}

/**
 * For the machine, which may find a nonce used that the edge does not know of (after a takeover).
 * That is rare: requests of one source that come together share the challenge made for that case.
 */
function staleChallenge(
  flow: Flow,
  context: ScreenContext,
  algorithm: DigestAlgorithm,
  isWanted: boolean,
): string {
  if (isWanted) return challengeValue(flow, context, algorithm, true);
  const nowMs = context.nowMs();
  const isShared =
    spare.keeper === context.nonces &&
    spare.host === flow.remoteHost &&
    spare.realm === context.realm &&
    spare.algorithm === algorithm &&
    nowMs - spare.madeAtMs >= 0 &&
    nowMs - spare.madeAtMs < spareMs;
  if (isShared) return spare.value;
  spare.keeper = context.nonces;
  spare.host = flow.remoteHost;
  spare.realm = context.realm;
  spare.algorithm = algorithm;
  spare.madeAtMs = nowMs;
  spare.value = challengeValue(flow, context, algorithm, true);
  return spare.value;
}

function challengeValue(
  flow: Flow,
  context: ScreenContext,
  algorithm: DigestAlgorithm,
  stale: boolean,
): string {
  const nonce = context.nonces.nonceFor(flow.remoteHost, context.nowMs());
  return buildChallenge({ realm: context.realm, nonce, algorithm, stale, qop: "auth" });
}
