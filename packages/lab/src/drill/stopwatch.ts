/**
 * What a drill sees of its agents' desktops after the kill, as times: the first of each kind
 * counts. Pure; a host feeds it with each change.
 */
import type { DesktopFacts } from "../desktops.ts";
import type { SiteNumber } from "../topology.ts";

export interface Stopwatch {
  readonly detectMs: number | null;
  readonly connectMs: number | null;
  readonly loginMs: number | null;
  readonly recoveredMs: number | null;
}

export const stoppedWatch: Stopwatch = {
  detectMs: null,
  connectMs: null,
  loginMs: null,
  recoveredMs: null,
};

/** `to`: the site that is left; `expected`: the state word that the agent must have there. */
export function stepStopwatch(
  watch: Stopwatch,
  facts: DesktopFacts,
  to: { readonly site: SiteNumber; readonly expected: string },
  sinceKillMs: number,
): Stopwatch {
  const isThere = facts.site === to.site && facts.phase === "inService";
  const isConnected = isThere || (facts.site === to.site && facts.isConnected);
  const isLoggedIn = isThere && facts.state !== "Logged Out";
  const isRecovered = isLoggedIn && stateWord(facts) === to.expected;
  const first = (before: number | null, isNow: boolean): number | null =>
    before ?? (isNow ? sinceKillMs : null);
  return {
    detectMs: first(watch.detectMs, facts.phase !== "inService" || isThere),
    connectMs: first(watch.connectMs, isConnected),
    loginMs: first(watch.loginMs, isLoggedIn),
    recoveredMs: first(watch.recoveredMs, isRecovered),
  };
}

/** `Ready`, `Not Ready: lunch`, `After Call`: a state with its reason. */
export function stateWord({ state, reason }: Pick<DesktopFacts, "state" | "reason">): string {
  return state === "Not Ready" && reason !== null ? `${state}: ${reason}` : state;
}

/** Continuity R17: who had a call at the loss is Not Ready until it is over. */
export const heldByCall = "Not Ready: call-in-progress";
