import type { Socket } from "node:net";
import { createStream, pushStream } from "@tandem/sip";
import type { Carrier } from "./connections.ts";

/**
 * SIP over a stream, TCP or TLS: messages end where Content-Length says (RFC 3261 §18.3), CRLF CRLF
 * is answered with CRLF (RFC 5626 §4.4.1), and whoever does not end what he began is closed.
 */
export interface StreamCarrierOptions {
  readonly receive: (text: string) => void;
  /** From the first byte of a message to its last. */
  readonly messageTimeoutMs: number;
  readonly onSlow: () => void;
}

/** A far end that vanished without a word is noticed in the end. */
const keepAliveProbeMs = 60_000;

export function carryStream(socket: Socket, options: StreamCarrierOptions): Carrier {
  const stream = createStream();
  let slow: NodeJS.Timeout | null = null;
  const stopWaiting = (): void => {
    if (slow !== null) clearTimeout(slow);
    slow = null;
  };
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveProbeMs);
  socket.on("data", (bytes: Buffer) => {
    if (socket.destroyed) return;
    const pushed = pushStream(stream, bytes.toString("latin1"));
    if (pushed.keepAlives > 0) socket.write("\r\n");
    for (const text of pushed.messages) options.receive(text);
    if (pushed.failure !== undefined) {
      if (pushed.failedHead !== undefined) options.receive(pushed.failedHead);
      stopWaiting();
      socket.end(() => socket.destroy()); // after the 400, if it is worth one
      return;
    }
    // One deadline a message, however often a byte of it comes.
    if (stream.pending === "" || pushed.messages.length > 0) stopWaiting();
    if (stream.pending === "" || slow !== null) return;
    slow = setTimeout(() => {
      options.onSlow();
      socket.destroy();
    }, options.messageTimeoutMs);
  });
  socket.on("error", () => socket.destroy());
  socket.once("close", stopWaiting);
  return {
    write: (text) => void socket.write(text, "latin1"),
    unsentBytes: () => socket.writableLength,
    destroy: () => socket.destroy(),
  };
}
