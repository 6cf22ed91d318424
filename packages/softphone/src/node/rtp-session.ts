/**
 * The sound of one call: a socket on the call's port that sends the phone's tone in PCMU each 20 ms
 * (RFC 3550, RFC 3551) and counts what comes.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import type { Media } from "../machine/phone-event.ts";
import { joinRtpClock } from "./rtp-clock.ts";
import {
  countPacket,
  countsOf,
  createRtpCounter,
  type RtpCounter,
  type RtpCounts,
  shareOf,
} from "./rtp-counter.ts";
import { packetSamples, tonePayloads } from "./tone.ts";

export interface RtpStatistics extends RtpCounts {
  readonly sentPackets: number;
  readonly isSending: boolean;
}

export class RtpSession {
  readonly #socket: Socket;
  readonly #counter: RtpCounter = createRtpCounter();
  readonly #payloads: readonly Buffer[];
  readonly #packet: Buffer = Buffer.alloc(12 + packetSamples);
  readonly #leaveClock: () => void;
  #media: Media;
  #sent = 0;
  #sequence: number;
  #timestamp = 0;
  #isOpen = true;

  constructor(
    host: string,
    media: Media,
    toneHertz: number,
    ssrc: number,
    onError: (error: Error) => void,
  ) {
    this.#media = media;
    this.#payloads = tonePayloads(toneHertz);
    this.#sequence = ssrc & 0xffff;
    this.#packet[0] = 0x80;
    this.#packet.writeUInt32BE(ssrc >>> 0, 8);
    this.#socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    this.#socket.on("message", (packet) => {
      countPacket(this.#counter, packet, performance.now());
    });
    this.#socket.on("error", onError);
    this.#socket.bind(media.localPort, host);
    this.#leaveClock = joinRtpClock(() => {
      this.#sendPacket();
    });
  }

  /** The other side moved, or wants to hear us no more. */
  update(media: Media): void {
    this.#media = media;
  }

  statistics(): RtpStatistics {
    return {
      ...countsOf(this.#counter),
      sentPackets: this.#sent,
      isSending: this.#media.isSending,
    };
  }

  /** How much of the last half second is this tone, 0 … 1. */
  toneShare(hertz: number): number {
    return shareOf(this.#counter, hertz);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#leaveClock();
    this.#socket.close();
  }

  /** Time goes on in silence, too: the other side sees a pause, not a loss (RFC 3550 §5.1). */
  #sendPacket(): void {
    this.#timestamp = (this.#timestamp + packetSamples) >>> 0;
    // The address is what the other side wrote: a name is not looked up.
    const { isSending, remoteHost, remotePort } = this.#media;
    if (!isSending || !this.#isOpen || isIP(remoteHost) === 0) return;
    const packet = this.#packet;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#timestamp, 4);
    packet.set(this.#payloads[this.#sent % this.#payloads.length] ?? Buffer.alloc(0), 12);
    this.#socket.send(Buffer.from(packet), remotePort, remoteHost); // it may wait: a copy
    this.#sent += 1;
  }
}
