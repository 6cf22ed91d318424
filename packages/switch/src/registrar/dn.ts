import type { ForwardMode } from "@tandem/cti";
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
  /** When the expiry of its bindings is looked at next; null while there are none. */
  expiryAt: LogTimeMs | null;
  /** In service: registered, and answering the out-of-service check. */
  inService: boolean;
  /** Unanswered out-of-service checks in a row. */
  checkFailures: number;
  /** The highest nonce count seen with the nonce last used. */
  nonce: string;
  nonceCount: number;
  /** Calls for it are refused. Asked for by a desktop; outlives login and registration. */
  doNotDisturb: boolean;
  /** Where its calls go instead; at most one of each mode. */
  readonly forwards: Forward[];
}

export interface Forward {
  readonly mode: ForwardMode;
  readonly otherDN: string;
}

export interface Binding {
  /** The Contact URI exactly as the phone gave it. */
  readonly contact: string;
  /** Where requests to it go: back over the flow it came over, else to the source address. */
  readonly target: FlowTarget;
  /** Preference among the DN's bindings, 0 to 1 (RFC 3261 §10.2.1.2). */
  readonly q: number;
  /** Route to the phone, from Path (RFC 3327). */
  readonly path: readonly string[];
  /** `+sip.instance` and `reg-id`: the same phone by the same of its flows (RFC 5626); or empty. */
  readonly instance: string;
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
