import type { LogTimeMs } from "@tandem/kernel";
import { ownText } from "@tandem/sip";
import type { Authenticated, FlowTarget } from "../input.ts";

/**
 * A DN that a phone has registered, as long as it has: several bindings, each with its expiry
 * (RFC 3261 §10.3). Texts are own copies: a registered DN costs little and keeps no message alive.
 */
export interface Dn {
  readonly number: string;
  /** Newest last; each Contact URI once. */
  readonly bindings: Binding[];
  /** In service: registered, and answering the out-of-service check. */
  inService: boolean;
  /** Unanswered out-of-service checks in a row. */
  checkFailures: number;
  /** The highest nonce count seen with the nonce last used. */
  nonce: string;
  nonceCount: number;
}

export interface Binding {
  /** The Contact URI exactly as the phone gave it. */
  readonly contact: string;
  /** Where requests to it go: back over the flow it came over, else to the source address. */
  readonly target: FlowTarget;
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: LogTimeMs;
}

/** A nonce count that is not above the last seen with that nonce is a replay (RFC 7616 §3.4). */
export function acceptNonce(dn: Dn, authenticated: Authenticated): boolean {
  if (authenticated.isStale) return false;
  const isSeen = dn.nonce === authenticated.nonce;
  if (isSeen && authenticated.nonceCount <= dn.nonceCount) return false;
  dn.nonce = ownText(authenticated.nonce);
  dn.nonceCount = authenticated.nonceCount;
  return true;
}
