import { Socket } from "node:net";

/**
 * The heartbeat of a process to its keeper: a line each 100 ms, `beat`, or `beat alone` while it
 * runs alone and nobody can replace it. It comes from the event loop, so that a process that loops
 * is as silent as one that is stopped.
 */
export const heartbeatFd = 3;
/** Set by the keeper for the process: the descriptor to write to. */
export const heartbeatVariable = "TANDEM_HEARTBEAT_FD";

const beatMs = 100;
const lineBytesMax = 64;

export interface Heartbeat {
  readonly stop: () => void;
}

export interface HeartbeatOptions {
  readonly fd: number;
  readonly isAlone: () => boolean;
  /** The keeper has gone, or there never was one. */
  readonly onLost?: (error: Error) => void;
}

/** Begins to beat at once. A keeper that does not read costs nothing: beats are left out. */
export function startHeartbeat({ fd, isAlone, onLost }: HeartbeatOptions): Heartbeat {
  const pipe = new Socket({ fd, readable: false, writable: true });
  const beat = (): void => {
    if (!pipe.writableNeedDrain) pipe.write(isAlone() ? "beat alone\n" : "beat\n");
  };
  const timer = setInterval(beat, beatMs);
  timer.unref();
  pipe.unref();
  pipe.on("error", (error) => {
    clearInterval(timer);
    pipe.destroy();
    onLost?.(error);
  });
  beat();
  return {
    stop() {
      clearInterval(timer);
      pipe.destroy();
    },
  };
}

/** Of this process's keeper, by its environment; null without one. */
export function keepersFd(environment: NodeJS.ProcessEnv = process.env): number | null {
  return environment[heartbeatVariable] === String(heartbeatFd) ? heartbeatFd : null;
}

/** A reader of the pipe's bytes; what is no beat is passed over. */
export function readBeats(onBeat: (isAlone: boolean) => void): (bytes: Buffer) => void {
  let rest = "";
  return (bytes) => {
    const lines = (rest + bytes.toString("latin1")).split("\n");
    rest = (lines.pop() ?? "").slice(-lineBytesMax);
    for (const line of lines) {
      if (line === "beat") onBeat(false);
      else if (line === "beat alone") onBeat(true);
    }
  };
}
