import type { Socket } from "node:net";

/**
 * TLS handshakes a second (architecture.md, Edges: 0.9 ms of CPU each). Connections are accepted
 * paused and wait here for their turn; a storm of them cannot keep the calls from the processor.
 */
export interface HandshakeBudget {
  readonly enter: (socket: Socket, begin: () => void) => void;
  readonly waiting: () => number;
  /** All that ever had to wait. */
  readonly delayed: () => number;
  /** Turned away because too many waited. */
  readonly refused: () => number;
  readonly close: () => void;
}

export const handshakesPerSecond = 300;
const waitingMax = 1_000;
const turnMs = 50;

export function createHandshakeBudget(perSecond: number = handshakesPerSecond): HandshakeBudget {
  const perTurn = Math.max(1, Math.floor((perSecond * turnMs) / 1_000));
  const queue = new Set<{ readonly socket: Socket; readonly begin: () => void }>();
  let left = perTurn;
  let refused = 0;
  let delayed = 0;
  let timer: NodeJS.Timeout | null = null;

  function turn(): void {
    left = perTurn;
    for (const waiter of queue) {
      if (left === 0) break;
      queue.delete(waiter);
      if (waiter.socket.destroyed) continue;
      left -= 1;
      waiter.begin();
    }
    timer = queue.size > 0 || left < perTurn ? setTimeout(turn, turnMs) : null;
  }

  return {
    enter(socket, begin) {
      if (left > 0 && queue.size === 0) {
        left -= 1;
        timer ??= setTimeout(turn, turnMs);
        begin();
        return;
      }
      if (queue.size >= waitingMax) {
        refused += 1;
        socket.destroy();
        return;
      }
      const waiter = { socket, begin };
      queue.add(waiter);
      delayed += 1;
      socket.once("close", () => queue.delete(waiter));
      timer ??= setTimeout(turn, turnMs);
    },
    waiting: () => queue.size,
    delayed: () => delayed,
    refused: () => refused,
    close() {
      if (timer !== null) clearTimeout(timer);
      for (const { socket } of queue) socket.destroy();
      queue.clear();
    },
  };
}
