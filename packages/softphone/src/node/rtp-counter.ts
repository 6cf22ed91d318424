/**
 * What was received of one RTP stream (RFC 3550 §6.4.1, appendix A): packets, losses by sequence
 * number, the longest silence, and the last half second of sound. A new SSRC is a new stream of the
 * same call (another sender after a takeover); its counts add up.
 */
import { toneShare } from "./tone.ts";

export interface RtpCounts {
  readonly receivedPackets: number;
  /** By sequence number. */
  readonly lostPackets: number;
  /** The longest run of missing sequence numbers. */
  readonly missingRunMax: number;
  /** The longest time between two packets, milliseconds; 0 with less than two. */
  readonly maxGapMs: number;
  /** Host time of the last packet, or null. */
  readonly lastAtMs: number | null;
  readonly streams: number;
}

export interface RtpCounter {
  received: number;
  lost: number;
  missingRunMax: number;
  maxGapMs: number;
  lastAtMs: number | null;
  streams: number;
  ssrc: number | null;
  sequence: number;
  readonly heard: Uint8Array[];
}

const heardMax = 25;
const headerBytes = 12;
/** A step in the sequence beyond this is a sender that began anew (RFC 3550 A.1, MAX_DROPOUT). */
const dropoutMax = 3_000;

export function createRtpCounter(): RtpCounter {
  return {
    received: 0,
    lost: 0,
    missingRunMax: 0,
    maxGapMs: 0,
    lastAtMs: null,
    streams: 0,
    ssrc: null,
    sequence: 0,
    heard: [],
  };
}

/** Counts a datagram; what is no RTP packet with sound in it is ignored. */
export function countPacket(counter: RtpCounter, packet: Buffer, atMs: number): void {
  if (packet.length <= headerBytes || (packet[0] ?? 0) >> 6 !== 2) return;
  const sequence = packet.readUInt16BE(2);
  const ssrc = packet.readUInt32BE(8);
  if (counter.ssrc === ssrc) countSequence(counter, sequence);
  else {
    counter.ssrc = ssrc;
    counter.sequence = sequence;
    counter.streams += 1;
  }
  counter.received += 1;
  if (counter.lastAtMs !== null)
    counter.maxGapMs = Math.max(counter.maxGapMs, atMs - counter.lastAtMs);
  counter.lastAtMs = atMs;
  counter.heard.push(packet.subarray(headerBytes));
  if (counter.heard.length > heardMax) counter.heard.shift();
}

export function countsOf(counter: RtpCounter): RtpCounts {
  return {
    receivedPackets: counter.received,
    lostPackets: counter.lost,
    missingRunMax: counter.missingRunMax,
    maxGapMs: counter.maxGapMs,
    lastAtMs: counter.lastAtMs,
    streams: counter.streams,
  };
}

/** How much of the last half second is one tone, 0 … 1. */
export function shareOf(counter: RtpCounter, hertz: number): number {
  return toneShare(counter.heard, hertz);
}

function countSequence(counter: RtpCounter, sequence: number): void {
  const step = (sequence - counter.sequence) & 0xffff;
  if (step === 0) return; // the same one again
  if (step < dropoutMax) {
    counter.lost += step - 1;
    counter.missingRunMax = Math.max(counter.missingRunMax, step - 1);
    counter.sequence = sequence;
  } else if (step > 0x10000 - dropoutMax) {
    counter.lost = Math.max(0, counter.lost - 1); // late, and counted as lost
  } else {
    counter.sequence = sequence;
  }
}
