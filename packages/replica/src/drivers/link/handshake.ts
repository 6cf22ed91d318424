import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Who is on the other end of a link: both sides know the pair's secret, and each shows it by an
 * HMAC over both sides' nonces, so that nothing seen on the wire helps anybody later.
 *
 *   dialler  ─ { pair, name, nonce } ─▶  listener
 *            ◀─ { pair, name, nonce } ─
 *            ─ { proof } ─▶   ◀─ { proof } ─
 */
export interface Handshake {
  /** What to send first. */
  readonly opening: string;
  /** What comes of a frame of the other side: an answer to send, an end, or neither yet. */
  readonly hear: (text: string) => HandshakeStep;
}

export type HandshakeStep =
  | { readonly kind: "answer"; readonly text: string }
  | { readonly kind: "proved"; readonly peer: string }
  | { readonly kind: "refused"; readonly why: string };

export interface HandshakeChoice {
  readonly pair: string;
  /** `sip-1a`: the other side must have another. */
  readonly name: string;
  readonly secret: string;
  readonly isDialler: boolean;
}

const nonceBytes = 16;
const nameMax = 64;

export function createHandshake(choice: HandshakeChoice): Handshake {
  const nonce = randomBytes(nonceBytes).toString("hex");
  let peer: { readonly name: string; readonly nonce: string } | null = null;
  const proofOf = (isDialler: boolean, own: string, other: string, by: string): string =>
    createHmac("sha256", choice.secret)
      .update(`tandem-link|${choice.pair}|${isDialler ? "dialler" : "listener"}|${by}`)
      .update(`|${own}|${other}`)
      .digest("hex");
  return {
    opening: JSON.stringify({ pair: choice.pair, name: choice.name, nonce }),
    hear(text) {
      const said = readObject(text);
      if (said === null) return refused("it does not speak this protocol");
      if (peer === null) {
        const { pair, name, nonce: theirs } = said;
        if (pair !== choice.pair) return refused("it is of another pair");
        const isName = typeof name === "string" && name !== "" && name.length <= nameMax;
        if (!isName || name === choice.name) return refused("its name is none for the other node");
        if (typeof theirs !== "string" || theirs.length !== 2 * nonceBytes) {
          return refused("its nonce is none");
        }
        peer = { name, nonce: theirs };
        const proof = proofOf(choice.isDialler, nonce, theirs, choice.name);
        return { kind: "answer", text: JSON.stringify({ proof }) };
      }
      const expected = proofOf(!choice.isDialler, peer.nonce, nonce, peer.name);
      return isEqual(said["proof"], expected)
        ? { kind: "proved", peer: peer.name }
        : refused("it does not know the pair's secret");
    },
  };
}

function refused(why: string): HandshakeStep {
  return { kind: "refused", why };
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null; // an object of JSON
  } catch {
    return null; // no JSON: a stranger
  }
}

function isEqual(given: unknown, expected: string): boolean {
  if (typeof given !== "string" || given.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(expected, "latin1"));
}
