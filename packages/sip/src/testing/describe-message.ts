/**
 * A message in the words of the torture suites' `asserts` (`via[0].host`, `to.uri.user.decoded`),
 * made with the same accessors that the machines use, as far as the machines look at all; what they
 * pass on unopened (parts of a body, an SDP's origin) is read here.
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

/** Literal, `{absent}` or `{present_no_value}`, as the suites' `assert_path_convention` says. */
export function agreesWith(found: unknown, expected: unknown): boolean {
  if (expected === null || typeof expected !== "object") {
    if (Array.isArray(found) && typeof expected === "number") return found.length === expected;
    if (String(found) === String(expected)) return true;
    return Buffer.from(String(found), "latin1").toString("utf8") === String(expected);
  }
  return "absent" in expected ? found === undefined : found === null;
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
    body: Object.assign(new String(message.body), { parts: describeParts(message) }),
    sdp: {
      origin: describeOrigin(message.body),
      connection: describeConnection(message.body),
      media: sdp?.media.map((medium) => ({
        ...medium,
        connection: { address: medium.address },
      })),
    },
    lines: headerLines(message).length,
  };
}

function describeVia(text: string): unknown {
  const via = parseVia(text);
  if (via === undefined) return undefined;
  const received = parameterOf(via.params, "received");
  return {
    ...via,
    host: hostText(via.host),
    ttl: parameterOf(via.params, "ttl"),
    received: received === undefined ? undefined : hostText(received),
  };
}

function describeAddress(text: string | undefined): unknown {
  const address: NameAddr | undefined = text === undefined ? undefined : parseNameAddr(text);
  if (address === undefined) return undefined;
  const q = address.params.get("q");
  return {
    ...address,
    uri: uriText(address.uri),
    q: q === undefined ? undefined : Number(q),
  };
}

/** A URI that reads as its text, and has its parts. */
function uriText(text: string): unknown {
  return Object.assign(new String(text), describeUri(text)); // a text with parts, for paths into it
}

function describeUri(text: string): Record<string, unknown> {
  const uri = parseUri(text);
  if (uri === undefined) {
    return { scheme: uriScheme(text), opaque: text.slice(text.indexOf(":") + 1) };
  }
  const user = uri.user === undefined ? undefined : userText(serializeUri(uri), uri.user);
  return { ...uri, host: hostText(uri.host), user };
}

/** A host that reads as it was written, and an IPv6 address also in its one canonical form. */
function hostText(host: string): unknown {
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  const normalized = address.includes(":") ? canonicalIpv6(address) : address;
  return Object.assign(new String(host), { normalized }); // a text with a part
}

/** RFC 5952, for what RFC 5118 compares: `2001:db8:::192.0.2.1` is `2001:db8::c000:201`. */
function canonicalIpv6(text: string): string {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [
      [a, b],
      [c, d],
    ]
      .map(([high, low]) => (Number(high) * 256 + Number(low)).toString(16))
      .join(":"),
  );
  return hex
    .toLowerCase()
    .replace(":::", "::")
    .replace(/(^|:)0+(?=[0-9a-f])/g, "$1");
}

interface BodyPart {
  readonly bytes_contain_nul: boolean;
}

function describeParts(message: SipMessage): readonly BodyPart[] {
  const type = headerOf(message, "content-type") ?? "";
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) return [];
  const parts = message.body.split(`--${boundary}`).slice(1);
  return parts
    .filter((part) => !part.startsWith("--"))
    .map((part) => ({ bytes_contain_nul: part.includes("\0") }));
}

function describeOrigin(body: string): Record<string, string | undefined> {
  const fields = /^o=(.*?)\r?$/m.exec(body)?.[1]?.split(" ") ?? [];
  return { addrtype: fields[4], address: fields[5] };
}

/** The session's own connection line, which stands before the first medium. */
function describeConnection(body: string): { readonly address: string } | undefined {
  const session = body.split(/^m=/m)[0] ?? "";
  const address = /^c=IN IP[46] (\S+)/m.exec(session)?.[1];
  return address === undefined ? undefined : { address };
}

function userText(uri: string, decoded: string): unknown {
  const written = uri.slice(uri.indexOf(":") + 1, uri.indexOf("@")).split(":")[0] ?? "";
  return Object.assign(new String(written), { decoded }); // as above
}

function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
