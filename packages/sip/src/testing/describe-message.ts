/**
 * A message in the words of the torture suites' `asserts` (`via[0].host`, `to.uri.user.decoded`),
 * made with the same accessors that the machines use. Paths that nobody here reads are named in
 * `unreadPaths`, with the reason.
 */
import {
  callIdOf,
  cseqOf,
  headerLines,
  headerOf,
  listOf,
  type NameAddr,
  parameterOf,
  parseNameAddr,
  parseUri,
  parseVia,
  sdpView,
  serializeUri,
  type SipMessage,
  uriScheme,
} from "../index.ts";

/** Paths of the suites that have no accessor, and why. */
export const unreadPaths: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^body\.parts/, "bodies pass unopened"],
  [/^uri\.opaque/, "URIs of other schemes are text"],
  [/\.normalized$/, "addresses are compared by the edge that sends to them"],
  [/^sdp\.(?:origin|connection)/, "the view has one address for a session"],
  [/\.q$/, "no q-values are weighed"],
];

/** The value at a path; undefined when there is nothing. */
export function describeAt(message: SipMessage, path: string): unknown {
  const header = /^header\.(.+)$/.exec(path)?.[1];
  if (header !== undefined) return headerOf(message, header.toLowerCase());
  const [before = "", parameter] = path.split(".params.");
  const steps = before.split(/[.[\]]+/).filter((step) => step !== "");
  if (parameter !== undefined) steps.push("params", parameter);
  let value: unknown = describe(message);
  for (const step of steps) {
    if (value instanceof Map) value = step === "length" ? value.size : noValue(value, step);
    else value = (value as Record<string, unknown> | undefined)?.[step];
  }
  return value;
}

/** A parameter without a value reads as `null`, a missing one as undefined. */
function noValue(map: Map<string, string | undefined>, step: string): string | null | undefined {
  return map.has(step.toLowerCase()) ? (map.get(step.toLowerCase()) ?? null) : undefined;
}

function describe(message: SipMessage): Record<string, unknown> {
  const sdp = sdpView(message.body);
  const cseq = cseqOf(message);
  const numberOf = (name: string): number | undefined => {
    const value = headerOf(message, name);
    return value === undefined ? undefined : Number(value);
  };
  return {
    ...(message.kind === "request"
      ? { method: message.method, uri: describeUri(message.uri) }
      : { status: message.status, reason: utf8(message.reason) }),
    via: listOf(message, "via").map(describeVia),
    to: describeAddress(headerOf(message, "to")),
    from: describeAddress(headerOf(message, "from")),
    contact: listOf(message, "contact").map(describeAddress),
    route: listOf(message, "route").map(describeAddress),
    accept: listOf(message, "accept"),
    cseq: { seq: cseq?.number, method: cseq?.method },
    callId: callIdOf(message),
    maxForwards: numberOf("max-forwards"),
    contentLength: numberOf("content-length"),
    contentType: headerOf(message, "content-type"),
    subject: headerOf(message, "subject"),
    body: message.body,
    sdp: {
      media: sdp?.media.map((medium) => ({ connection: { address: medium.address } })),
    },
    lines: headerLines(message).length,
  };
}

function describeVia(text: string): unknown {
  const via = parseVia(text);
  return via === undefined ? undefined : { ...via, ttl: parameterOf(via.params, "ttl") };
}

function describeAddress(text: string | undefined): unknown {
  const address: NameAddr | undefined = text === undefined ? undefined : parseNameAddr(text);
  if (address === undefined) return undefined;
  return { ...address, uri: uriText(address.uri) };
}

/** A URI that reads as its text, and has its parts. */
function uriText(text: string): unknown {
  return Object.assign(new String(text), describeUri(text)); // a text with parts, for paths into it
}

function describeUri(text: string): Record<string, unknown> {
  const uri = parseUri(text);
  if (uri === undefined) return { scheme: uriScheme(text) };
  const user = uri.user === undefined ? undefined : userText(serializeUri(uri), uri.user);
  return { ...uri, user };
}

function userText(uri: string, decoded: string): unknown {
  const written = uri.slice(uri.indexOf(":") + 1, uri.indexOf("@")).split(":")[0] ?? "";
  return Object.assign(new String(written), { decoded }); // as above
}

function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
