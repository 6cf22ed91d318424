/**
 * The computation of digest authentication (RFC 7616 §3.4, RFC 3261 §22.4). The hash is given, so
 * that this package needs none of its own.
 *
 *   HA1 = H(user:realm:password)    HA2 = H(method:uri)
 *   response = H(HA1:nonce:nc:cnonce:qop:HA2)      without qop: H(HA1:nonce:HA2)
 */
import { quote } from "../characters.ts";
import { type DigestAlgorithm, type DigestCredentials, parseChallenge } from "./challenge.ts";
import { isSameSecret } from "./same-secret.ts";

/** Gives lower-case hexadecimal. The text is latin1: one byte a character. */
export type HashFunction = (algorithm: DigestAlgorithm, text: string) => string;

export interface DigestParts {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly nonce: string;
  /** Eight hexadecimal digits; with `qop` only. */
  readonly nc?: string;
  readonly cnonce?: string;
  readonly qop?: "auth";
  readonly method: string;
  readonly uri: string;
}

export function ha1Of(
  hash: HashFunction,
  algorithm: DigestAlgorithm,
  user: string,
  realm: string,
  password: string,
): string {
  return hash(algorithm, `${user}:${realm}:${password}`);
}

export function ha2Of(
  hash: HashFunction,
  algorithm: DigestAlgorithm,
  method: string,
  uri: string,
): string {
  return hash(algorithm, `${method}:${uri}`);
}

export function digestResponse(hash: HashFunction, parts: DigestParts): string {
  const ha2 = ha2Of(hash, parts.algorithm, parts.method, parts.uri);
  return responseWith(hash, parts, parts.ha1, ha2);
}

function responseWith(
  hash: HashFunction,
  parts: Omit<DigestParts, "ha1" | "method">,
  ha1: string,
  ha2: string,
): string {
  const middle =
    parts.qop === undefined
      ? parts.nonce
      : `${parts.nonce}:${parts.nc ?? ""}:${parts.cnonce ?? ""}:${parts.qop}`;
  return hash(parts.algorithm, `${ha1}:${middle}:${ha2}`);
}

/**
 * Whether credentials answer with the secret behind `ha1`, which must be of the credentials' realm
 * and algorithm, as `ha2` must be of their algorithm, URI and the request's method. The nonce, the
 * realm, the URI and the qop are the caller's to check. Takes the same time wherever the first
 * difference is.
 */
export function verifyDigest(
  hash: HashFunction,
  credentials: DigestCredentials,
  { ha1, ha2 }: { readonly ha1: string; readonly ha2: string },
): boolean {
  return isSameSecret(responseWith(hash, credentials, ha1, ha2), credentials.response);
}

export interface AuthorizationParts {
  readonly user: string;
  /** Either the password itself, or HA1 for the challenge's realm and algorithm. */
  readonly password?: string;
  readonly ha1?: string;
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  readonly cnonce: string;
  /** How often this nonce was used, this time included. */
  readonly nc: number;
}

/**
 * The value of (Proxy-)Authorization that answers a challenge; empty when the challenge is none
 * that this package can answer.
 */
export function buildAuthorization(
  hash: HashFunction,
  challengeValue: string,
  parts: AuthorizationParts,
): string {
  const challenge = parseChallenge(challengeValue);
  if (challenge === undefined) return "";
  const { algorithm, realm, nonce, qop, opaque } = challenge;
  const nc = parts.nc.toString(16).padStart(8, "0");
  const ha1 = parts.ha1 ?? ha1Of(hash, algorithm, parts.user, realm, parts.password ?? "");
  const common = { algorithm, ha1, nonce, method: parts.method, uri: parts.uri };
  const response = digestResponse(
    hash,
    qop === undefined ? common : { ...common, qop, nc, cnonce: parts.cnonce },
  );
  let text = `Digest username=${quote(parts.user)}, realm=${quote(realm)}`;
  text += `, nonce=${quote(nonce)}, uri=${quote(parts.uri)}, response="${response}"`;
  text += `, algorithm=${algorithm}`;
  if (qop !== undefined) text += `, qop=${qop}, nc=${nc}, cnonce=${quote(parts.cnonce)}`;
  return opaque === undefined ? text : `${text}, opaque=${quote(opaque)}`;
}

/**
 * The challenge to answer when there are several (RFC 8760 §2.4: the topmost one that is
 * understood), or undefined.
 */
export function chooseChallenge(values: readonly string[]): string | undefined {
  return values.find((value) => parseChallenge(value) !== undefined);
}
