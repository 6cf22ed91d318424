import { writeSync } from "node:fs";

/**
 * Where log lines go: standard output, at once, so that the last line before a death is there. A
 * reader that is gone, or does not read, is no reason to stand still or to stay alive (the logger's
 * own destination tries for ever): lines for nobody are dropped, and lines for a slow reader wait
 * up to a limit, then are dropped and counted.
 */
export interface LogDestination {
  readonly write: (line: string) => void;
}

/** As `fs.writeSync`: bytes written, or an error with a code. */
export type WriteBytes = (bytes: Uint8Array) => number;

export const waitingBytesMax = 1_048_576;

export function createLogDestination(
  write: WriteBytes = (bytes) => writeSync(1, bytes),
): LogDestination {
  let waiting: Uint8Array = Buffer.alloc(0);
  let dropped = 0;
  let isGone = false;

  /** What is left when the reader takes no more. */
  function writeAll(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(write(rest));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException; // what a write throws
        if (code === "EINTR") continue;
        if (code === "EAGAIN") return rest;
        isGone = true;
        return Buffer.alloc(0);
      }
    }
    return rest;
  }

  return {
    write(line) {
      if (isGone) return;
      waiting = writeAll(waiting);
      if (isGone) return;
      const bytes = Buffer.from(line, "utf8");
      if (waiting.length + bytes.length > waitingBytesMax) {
        dropped += 1;
        return;
      }
      const told = dropped === 0 ? "" : `{"level":"warn","msg":"${dropped} lines were dropped"}\n`;
      dropped = 0;
      const next = Buffer.concat([waiting, Buffer.from(told, "utf8"), bytes]);
      waiting = waiting.length > 0 ? next : writeAll(next);
    },
  };
}
