/**
 * How long to wait before the next attempt: 1 s doubling to 30 s, of which a random half
 * (continuity R1), so that clients that lost the same server do not come back together. `entropy`
 * is 32 random bits.
 */
export const backOffFirstMs = 1_000;
export const backOffMaxMs = 30_000;

/** `failures` attempts in a row failed before this wait; 0 means at once. */
export function backOffMs(failures: number, entropy: number): number {
  if (failures <= 0) return 0;
  const wholeMs = Math.min(backOffMaxMs, backOffFirstMs * 2 ** Math.min(failures - 1, 10));
  const halfMs = Math.floor(wholeMs / 2);
  return wholeMs - halfMs + (entropy % (halfMs + 1));
}
