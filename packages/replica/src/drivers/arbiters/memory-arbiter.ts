import type { Arbiter } from "../../arbiter.ts";
import { decide, type ArbiterStore } from "../../arbiter-store.ts";

/**
 * The arbiter of one process: a store that several nodes of that process share. Closed it answers
 * `unknown`, as one that cannot be reached.
 */
export function openMemoryArbiter(store: ArbiterStore, clock: () => number): Arbiter {
  let isClosed = false;
  return {
    ask: (request) =>
      Promise.resolve(isClosed ? { kind: "unknown" } : decide(store, clock(), request)),
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}
