import {
  closeReason,
  type LinkPlatform,
  type LinkSocket,
  type SocketHandlers,
} from "../platform.ts";
import { createWorkerClock, type WorkerClock } from "./worker-clock.ts";

/**
 * Browsers: the page's WebSocket, and a clock in a worker that a hidden page does not slow down.
 */
export const platform: LinkPlatform = {
  nowMs: () => Math.floor(performance.now()),
  wallMs: () => Date.now(),
  entropy: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  setTimer: (afterMs, fire) => clock().setTimer(afterMs, fire),
  openSocket,
};

let shared: WorkerClock | undefined;

function clock(): WorkerClock {
  shared ??= createWorkerClock();
  return shared;
}

function openSocket(url: string, subprotocol: string, handlers: SocketHandlers): LinkSocket {
  const socket = new WebSocket(url, [subprotocol]);
  let isOver = false;
  socket.addEventListener("open", () => {
    if (!isOver) handlers.opened();
  });
  socket.addEventListener("message", (message: MessageEvent<unknown>) => {
    if (!isOver && typeof message.data === "string") handlers.received(message.data);
  });
  socket.addEventListener("close", (event) => {
    if (isOver) return;
    isOver = true;
    handlers.closed(event.reason || `code ${event.code}`);
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (reason) => {
      isOver = true;
      socket.close(1000, closeReason(reason));
    },
  };
}
