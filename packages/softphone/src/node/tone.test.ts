import { expect, test } from "vitest";
import { decodeMuLaw, encodeMuLaw, packetSamples, tonePayloads, toneShare } from "./tone.ts";

test("G.711 every code survives decoding and encoding", () => {
  for (let code = 0; code < 256; code += 1) {
    // 0x7f and 0xff are the two zeros; one of them is written.
    expect(encodeMuLaw(decodeMuLaw(code))).toBe(code === 0x7f ? 0xff : code);
  }
});

test.each([
  [0, 0xff],
  [1_000, 0xce],
  [-1_000, 0x4e],
  [32_767, 0x80],
  [-32_768, 0x00],
])("G.711 %i is %i", (sample, code) => {
  expect(encodeMuLaw(sample)).toBe(code);
});

test("a tone is heard as itself and as no other, over any half second", () => {
  const heard = tonePayloads(440).slice(13, 38);
  expect(heard.every((payload) => payload.length === packetSamples)).toBe(true);
  expect(toneShare(heard, 440)).toBeGreaterThan(0.98);
  for (const other of [400, 480, 880, 1_000]) expect(toneShare(heard, other)).toBeLessThan(0.01);
});

test("two tones share the energy, silence and nothing have none", () => {
  const mixed = tonePayloads(440)
    .slice(0, 25)
    .map((payload, index) =>
      payload.map((code, at) =>
        encodeMuLaw(
          (decodeMuLaw(code) + decodeMuLaw(tonePayloads(1_000)[index]?.[at] ?? 0xff)) / 2,
        ),
      ),
    );
  expect(toneShare(mixed, 440)).toBeCloseTo(0.5, 1);
  expect(toneShare([new Uint8Array(160).fill(0xff)], 440)).toBe(0);
  expect(toneShare([], 440)).toBe(0);
});
