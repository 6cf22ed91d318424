import { hexOfUint32, int32OfHex } from "./digits.ts";

/**
 * A seeded generator (sfc32: 128 bits of state, passes PractRand), as plain data, so that a state
 * that holds one can be hashed and copied. For simulators and for what a machine draws from the
 * entropy of its frame; not for secrets.
 */
export interface Random {
  a: number;
  b: number;
  c: number;
  counter: number;
}

/** A generator from a 32-bit seed. */
export function createRandom(seed: number): Random {
  return warm({ a: seed | 0, b: (seed ^ 0x9e3779b9) | 0, c: 0x243f6a88 | 0, counter: 1 });
}

/** A generator from 32 hexadecimal digits: the 16 bytes of entropy that come with a frame. */
export function randomFromEntropy(entropy: string): Random {
  const word = (index: number): number => int32OfHex(entropy, index * 8);
  return warm({ a: word(0), b: word(1), c: word(2), counter: word(3) | 1 });
}

function warm(random: Random): Random {
  for (let round = 0; round < 12; round += 1) nextUint32(random);
  return random;
}

/** Uniform over 0 … 2³²−1. */
export function nextUint32(random: Random): number {
  const sum = (((random.a + random.b) | 0) + random.counter) | 0;
  random.counter = (random.counter + 1) | 0;
  random.a = random.b ^ (random.b >>> 9);
  random.b = (random.c + (random.c << 3)) | 0;
  random.c = (((random.c << 21) | (random.c >>> 11)) + sum) | 0;
  return sum >>> 0;
}

/** Uniform over [min, max], both included; both are integers less than 2³² apart. */
export function nextInt(random: Random, min: number, max: number): number {
  return min + (nextUint32(random) % (max - min + 1));
}

/** True with the probability perMille / 1000. */
export function chance(random: Random, perMille: number): boolean {
  return nextUint32(random) % 1000 < perMille;
}

/** One element of a list that is not empty. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[nextUint32(random) % items.length] as Item; // the index is within bounds
}

/** `digits` (at most 32) lower-case hexadecimal digits. */
export function nextHex(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) text += hexOfUint32(nextUint32(random));
  return text.length === digits ? text : text.slice(0, digits);
}
