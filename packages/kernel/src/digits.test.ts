import { describe, expect, it } from "vitest";
import { base36Of, hexOfUint32, int32OfHex } from "./digits.ts";

const words = [0, 1, 15, 16, 255, 256, 65_535, 0x1234_abcd, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

describe("numbers as text", () => {
  it.each(words)("%d has the digits that Number.toString gives", (word) => {
    expect(hexOfUint32(word)).toBe(word.toString(16).padStart(8, "0"));
    expect(hexOfUint32(word | 0)).toBe(word.toString(16).padStart(8, "0"));
    expect(base36Of(word)).toBe(word.toString(36));
  });

  it.each(words)("%d is read from either case, anywhere in a text", (word) => {
    const text = word.toString(16).padStart(8, "0");
    expect(int32OfHex(text, 0)).toBe(word | 0);
    expect(int32OfHex(`zz${text.toUpperCase()}zz`, 2)).toBe(word | 0);
  });

  it.each([35, 36, 1_295, 1_296, Number.MAX_SAFE_INTEGER])("%d in base 36", (value) => {
    expect(base36Of(value)).toBe(value.toString(36));
  });
});
