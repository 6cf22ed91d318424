/**
 * The headers of digest authentication (RFC 3261 §22, RFC 7616 §3.3–3.4, RFC 8760): challenges
 * (WWW-Authenticate, Proxy-Authenticate) and credentials (Authorization, Proxy-Authorization), read
 * and written. A parameter that stands there twice makes a header worthless: two readers could take
 * different ones.
 */
import {
  equalsIgnoringCase,
  quote,
  skipBlanks,
  skipQuoted,
  skipToken,
  unquote,
} from "../characters.ts";

export type DigestAlgorithm = "MD5" | "SHA-256";

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  readonly isStale: boolean;
  readonly opaque?: string;
  /** Whether `auth` is offered; without any qop the challenge is RFC 2069's. */
  readonly qop?: "auth";
}

export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** Lower-case hexadecimal. */
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly qop?: "auth";
  readonly cnonce?: string;
  /** As it came, eight hexadecimal digits. */
  readonly nc?: string;
  readonly opaque?: string;
}

export interface ChallengeParts {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  readonly stale?: boolean;
  readonly qop: "auth";
  readonly opaque?: string;
}

/** The value of a WWW-Authenticate or Proxy-Authenticate header. */
export function buildChallenge(parts: ChallengeParts): string {
  let text = `Digest realm=${quote(parts.realm)}, nonce=${quote(parts.nonce)}`;
  text += `, algorithm=${parts.algorithm}, qop="${parts.qop}"`;
  if (parts.opaque !== undefined) text += `, opaque=${quote(parts.opaque)}`;
  return parts.stale === true ? `${text}, stale=true` : text;
}

/**
 * Undefined for another scheme, another algorithm (`-sess` is none of ours), a qop that does not
 * offer `auth`, and for what is no challenge.
 */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const parameters = parseDigest(value);
  if (parameters === undefined) return undefined;
  const { realm, nonce, qop: qops, opaque } = parameters;
  const algorithm = algorithmOf(parameters.algorithm);
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  const offersAuth = qops?.split(",").some((qop) => qop.trim().toLowerCase() === "auth");
  if (offersAuth === false) return undefined;
  return {
    realm,
    nonce,
    algorithm,
    isStale: parameters.stale?.toLowerCase() === "true",
    ...(opaque === undefined ? {} : { opaque }),
    ...(offersAuth === true ? { qop: "auth" as const } : {}),
  };
}

/** Undefined for another scheme or algorithm, and for what is not complete. */
export function parseAuthorization(value: string): DigestCredentials | undefined {
  const parameters = parseDigest(value);
  if (parameters === undefined) return undefined;
  const { username, realm, nonce, uri, opaque, qop, cnonce, nc } = parameters;
  const response = parameters.response?.toLowerCase();
  const algorithm = algorithmOf(parameters.algorithm);
  if (username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || algorithm === undefined) return undefined;
  if (!isHex(response, algorithm === "MD5" ? 32 : 64)) return undefined;
  const credentials: Writable<DigestCredentials> = {
    username,
    realm,
    nonce,
    uri,
    response,
    algorithm,
  };
  if (opaque !== undefined) credentials.opaque = opaque;
  if (qop === undefined) return credentials;
  if (qop.toLowerCase() !== "auth" || cnonce === undefined || cnonce === "") return undefined;
  if (nc === undefined || !isHex(nc.toLowerCase(), 8)) return undefined;
  credentials.qop = "auth";
  credentials.cnonce = cnonce;
  credentials.nc = nc;
  return credentials;
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** The parameters that either header may have and that mean something here. */
const names = [
  "username",
  "realm",
  "nonce",
  "uri",
  "response",
  "algorithm",
  "qop",
  "cnonce",
  "nc",
  "opaque",
  "stale",
] as const;

type DigestParameters = Readonly<Record<(typeof names)[number], string | undefined>>;

/** The number of the name at `text[start, end)`, or -1 for one that means nothing here. */
function numberOf(text: string, start: number, end: number): number {
  for (let number = 0; number < names.length; number += 1) {
    const name = names[number] as string; // number < names.length
    if (name.length === end - start && equalsIgnoringCase(text, start, name)) return number;
  }
  return -1;
}

/** Values in the order of `names`. */
function parametersOf(values: readonly (string | undefined)[]): DigestParameters {
  return {
    username: values[0],
    realm: values[1],
    nonce: values[2],
    uri: values[3],
    response: values[4],
    algorithm: values[5],
    qop: values[6],
    cnonce: values[7],
    nc: values[8],
    opaque: values[9],
    stale: values[10],
  };
}

/** Names of either header are few; more is an attack. */
const parametersMax = 32;

/** `Digest name=value, name="value"…`; no name may stand there twice. */
function parseDigest(value: string): DigestParameters | undefined {
  const start = skipBlanks(value, 0);
  if (!equalsIgnoringCase(value, start, "digest")) return undefined;
  let index = skipBlanks(value, start + 6);
  if (index === start + 6) return undefined;
  const values: (string | undefined)[] = names.map(() => undefined);
  let others: Set<string> | null = null;
  for (let count = 0; count < parametersMax; count += 1) {
    const nameEnd = skipToken(value, index);
    const nameStart = index;
    index = skipBlanks(value, nameEnd);
    if (nameEnd === nameStart || value.charCodeAt(index) !== 61) return undefined;
    index = skipBlanks(value, index + 1);
    const isQuoted = value.charCodeAt(index) === 34;
    const end = isQuoted ? skipQuoted(value, index) : plainEnd(value, index);
    if (end <= index) return undefined;
    const number = numberOf(value, nameStart, nameEnd);
    if (number >= 0) {
      if (values[number] !== undefined) return undefined;
      const raw = value.slice(index, end);
      values[number] = isQuoted ? unquote(raw) : raw;
    } else {
      const name = value.slice(nameStart, nameEnd).toLowerCase();
      others ??= new Set();
      if (others.has(name)) return undefined;
      others.add(name);
    }
    index = skipBlanks(value, end);
    if (index >= value.length) return parametersOf(values);
    if (value.charCodeAt(index) !== 44) return undefined;
    index = skipBlanks(value, index + 1);
  }
  return undefined;
}

/** A value without quotes: a token, or what old phones write there (a URI, base64). */
function plainEnd(value: string, from: number): number {
  let index = from;
  while (index < value.length) {
    const code = value.charCodeAt(index);
    if (code <= 32 || code === 44 || code === 34) break;
    index += 1;
  }
  return index;
}

function algorithmOf(text: string | undefined): DigestAlgorithm | undefined {
  if (text === undefined) return "MD5"; // RFC 7616 §3.3
  const upper = text.toUpperCase();
  return upper === "MD5" || upper === "SHA-256" ? upper : undefined;
}

function isHex(text: string, digits: number): boolean {
  if (text.length !== digits) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isDigit = (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
    if (!isDigit) return false;
  }
  return true;
}
