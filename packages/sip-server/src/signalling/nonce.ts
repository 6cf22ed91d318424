import { hash } from "node:crypto";
import { hexOfUint32 } from "@tandem/kernel";
import { isSameSecret } from "@tandem/sip";

/**
 * Stateless nonces and To tags (architecture.md, Edges): what the edge hands out it can recognise
 * without having kept it. A nonce is bound to the source address and carries its own age; the To
 * tag of a challenge is an HMAC of the request, so that the ACK and CANCEL of one are known and
 * dropped.
 */
export interface NonceKeeper {
  /** Each once: phones begin to count anew with every challenge. */
  readonly nonceFor: (sourceHost: string, nowMs: number) => string;
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

const timeDigits = 14;
/** Told apart within a millisecond. */
const noncesPerMs = 1_024;
const sealDigits = 32;

/** `key`: of the pair, so that the other node knows its nonces too. */
export function createNonceKeeper(key: Uint8Array): NonceKeeper {
  const seal = createSeal(key);
  const sealedNonce = (time: string, host: string): string =>
    `${time}${seal(`nonce|${time}|${host}`)}`;
  const tagFor = (callId: string, fromTag: string): string =>
    `edge-${seal(`tag|${callId}|${fromTag}`)}`;
  let count = 0;
  return {
    nonceFor(sourceHost, nowMs) {
      count = (count + 1) % noncesPerMs;
      return sealedNonce(timeText(Math.floor(nowMs) * noncesPerMs + count), sourceHost);
    },
    judge(nonce, sourceHost, nowMs) {
      if (nonce.length !== timeDigits + sealDigits) return "foreign";
      const time = nonce.slice(0, timeDigits);
      if (!isSameSecret(nonce, sealedNonce(time, sourceHost))) return "foreign";
      const age = Math.floor(nowMs) - Math.floor(parseInt(time, 16) / noncesPerMs);
      return age >= 0 && age <= nonceLifeMs ? "fresh" : "expired";
    },
    tagFor,
    isTagOf: (tag, callId, fromTag) =>
      tag.startsWith("edge-") && isSameSecret(tag, tagFor(callId, fromTag)),
  };
}

/** 14 hexadecimal digits of an integer below 2^53. */
function timeText(ticks: number): string {
  const high = Math.floor(ticks / twoTo32);
  return `${hexOfUint32(high)}${hexOfUint32(ticks - high * twoTo32)}`.slice(-timeDigits);
}

const twoTo32 = 4_294_967_296;

/**
 * SHA-256 over a secret block and the text, of which half is shown: the other half keeps anybody
 * from going on with a seal he has seen, which is what HMAC's second pass is for (RFC 2104 §5 on
 * truncation). One pass matters: every challenge and every answer to one needs it.
 */
function createSeal(key: Uint8Array): (text: string) => string {
  const block = hash("sha256", Buffer.concat([Buffer.from("tandem-seal"), key]), "hex");
  return (text) => hash("sha256", block + text, "hex").slice(0, sealDigits);
}
