import { randomBytes } from "node:crypto";
import { frameBytesMax } from "@tandem/cti";
import { WebSocket } from "ws";
import {
  closeReason,
  timerMsMax,
  type LinkPlatform,
  type LinkSocket,
  type SocketHandlers,
} from "../platform.ts";

/** Node: the library `ws`, and the process's own clock and timers. */
export const platform: LinkPlatform = {
  nowMs: () => Math.floor(performance.now()),
  wallMs: () => Date.now(),
  entropy: () => randomBytes(4).readUInt32LE(0),
  setTimer: (afterMs, fire) => {
    const timer = setTimeout(fire, Math.min(Math.max(0, afterMs), timerMsMax));
    return () => clearTimeout(timer);
  },
  openSocket,
};

function openSocket(url: string, subprotocol: string, handlers: SocketHandlers): LinkSocket {
  const socket = new WebSocket(url, [subprotocol], {
    perMessageDeflate: false,
    maxPayload: frameBytesMax,
  });
  let isOver = false;
  let failure = "";
  const end = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    handlers.closed(reason);
  };
  socket.on("open", () => {
    if (!isOver) handlers.opened();
  });
  socket.on("message", (data, isBinary) => {
    if (isOver || isBinary) return;
    handlers.received((data as Buffer).toString("utf8")); // ws's default binaryType gives a Buffer
  });
  socket.on("error", (error) => {
    failure = error.message;
  });
  socket.on("close", (code, reason) => end(failure || reason.toString("utf8") || `code ${code}`));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (reason) => {
      isOver = true;
      // A peer that does not answer would keep a closing handshake waiting: say it, and be gone.
      if (socket.readyState === WebSocket.OPEN) socket.close(1000, closeReason(reason));
      setTimeout(() => socket.terminate(), closeGraceMs).unref();
    },
  };
}

const closeGraceMs = 250;
