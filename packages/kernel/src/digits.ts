/**
 * Numbers as text and back. `Number.toString(radix)` divides floating-point numbers digit by digit,
 * about 300 ns; these are made for each message.
 */

/** Of a byte, two lower-case hexadecimal digits. */
const pairs: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Eight lower-case hexadecimal digits of an integer of 32 bits, with a sign or without. */
export function hexOfUint32(word: number): string {
  const [first, second] = [word >>> 24, (word >>> 16) & 255];
  const [third, fourth] = [(word >>> 8) & 255, word & 255];
  return `${pairOf(first)}${pairOf(second)}${pairOf(third)}${pairOf(fourth)}`;
}

function pairOf(byte: number): string {
  return pairs[byte] as string; // a byte, and there are 256 pairs
}

/** The integer, with a sign, of the eight hexadecimal digits at `start`; other text gives any. */
export function int32OfHex(text: string, start: number): number {
  let word = 0;
  for (let index = start; index < start + 8; index += 1) {
    const code = text.charCodeAt(index);
    word = (word << 4) | ((code & 15) + (code > 57 ? 9 : 0)); // a to f follow 96, A to F 64
  }
  return word;
}

/** Digits 0 to z of an integer of 0 or more. */
export function base36Of(value: number): string {
  if (value > 0x7fff_ffff) return value.toString(36);
  let text = digits.charAt(value % radix);
  let rest = (value / radix) | 0;
  while (rest > 0) {
    text = digits.charAt(rest % radix) + text;
    rest = (rest / radix) | 0;
  }
  return text;
}

const radix = 36;
const digits = "0123456789abcdefghijklmnopqrstuvwxyz";
