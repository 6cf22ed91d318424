/**
 * SIP, SIPS and tel URIs (RFC 3261 §19.1, §25.1; RFC 3966) as values. Escapes are undone when a URI
 * is parsed and done again when it is written, so that `%31001` and `1001` are the same user
 * (§19.1.4); scheme and host are lower case. A URI that must pass unchanged (a Contact, a route)
 * is kept as text and never comes here.
 *
 *   sip:user:password@host:port;parameters?headers
 */
import { isDigitCode, isHexCode, isHostCode, isParameterCode, isUserCode } from "./characters.ts";
import { uriBytesMax } from "./limits.ts";
import { noParameters, type Parameters } from "./list.ts";

export interface SipUri {
  readonly scheme: "sip" | "sips" | "tel";
  /** Without escapes; the number of a tel URI. */
  readonly user?: string;
  readonly password?: string;
  /** A name or address in lower case, IPv6 in brackets; empty for tel. */
  readonly host: string;
  readonly port?: number;
  /** By lower-case name, without escapes; undefined stands for a name without a value. */
  readonly params: Parameters;
  /** What follows `?`, as it came. */
  readonly headers?: string;
}

/** The scheme of any URI in lower case, or undefined when the text begins with none. */
export function uriScheme(text: string): string | undefined {
  if (text.startsWith("sip:")) return "sip"; // nearly all
  const colon = text.indexOf(":");
  if (colon <= 0) return undefined;
  for (let index = 0; index < colon; index += 1) {
    const code = text.charCodeAt(index) | 32;
    const isLetter = code >= 97 && code <= 122;
    if (!isLetter && (index === 0 || !isSchemeCode(text.charCodeAt(index)))) return undefined;
  }
  return text.slice(0, colon).toLowerCase();
}

/** Undefined for another scheme, for a text that is no URI, and for one beyond `uriBytesMax`. */
export function parseUri(text: string): SipUri | undefined {
  if (text.length > uriBytesMax) return undefined;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= 32 || code === 127 || code === 60 || code === 62 || code === 34) return undefined;
  }
  const scheme = uriScheme(text);
  if (scheme === "tel") return parseTel(text.slice(4));
  if (scheme !== "sip" && scheme !== "sips") return undefined;
  return parseSip(scheme, text.slice(scheme.length + 1));
}

/** The canonical text of a URI: `parseUri(serializeUri(uri))` is `uri`. */
export function serializeUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.scheme === "tel") text += uri.user ?? "";
  else if (uri.user !== undefined) {
    text += escape(uri.user, isUserCode);
    if (uri.password !== undefined) text += `:${escape(uri.password, isPasswordCode)}`;
    text += "@";
  }
  text += uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  for (const [name, value] of uri.params) {
    text += `;${escape(name, isParameterCode)}`;
    if (value !== undefined) text += `=${escape(value, isParameterCode)}`;
  }
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}

function parseSip(scheme: "sip" | "sips", rest: string): SipUri | undefined {
  const at = rest.indexOf("@");
  const userInfo = at < 0 ? undefined : parseUserInfo(rest.slice(0, at));
  if (at >= 0 && (userInfo === undefined || rest.includes("@", at + 1))) return undefined;
  const question = rest.indexOf("?", at + 1);
  const beforeHeaders = question < 0 ? rest.slice(at + 1) : rest.slice(at + 1, question);
  const semicolon = beforeHeaders.indexOf(";");
  const hostPort = semicolon < 0 ? beforeHeaders : beforeHeaders.slice(0, semicolon);
  const address = parseHostPort(hostPort);
  const params =
    semicolon < 0 ? noParameters : parseUriParameters(beforeHeaders.slice(semicolon + 1));
  if (address === undefined || params === undefined) return undefined;
  const uri: { -readonly [Key in keyof SipUri]: SipUri[Key] } = {
    scheme,
    host: address.host,
    params,
  };
  if (userInfo !== undefined) {
    uri.user = userInfo.user;
    if (userInfo.password !== undefined) uri.password = userInfo.password;
  }
  if (address.port !== undefined) uri.port = address.port;
  if (question >= 0) uri.headers = rest.slice(question + 1);
  return uri;
}

