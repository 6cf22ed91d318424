/**
 * A process's life: parts are added as they start, and end in the opposite order. SIGTERM and
 * SIGINT end it in order (exit code 0); what nobody caught is logged and ends it at once (exit code
 * 1), since a process in an unknown state must not go on taking calls.
 *
 *   running ──SIGTERM, SIGINT, supervisor gone──▶ stopping ──parts ended, or late──▶ exit 0
 *      └───────────────── uncaught error ─────────────────────────────────────────▶ exit 1
 */
import type { Logger } from "pino";

export interface Lifecycle {
  /** `stop` ends the part; it is called once. */
  readonly add: (part: string, stop: () => void | Promise<void>) => void;
  /** False from the first moment of stopping: for `/readyz`. */
  readonly isRunning: () => boolean;
  readonly stop: (reason: string) => Promise<void>;
  /** Logs and exits with 1. */
  readonly fail: (error: unknown) => void;
}

/** The part of `process` that is used; a test gives its own. */
export interface ProcessFace {
  readonly on: (event: string, listener: (argument: unknown) => void) => unknown;
  readonly exit: (code: number) => void;
}

export interface LifecycleOptions {
  readonly log: Logger;
  readonly process?: ProcessFace;
  /** Parts that have not ended after this are left behind. */
  readonly patienceMs?: number;
  /** Set where a supervisor holds the other end: its end is ours (a lab that was killed). */
  readonly supervisor?: NodeJS.ReadableStream;
}

const patiencePresetMs = 4_000;

export function startLifecycle(options: LifecycleOptions): Lifecycle {
  const { log, patienceMs = patiencePresetMs } = options;
  const face: ProcessFace = options.process ?? process;
  const parts: { readonly part: string; readonly stop: () => void | Promise<void> }[] = [];
  let stopping: Promise<void> | undefined;

  const endParts = async (): Promise<void> => {
    for (const { part, stop } of parts.toReversed()) {
      try {
        await stop();
      } catch (error) {
        log.error({ err: error, part }, "a part did not end cleanly");
      }
    }
  };
  const stop = (reason: string): Promise<void> => {
    stopping ??= (async () => {
      log.info({ reason }, "stopping");
      const patience = new Promise<"late">((resolve) => {
        setTimeout(() => resolve("late"), patienceMs).unref();
      });
      const outcome = await Promise.race([endParts(), patience]);
      if (outcome === "late") log.warn({ patienceMs }, "some parts did not end in time");
      face.exit(0);
    })();
    return stopping;
  };
  const fail = (error: unknown): void => {
    log.fatal({ err: error }, "uncaught: the process ends");
    face.exit(1);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) face.on(signal, () => void stop(signal));
  face.on("uncaughtException", fail);
  face.on("unhandledRejection", fail);
  options.supervisor?.resume().once("close", () => void stop("the supervisor is gone"));
  return {
    add: (part, stopPart) => parts.push({ part, stop: stopPart }),
    isRunning: () => stopping === undefined,
    stop,
    fail,
  };
}
