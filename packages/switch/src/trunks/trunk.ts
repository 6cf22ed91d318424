import type { LogTimeMs } from "@tandem/kernel";
import type { Located } from "../input.ts";
import type { TrunkConfig } from "../config.ts";
import type { Turn } from "../turn.ts";

/**
 * What is known of a trunk beside its configuration: where its name leads to now, which of those
 * places answer, who is calling over it, and its registration at a carrier.
 */
export interface Trunk {
  readonly name: string;
  /** Addresses of its name, as the name service gave them last; kept when it no longer answers. */
  located: readonly Located[];
  isAsking: boolean;
  /** Places that do not answer OPTIONS: how often in a row. By `host:port`. */
  readonly failures: Map<string, number>;
  /** Legs that talk over it, by `call/leg`: what its capacity counts. */
  readonly legs: Set<string>;
  registration: Registration | null;
}

export interface Registration {
  readonly callId: string;
  readonly localTag: string;
  cseq: number;
  nonceCount: number;
  nonce: string;
  isRegistered: boolean;
  /** Log time until which the carrier keeps it. */
  until: LogTimeMs | null;
}

export function trunkRow(turn: Turn, name: string): Trunk {
  const known = turn.state.trunks.get(name);
  if (known !== undefined) return known;
  const trunk: Trunk = {
    name,
    located: [],
    isAsking: false,
    failures: new Map(),
    legs: new Set(),
    registration: null,
  };
  turn.state.trunks.set(name, trunk);
  return trunk;
}

/** Whether another call may go over it. */
export function hasRoom(turn: Turn, config: TrunkConfig): boolean {
  const { capacity } = config;
  if (capacity === undefined) return true;
  return (turn.state.trunks.get(config.name)?.legs.size ?? 0) < capacity;
}

export function enterTrunk(turn: Turn, name: string | null, call: string, leg: number): void {
  if (name !== null) trunkRow(turn, name).legs.add(`${call}/${leg}`);
}

export function leaveTrunk(turn: Turn, name: string | null, call: string, leg: number): void {
  if (name !== null) turn.state.trunks.get(name)?.legs.delete(`${call}/${leg}`);
}

/** The rule with the longest prefix changes the number; none leaves it. */
export function translate(
  rules: readonly { readonly prefix: string; readonly replace: string }[] | undefined,
  number: string,
): string {
  let best: { readonly prefix: string; readonly replace: string } | null = null;
  for (const rule of rules ?? []) {
    if (!number.startsWith(rule.prefix)) continue;
    if (best === null || rule.prefix.length > best.prefix.length) best = rule;
  }
  return best === null ? number : `${best.replace}${number.slice(best.prefix.length)}`;
}
