/**
 * A folder of messages with `expected.json` (the shape of RFC 4475, RFC 5118 and known-cve), one
 * subject a message. Each is sent three times, by senders that the server treats differently:
 *
 *     known      a trunk, by its address     compared with the suite: registrar for REGISTER,
 *                                            endpoint for other requests, UAC for responses
 *     proven     REGISTER alone, its user    where the suite wants 200 of a registrar: the bindings
 *                verified
 *     stranger   an address nobody knows     nothing may be kept, and nothing but a challenge, a
 *                                            refusal or the server's own OPTIONS answered
 *
 * Every user that a message names is a DN with a phone, which is not available (480): what is
 * accepted goes all the way to it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  headerOf,
  parseMessage,
  parseNameAddr,
  parseUri,
  validateRequest,
  validateResponse,
  buildResponse,
  type SipMessage,
} from "@tandem/sip";
import { agreesWith, describeAt } from "@tandem/sip/testing";
import type { Transport } from "@tandem/switch";
import { reportOf, type CaseResult, type ConformanceRun } from "../report.ts";
import { bindPhone } from "../bind-phone.ts";
import {
  createSubject,
  settleMs,
  type Address,
  type Remains,
  type Sent,
  type Subject,
} from "../subject.ts";
import {
  compare,
  forbidden,
  statusOf,
  type MessageExpectation,
  type RoleExpectation,
  type Seen,
} from "./expectation.ts";
import { faultOfStream } from "./stream-expectation.ts";

const trunkHosts = ["127.0.3.1", "2001:db8:3::1"];
const strangerHost = "127.0.3.99";
const phone: Address = { transport: "UDP", host: "127.0.3.20", port: 5060 };

export function runMessages(suite: string, folder: string): ConformanceRun {
  const cases = readExpectations(folder).map((expected): CaseResult => {
    const text = readFileSync(join(folder, expected.file), "latin1");
    return { id: expected.id, failures: judge(expected, text) };
  });
  return reportOf(suite, cases);
}

type Expectations = Partial<Record<"messages" | "items", readonly MessageExpectation[]>>;

function readExpectations(folder: string): readonly MessageExpectation[] {
  const json: unknown = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  // What is not of this shape gives no cases, and the run fails.
  const { messages, items } = json as Expectations; // the suites' MANIFEST.md
  return messages ?? items ?? [];
}

function judge(expected: MessageExpectation, text: string): readonly string[] {
  const role = roleOf(expected, text);
  const known = send(text, addressOf(expected, text, "known"), null);
  const failures: (string | null)[] = [
    role === null ? "no role that this server has" : compare(role, known.seen),
    forbidden(expected.must_not ?? [], known.seen),
    faultOfParser(expected, text),
    ...faultsOfAsserts(expected, text),
    faultOfStream(expected.tcp, text),
    ...known.faults,
  ];
  const registrar = expected.roles?.["registrar"];
  if (isRegister(text) && registrar?.status?.includes(200) === true) {
    const proven = send(text, addressOf(expected, text, "known"), userOf(text));
    failures.push(describe("as its user", compare({ ...registrar, also_ok: [] }, proven.seen)));
    failures.push(...proven.faults);
  }
  const stranger = send(text, addressOf(expected, text, "stranger"), null);
  failures.push(describe("from a stranger", faultOfStranger(stranger.seen)), ...stranger.faults);
  return [...new Set(failures.filter((failure) => failure !== null))];
}

function describe(who: string, failure: string | null): string | null {
  return failure === null ? null : `${who}: ${failure}`;
}

function roleOf(expected: MessageExpectation, text: string): RoleExpectation | null {
  const { roles = {} } = expected;
  const own = isRegister(text) ? roles["registrar"] : undefined;
  return own ?? roles["endpoint"] ?? roles["uac"] ?? expected.expected ?? null;
}

function isRegister(text: string): boolean {
  return text.trimStart().startsWith("REGISTER ");
}

/** The transport that the message names, from an address of the kind that it names. */
function addressOf(
  { transport, top_via: via }: MessageExpectation,
  text: string,
  who: "known" | "stranger",
): Address {
  const named = transport?.[0] ?? via?.transport ?? "UDP";
  const isIpv6 = /^(?:via|v)\s*:[^\r\n]*\[/im.test(text);
  const host = trunkHosts[isIpv6 ? 1 : 0] ?? "";
  return {
    transport: transportNamed(named),
    host: who === "known" ? host : strangerHost,
    port: 5060,
  };
}

function transportNamed(name: string): Transport {
  const transports: readonly Transport[] = ["UDP", "TCP", "TLS", "WS", "WSS"];
  return transports.find((each) => each === name.toUpperCase()) ?? "UDP";
}

interface Outcome {
  readonly seen: Seen;
  readonly faults: readonly string[];
}

function send(text: string, from: Address, user: string | null): Outcome {
  const dns = usersNamed(text);
  const subject = createSubject({ dns, domains: domainsNamed(text), trunkHosts });
  for (const dn of dns) bindPhone(subject, dn, phone);
  const before = bindings(subject);
  const callsBefore = subject.state.nextCallID;
  if (user === null) subject.receive(from, text);
  else subject.receiveFrom(from, text, user);
  const bindingsAdded = bindings(subject) - before;
  const requests = letPhoneAnswer(subject);
  const responses = subject.take(
    ({ to, message }) => isAt(to, from) && message.kind === "response",
  );
  subject.pass(settleMs);
  return {
    seen: {
      requests,
      // An answer is counted once, however often it is repeated.
      responses: responses.filter((each, at) => !responses.slice(0, at).some(isLike(each))),
      bindingsAdded,
      callsMade: subject.state.nextCallID - callsBefore,
    },
    faults: [...subject.faults(), ...faultsOfRemains(subject.remains())],
  };
}

function isAt(to: Address, from: Address): boolean {
  return to.host === from.host && to.port === from.port;
}

function isLike(one: Sent): (other: Sent) => boolean {
  return (other) => other.text === one.text;
}

function letPhoneAnswer(subject: Subject): readonly Sent[] {
  const requests = subject.take(({ message }) => message.kind === "request");
  for (const { message } of requests) {
    if (message.kind !== "request" || message.method !== "INVITE") continue;
    subject.receive(phone, buildResponse(message, 480, { toTag: "phone" }));
  }
  return requests;
}

export function faultsOfRemains(remains: Remains): readonly string[] {
  return Object.entries(remains).flatMap(([what, count]) =>
    Number(count) === 0 ? [] : [`${String(count)} ${what} left behind`],
  );
}

function bindings({ state }: Subject): number {
  return [...state.dns.values()].reduce((total, dn) => total + dn.bindings.length, 0);
}

/** A stranger learns nothing and keeps nothing: no call, no binding, no request to anybody. */
function faultOfStranger({ responses, requests, bindingsAdded, callsMade }: Seen): string | null {
  if (bindingsAdded > 0) return "a binding was made";
  if (callsMade > 0 || requests.length > 0) return "a call was made";
  const odd = responses.map(statusOf).find((status) => status >= 500 || status < 200);
  return odd === undefined ? null : `answered ${odd}`;
}

function faultOfParser({ parser, kind }: MessageExpectation, text: string): string | null {
  if (parser === undefined || parser === "may-reject") return null;
  const parsed = parseMessage(text);
  if (parser === "must-reject") {
    const isTaken = parsed.ok && isValid(parsed.value) && kind !== "response";
    return isTaken ? "the parser took it" : null;
  }
  return parsed.ok ? null : `the parser refused it: ${parsed.failure.code}`;
}

function isValid(message: SipMessage): boolean {
  return (message.kind === "request" ? validateRequest(message) : validateResponse(message)).ok;
}

function faultsOfAsserts({ asserts = [] }: MessageExpectation, text: string): readonly string[] {
  const parsed = parseMessage(text);
  if (!parsed.ok) return [];
  return asserts.flatMap(([path, value]) => {
    const wanted = path.endsWith("scheme") ? String(value).toLowerCase() : value;
    const found = describeAt(parsed.value, path);
    return agreesWith(found, wanted) ? [] : [`${path} reads ${JSON.stringify(String(found))}`];
  });
}

/** Users of the Request-URI, of To and of From: they become DNs. */
function usersNamed(text: string): readonly string[] {
  const users = urisNamed(text).flatMap((uri) => parseUri(uri)?.user ?? []);
  return [...new Set(users)];
}

function domainsNamed(text: string): readonly string[] {
  return [...new Set(urisNamed(text).flatMap((uri) => parseUri(uri)?.host ?? []))];
}

function urisNamed(text: string): readonly string[] {
  const parsed = parseMessage(text);
  const message = parsed.ok ? parsed.value : parsed.failure.request;
  if (message === undefined || message.kind !== "request") return [];
  return [message.uri, ...["to", "from"].map((name) => uriOfHeader(message, name))];
}

function uriOfHeader(message: SipMessage, name: string): string {
  return parseNameAddr(headerOf(message, name) ?? "")?.uri ?? "";
}

function userOf(text: string): string {
  const parsed = parseMessage(text);
  return parsed.ok ? (parseUri(uriOfHeader(parsed.value, "to"))?.user ?? "") : "";
}