function parseUserInfo(text: string): { user: string; password?: string } | undefined {
  const colon = text.indexOf(":");
  const user = unescape(colon < 0 ? text : text.slice(0, colon));
  if (user === undefined || user.length === 0) return undefined;
  if (colon < 0) return { user };
  const password = unescape(text.slice(colon + 1));
  return password === undefined ? undefined : { user, password };
}

/** `host[:port]` (RFC 3261 §25.1): a name, an IPv4 address or an IPv6 reference in brackets. */
export function parseHostPort(text: string): { host: string; port?: number } | undefined {
  const hostEnd = text.charCodeAt(0) === 91 ? ipv6End(text) : hostNameEnd(text);
  if (hostEnd <= 0) return undefined;
  const host = text.slice(0, hostEnd).toLowerCase();
  if (hostEnd === text.length) return { host };
  if (text.charCodeAt(hostEnd) !== 58) return undefined;
  const port = parsePort(text, hostEnd + 1);
  return port === undefined ? undefined : { host, port };
}

function hostNameEnd(text: string): number {
  let index = 0;
  while (index < text.length && isHostCode(text.charCodeAt(index))) index += 1;
  return index;
}

/**
 * Only hexadecimal digits, colons and dots stand in an IPv6 reference; RFC 5118 §4.10 allows `:::`.
 */
function ipv6End(text: string): number {
  const close = text.indexOf("]");
  if (close < 3 || !text.slice(0, close).includes(":")) return -1;
  for (let index = 1; index < close; index += 1) {
    const code = text.charCodeAt(index);
    if (!isHexCode(code) && code !== 58 && code !== 46) return -1;
  }
  return close + 1;
}

function parsePort(text: string, from: number): number | undefined {
  if (from >= text.length || text.length - from > 5) return undefined;
  let port = 0;
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (!isDigitCode(code)) return undefined;
    port = port * 10 + (code - 48);
  }
  return port > 0 && port <= 65_535 ? port : undefined;
}

/** `name=value;name`; the first of two equal names wins. */
function parseUriParameters(text: string): Parameters | undefined {
  const params = new Map<string, string | undefined>();
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    const name = unescape(equals < 0 ? part : part.slice(0, equals))?.toLowerCase();
    const value = equals < 0 ? undefined : unescape(part.slice(equals + 1));
    if (name === undefined || name.length === 0) return undefined;
    if (equals >= 0 && value === undefined) return undefined;
    if (!params.has(name)) params.set(name, value);
  }
  return params;
}

function parseTel(rest: string): SipUri | undefined {
  const semicolon = rest.indexOf(";");
  const user = semicolon < 0 ? rest : rest.slice(0, semicolon);
  const params = semicolon < 0 ? noParameters : parseUriParameters(rest.slice(semicolon + 1));
  if (params === undefined || user === "" || user === "+") return undefined;
  for (let index = user.charAt(0) === "+" ? 1 : 0; index < user.length; index += 1) {
    const code = user.charCodeAt(index);
    // digits, visual separators, and the letters, `*` and `#` of local numbers (RFC 3966 §5.1.2)
    if (!isHexCode(code) && !"-.()*#".includes(user.charAt(index))) return undefined;
  }
  return { scheme: "tel", user, host: "", params };
}

/** Undoes `%HH`, once; undefined when a `%` has no two digits behind it. */
function unescape(text: string): string | undefined {
  let percent = text.indexOf("%");
  if (percent < 0) return text;
  let plain = "";
  let start = 0;
  while (percent >= 0) {
    const high = text.charCodeAt(percent + 1);
    const low = text.charCodeAt(percent + 2);
    if (!isHexCode(high) || !isHexCode(low)) return undefined;
    plain += text.slice(start, percent);
    plain += String.fromCharCode(Number.parseInt(text.slice(percent + 1, percent + 3), 16));
    start = percent + 3;
    percent = text.indexOf("%", start);
  }
  return plain + text.slice(start);
}

function escape(text: string, isPlain: (code: number) => boolean): string {
  let escaped = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isPlain(code)) escaped += text.charAt(index);
    else escaped += `%${(code & 255).toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

function isPasswordCode(code: number): boolean {
  return isUserCode(code) && code !== 59 && code !== 63 && code !== 47; // not ; ? /
}

function isSchemeCode(code: number): boolean {
  return isDigitCode(code) || code === 43 || code === 45 || code === 46; // + - .
}
