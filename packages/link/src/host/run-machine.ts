import type { ConnectionEffect } from "../connection/connection.ts";
import type { LinkPlatform, LinkSocket } from "../platform.ts";

/**
 * Drives a machine of this package: feeds it what its sockets and its one timer say, performs what
 * it says to the sockets, and hands every other effect to `report`. Events that arrive from within
 * a report wait until the step is through.
 */
export interface MachineRunner<Event> {
  readonly step: (event: Event) => void;
  /** Closes all sockets and the timer. */
  readonly end: () => void;
}

export interface Machine<Event, Report> {
  readonly step: (event: Event | SocketEvent) => readonly (ConnectionEffect | Report)[];
  readonly deadline: () => number | undefined;
}

export type SocketEvent =
  | { readonly kind: "socketOpened"; readonly id: string }
  | { readonly kind: "socketClosed"; readonly id: string; readonly reason: string }
  | { readonly kind: "frame"; readonly id: string; readonly text: string }
  | { readonly kind: "clock" };

export function runMachine<Event extends { kind: string }, Report extends { kind: string }>(
  machine: Machine<Event, Report>,
  platform: LinkPlatform,
  subprotocol: string,
  report: (report: Report) => void,
): MachineRunner<Event> {
  const sockets = new Map<string, LinkSocket>();
  const waiting: (Event | SocketEvent)[] = [];
  let isStepping = false;
  let isOver = false;
  let cancelTimer: (() => void) | undefined;

  const step = (event: Event | SocketEvent): void => {
    waiting.push(event);
    if (isStepping) return;
    isStepping = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        for (const effect of machine.step(next)) perform(effect);
      }
    } finally {
      isStepping = false;
    }
    armTimer();
  };

  const perform = (effect: ConnectionEffect | Report): void => {
    if (!isConnectionEffect(effect)) {
      report(effect);
      return;
    }
    switch (effect.kind) {
      case "open":
        openSocket(effect.id, effect.url);
        return;
      case "close":
        sockets.get(effect.id)?.close(effect.reason);
        sockets.delete(effect.id);
        return;
      case "transmit":
        sockets.get(effect.id)?.send(effect.text);
        return;
    }
  };

  const openSocket = (id: string, url: string): void => {
    const closed = (reason: string): void => {
      sockets.delete(id);
      step({ kind: "socketClosed", id, reason });
    };
    try {
      const socket = platform.openSocket(url, subprotocol, {
        opened: () => step({ kind: "socketOpened", id }),
        received: (text) => step({ kind: "frame", id, text }),
        closed,
      });
      sockets.set(id, socket);
    } catch (error) {
      // An address that is none, or that this page may not use: as if nobody listened there.
      closed(String(error));
    }
  };

  const armTimer = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    const deadline = machine.deadline();
    if (isOver || deadline === undefined) return;
    cancelTimer = platform.setTimer(deadline - platform.nowMs(), () => step({ kind: "clock" }));
  };

  return {
    step,
    end: () => {
      isOver = true;
      cancelTimer?.();
      for (const socket of sockets.values()) socket.close("the client stopped");
      sockets.clear();
    },
  };
}

function isConnectionEffect(effect: { readonly kind: string }): effect is ConnectionEffect {
  return effect.kind === "open" || effect.kind === "close" || effect.kind === "transmit";
}
