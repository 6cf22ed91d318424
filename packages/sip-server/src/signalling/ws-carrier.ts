import { isUtf8 } from "node:buffer";
import { parseMessage } from "@tandem/sip";
import type { WebSocket } from "ws";
import type { Carrier } from "./connections.ts";

/** SIP over a WebSocket (RFC 7118): one message a frame, text or binary. */
export interface WsCarrierOptions {
  readonly receive: (text: string) => void;
  /** What came was not exactly one message. */
  readonly onForeign: () => void;
}

/** 1003: a kind of data that this endpoint does not take (RFC 6455 §7.4.1). */
const unacceptable = 1_003;
const pingsPerSecondMax = 20;

export function carryWebSocket(socket: WebSocket, options: WsCarrierOptions): Carrier {
  let second = 0;
  let pings = 0;
  socket.on("message", (bytes: Buffer) => {
    const text = bytes.toString("latin1");
    if (isKeepAlive(text)) return socket.send("\r\n"); // RFC 5626 §4.4.1
    if (!isOneMessage(text)) {
      options.onForeign();
      return socket.close(unacceptable, "one SIP message a frame");
    }
    options.receive(text);
  });
  socket.on("ping", (bytes: Buffer) => {
    const now = Math.floor(performance.now() / 1_000);
    pings = now === second ? pings + 1 : 1;
    second = now;
    if (pings > pingsPerSecondMax) socket.terminate();
    else socket.pong(bytes);
  });
  socket.on("error", () => socket.terminate());
  return {
    write(text) {
      const bytes = Buffer.from(text, "latin1");
      socket.send(bytes, { binary: !isUtf8(bytes) });
    },
    unsentBytes: () => socket.bufferedAmount,
    destroy: () => socket.terminate(),
  };
}

function isKeepAlive(text: string): boolean {
  return text === "\r\n\r\n";
}

/**
 * A frame that holds more than the message its Content-Length frames could be read as two by
 * somebody behind us. What is no message at all is the screen's to judge.
 */
function isOneMessage(text: string): boolean {
  const parsed = parseMessage(text);
  if (!parsed.ok) return true;
  const headEnd = text.indexOf("\r\n\r\n", text.search(/[^\r\n]/));
  return headEnd + 4 + parsed.value.body.length === text.length;
}
