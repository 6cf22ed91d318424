import type { Incarnation, View } from "./view.ts";

/**
 * The arbiter of a pair (`SPEC.md`, View and Lease): one key that is changed by compare-and-set
 * only, and one lease. Requests and answers are values, so that the node stays sans-IO; a driver
 * carries them. Each request is answered exactly once, `unknown` where the outcome cannot be told.
 */
export type ArbiterRequest =
  /** What stands there. */
  | { readonly kind: "read" }
  /**
   * Sets the view if its epoch is still `expectedEpoch` (0: there is none), and in the same
   * transaction takes the lease for the view's primary. With `onlyWithoutLease` only while nobody
   * holds the lease (H6).
   */
  | {
      readonly kind: "change";
      readonly expectedEpoch: number;
      readonly view: View;
      readonly onlyWithoutLease: boolean;
    }
  /** Renews the lease of this primary, if it still holds it. */
  | { readonly kind: "renew"; readonly primary: Incarnation };

export type ArbiterAnswer =
  | { readonly kind: "read"; readonly view: View | null; readonly hasLease: boolean }
  | { readonly kind: "changed" }
  /** Nothing was changed: the epoch is another, or somebody holds the lease. */
  | { readonly kind: "notChanged"; readonly view: View | null; readonly hasLease: boolean }
  | { readonly kind: "renewed" }
  /** It had lapsed, or is another's. */
  | { readonly kind: "lapsed" }
  /** No answer, or one that tells neither success nor failure (H12). */
  | { readonly kind: "unknown" };

/** How long a lease lives without being renewed. */
export const leaseMs = 3_000;

/** A driver of an arbiter; never rejects. */
export interface Arbiter {
  readonly ask: (request: ArbiterRequest) => Promise<ArbiterAnswer>;
  readonly close: () => Promise<void>;
}
