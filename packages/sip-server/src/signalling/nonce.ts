import { hash, timingSafeEqual } from "node:crypto";

/**
 * Stateless nonces and To tags (architecture.md, Edges): what the edge hands out it can recognise
 * without having kept it. A nonce is bound to the source address and carries its own age; the To
 * tag of a challenge is an HMAC of the request, so that the ACK and CANCEL of one are known and
 * dropped.
 */
export interface NonceKeeper {
  /** For a first challenge; the same within a short time, whoever asks from that source. */
  readonly nonceFor: (sourceHost: string, nowMs: number) => string;
  /** For a `stale=true` challenge: never one that was handed out before this moment. */
  readonly freshNonceFor: (sourceHost: string, nowMs: number) => string;
  readonly judge: (
    nonce: string,
    sourceHost: string,
    nowMs: number,
  ) => "fresh" | "expired" | "foreign";
  readonly tagFor: (callId: string, fromTag: string) => string;
  readonly isTagOf: (tag: string, callId: string, fromTag: string) => boolean;
}

/** A nonce is good for this long; then the machine answers `stale=true`. */
export const nonceLifeMs = 300_000;

const timeDigits = 12;
const sealDigits = 32;

/** `key`: of the pair, so that the other node knows its nonces too. */
export function createNonceKeeper(key: Uint8Array): NonceKeeper {
  const seal = createSeal(key);
  const sealedNonce = (time: string, host: string): string =>
    `${time}${seal(`nonce|${time}|${host}`)}`;
  const tagFor = (callId: string, fromTag: string): string =>
    `edge-${seal(`tag|${callId}|${fromTag}`)}`;
  const issue = (sourceHost: string, nowMs: number): string =>
    sealedNonce(Math.floor(nowMs).toString(16).padStart(timeDigits, "0"), sourceHost);
  const shared = createNonceShelf(issue);
  return {
    nonceFor: shared,
    freshNonceFor: issue,
    judge(nonce, sourceHost, nowMs) {
      if (nonce.length !== timeDigits + sealDigits) return "foreign";
      const time = nonce.slice(0, timeDigits);
      if (!isSame(nonce, sealedNonce(time, sourceHost))) return "foreign";
      const age = nowMs - parseInt(time, 16);
      return age >= 0 && age <= nonceLifeMs ? "fresh" : "expired";
    },
    tagFor,
    isTagOf: (tag, callId, fromTag) =>
      tag.startsWith("edge-") && isSame(tag, tagFor(callId, fromTag)),
  };
}

/**
 * HMAC's nested form over SHA-256 with two keys of a block each (RFC 2104; NMAC): the same
 * strength, and a sixth of the cost of an Hmac object for texts as short as these.
 */
function createSeal(key: Uint8Array): (text: string) => string {
  const derive = (purpose: string): string =>
    hash("sha256", Buffer.concat([Buffer.from(purpose), key]), "hex");
  const [inner, outer] = [derive("inner"), derive("outer")];
  return (text) =>
    hash("sha256", outer + hash("sha256", inner + text, "hex"), "hex").slice(0, sealDigits);
}

/** Challenges to one source within this time share a nonce: a storm of registrations costs less. */
const sharedNonceMs = 1_000;
const sharedNoncesMax = 1_000;

function createNonceShelf(
  issue: (sourceHost: string, nowMs: number) => string,
): (sourceHost: string, nowMs: number) => string {
  const shelf = new Map<string, string>();
  let slice = 0;
  return (sourceHost, nowMs) => {
    const current = Math.floor(nowMs / sharedNonceMs);
    if (current !== slice || shelf.size >= sharedNoncesMax) {
      slice = current;
      shelf.clear();
    }
    const known = shelf.get(sourceHost);
    if (known !== undefined) return known;
    const nonce = issue(sourceHost, nowMs);
    shelf.set(sourceHost, nonce);
    return nonce;
  };
}

function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a, "latin1");
  const right = Buffer.from(b, "latin1");
  return left.length === right.length && timingSafeEqual(left, right);
}
