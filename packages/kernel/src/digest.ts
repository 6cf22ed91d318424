import { hexOfUint32 } from "./digits.ts";

/**
 * A running 53-bit digest of text (two 32-bit FNV-1a-like lanes with a final mix). For comparing
 * machine states and histories with each other; not for secrets.
 */
export interface Digest {
  high: number;
  low: number;
}

export function createDigest(): Digest {
  return { high: 0xdeadbeef | 0, low: 0x41c6ce57 | 0 };
}

export function feedDigest(digest: Digest, text: string): void {
  let { high, low } = digest;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  digest.high = high;
  digest.low = low;
}

/** 14 hexadecimal digits. */
export function digestText(digest: Digest): string {
  let { high, low } = digest;
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return `${hexOfUint32(low & 2_097_151).slice(2)}${hexOfUint32(high)}`;
}
