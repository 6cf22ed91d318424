import { expect, test } from "vitest";
import { countPacket, countsOf, createRtpCounter, type RtpCounts, shareOf } from "./rtp-counter.ts";
import { tonePayloads } from "./tone.ts";

function packet(sequence: number, ssrc = 1, payload: Uint8Array = Buffer.alloc(160)): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head.writeUInt16BE(sequence, 2);
  head.writeUInt32BE(ssrc, 8);
  return Buffer.concat([head, payload]);
}

function count(
  packets: readonly (readonly [sequence: number, atMs: number, ssrc?: number])[],
): RtpCounts {
  const counter = createRtpCounter();
  for (const [sequence, atMs, ssrc] of packets) countPacket(counter, packet(sequence, ssrc), atMs);
  return countsOf(counter);
}

test.each([
  [
    "all",
    [
      [1, 0],
      [2, 20],
      [3, 41],
    ],
    { receivedPackets: 3, lostPackets: 0, missingRunMax: 0, maxGapMs: 21 },
  ],
  [
    "RFC3550-A.1 over the end of the numbers",
    [
      [65_535, 0],
      [0, 20],
    ],
    { lostPackets: 0 },
  ],
  [
    "a gap",
    [
      [1, 0],
      [5, 80],
      [7, 120],
    ],
    { lostPackets: 4, missingRunMax: 3, maxGapMs: 80 },
  ],
  [
    "out of order",
    [
      [1, 0],
      [3, 20],
      [2, 21],
    ],
    { lostPackets: 0, receivedPackets: 3 },
  ],
  [
    "twice",
    [
      [1, 0],
      [1, 1],
      [2, 20],
    ],
    { lostPackets: 0, receivedPackets: 3 },
  ],
  [
    "a new sender",
    [
      [1, 0, 1],
      [900, 20, 2],
      [901, 40, 2],
    ],
    { lostPackets: 0, streams: 2 },
  ],
  [
    "RFC3550-A.1 a sender that began anew",
    [
      [1, 0],
      [30_000, 20],
    ],
    { lostPackets: 0 },
  ],
  ["none", [], { receivedPackets: 0, lastAtMs: null }],
] as const)("%s", (_what, packets, expected) => {
  expect(count(packets)).toMatchObject(expected);
});

test("what is no RTP is not counted", () => {
  const counter = createRtpCounter();
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(12, 0x80), Buffer.alloc(40)]) {
    countPacket(counter, bytes, 0);
  }
  expect(countsOf(counter).receivedPackets).toBe(0);
});

test("the last half second is kept to be listened to", () => {
  const counter = createRtpCounter();
  const say = (hertz: number, from: number): void => {
    tonePayloads(hertz).forEach((payload, index) => {
      countPacket(counter, packet(from + index, 1, payload), index * 20);
    });
  };
  say(440, 0);
  say(1_000, 50);
  expect(shareOf(counter, 1_000)).toBeGreaterThan(0.9);
  expect(shareOf(counter, 440)).toBeLessThan(0.01);
});
