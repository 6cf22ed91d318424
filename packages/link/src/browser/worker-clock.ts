import { timerMsMax } from "../platform.ts";

/**
 * Timers in a dedicated worker (cti.md, ADDP): a hidden page's own run once a second, and chained
 * ones after five minutes once a minute; a worker's do not. Where a worker cannot be made (a
 * content security policy without `worker-src blob:`) the page's own timers serve, and ADDP's rule
 * about late deadlines carries the rest.
 */
export interface WorkerClock {
  readonly setTimer: (afterMs: number, fire: () => void) => () => void;
}

const workerText = `
const timers = new Map();
onmessage = ({ data: { id, afterMs } }) => {
  if (afterMs === null) {
    clearTimeout(timers.get(id));
    timers.delete(id);
    return;
  }
  timers.set(id, setTimeout(() => { timers.delete(id); postMessage(id); }, afterMs));
};`;

export function createWorkerClock(): WorkerClock {
  const pending = new Map<number, () => void>();
  const worker = startWorker((id) => {
    const fire = pending.get(id);
    pending.delete(id);
    fire?.();
  });
  let nextId = 1;
  return {
    setTimer: (afterMs, fire) => {
      const boundedMs = Math.min(Math.max(0, afterMs), timerMsMax);
      if (worker === undefined) {
        const timer = setTimeout(fire, boundedMs);
        return () => clearTimeout(timer);
      }
      const id = nextId;
      nextId += 1;
      pending.set(id, fire);
      worker.postMessage({ id, afterMs: boundedMs });
      return () => {
        if (pending.delete(id)) worker.postMessage({ id, afterMs: null });
      };
    },
  };
}

function startWorker(fired: (id: number) => void): Worker | undefined {
  try {
    const url = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
    const worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.addEventListener("message", (message: MessageEvent<number>) => fired(message.data));
    return worker;
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return undefined;
    throw error;
  }
}
