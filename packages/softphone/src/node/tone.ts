/**
 * Tones in PCMU (ITU-T G.711): making one, and measuring how much of what was heard is one
 * (Goertzel). With a tone of its own for each phone it can be told who hears whom.
 */

const sampleRate = 8_000;
/** 20 ms. */
export const packetSamples = 160;
/** Packets after which a tone of a whole number of hertz repeats. */
const packetsPerSecond = sampleRate / packetSamples;
const amplitude = 12_000;

const cache = new Map<number, readonly Buffer[]>();
const tonesMax = 4_096;

/** One second of a tone as 50 payloads. `hertz` is a whole number up to 3,400. */
export function tonePayloads(hertz: number): readonly Buffer[] {
  const known = cache.get(hertz);
  if (known !== undefined) return known;
  const payloads: Buffer[] = [];
  for (let packet = 0; packet < packetsPerSecond; packet += 1) {
    const payload = Buffer.alloc(packetSamples);
    for (let index = 0; index < packetSamples; index += 1) {
      const phase = (2 * Math.PI * hertz * (packet * packetSamples + index)) / sampleRate;
      payload[index] = encodeMuLaw(Math.round(amplitude * Math.sin(phase)));
    }
    payloads.push(payload);
  }
  if (cache.size < tonesMax) cache.set(hertz, payloads);
  return payloads;
}

/**
 * The share of the energy in `payloads` that is at `hertz`: near 1 for that tone, near 0 for
 * others.
 */
export function toneShare(payloads: readonly Uint8Array[], hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
  let previous = 0;
  let beforePrevious = 0;
  let energy = 0;
  let samples = 0;
  for (const payload of payloads) {
    for (const code of payload) {
      const sample = decodeMuLaw(code);
      const current = sample + coefficient * previous - beforePrevious;
      beforePrevious = previous;
      previous = current;
      energy += sample * sample;
      samples += 1;
    }
  }
  if (energy === 0) return 0;
  const power =
    previous * previous + beforePrevious * beforePrevious - coefficient * previous * beforePrevious;
  return power / ((energy * samples) / 2);
}

/** G.711 §4 (µ-law), 14 bit scaled to 16. */
export function encodeMuLaw(sample: number): number {
  const bias = 132;
  const magnitude = Math.min(Math.abs(sample), 32_635) + bias;
  const sign = sample < 0 ? 0x80 : 0;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

export function decodeMuLaw(code: number): number {
  const inverted = ~code & 0xff;
  const exponent = (inverted >> 4) & 0x07;
  const magnitude = ((((inverted & 0x0f) << 3) + 132) << exponent) - 132;
  return (inverted & 0x80) === 0 ? magnitude : -magnitude;
}
