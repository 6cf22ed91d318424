import { leaseMs, type ArbiterAnswer, type ArbiterRequest } from "./arbiter.ts";
import type { Incarnation, View } from "./view.ts";

/**
 * What an arbiter of one process keeps, as a value, and how it decides: for the lab's supervisor,
 * tests and the simulator. etcd decides the same by its transactions.
 */
export interface ArbiterStore {
  view: View | null;
  /** Who holds the lease, and until when by the store's clock. */
  holder: Incarnation | null;
  heldUntilMs: number;
}

export function createArbiterStore(): ArbiterStore {
  return { view: null, holder: null, heldUntilMs: 0 };
}

export function decide(
  store: ArbiterStore,
  nowMs: number,
  request: ArbiterRequest,
): Exclude<ArbiterAnswer, { kind: "unknown" }> {
  const hasLease = store.holder !== null && nowMs < store.heldUntilMs;
  switch (request.kind) {
    case "read":
      return { kind: "read", view: store.view, hasLease };
    case "renew":
      if (!hasLease || store.holder !== request.primary) return { kind: "lapsed" };
      store.heldUntilMs = nowMs + leaseMs;
      return { kind: "renewed" };
    case "change": {
      const epoch = store.view?.epoch ?? 0;
      if (epoch !== request.expectedEpoch || (request.onlyWithoutLease && hasLease)) {
        return { kind: "notChanged", view: store.view, hasLease };
      }
      store.view = request.view;
      store.holder = request.view.primary;
      store.heldUntilMs = nowMs + leaseMs;
      return { kind: "changed" };
    }
  }
}
