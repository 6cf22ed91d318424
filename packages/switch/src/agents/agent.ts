import type { Lease, UserData } from "@tandem/cti";
import type { LogTimeMs } from "@tandem/kernel";

/**
 * An agent logged in on a DN at this site. The row exists exactly as long as the login. The session
 * of a login is the one whose AgentLogin made it, or which resumed that one (cti.md, Whose login).
 */
export interface Agent {
  readonly dn: string;
  readonly agentID: string;
  readonly userName: string;
  readonly placeName: string | null;
  sessionID: string | null;
  lease: Lease;
  state: AgentState;
  /** What comes back when the desktop that was lost is there again; null while it is there. */
  beforeLost: AgentState | null;
  /**
   * After-call work that the login asked for, in place of the configured one
   * (`extensions.WrapUpTime`).
   */
  readonly afterCallWorkMs: number | null;
  /** A call has been established on the DN since it last was without one. */
  hasTalked: boolean;
}

export type AgentState =
  | {
      readonly kind: "Ready";
      readonly since: LogTimeMs;
      /** `ManualIn`, `AutoIn`, or as configured. */
      readonly workMode: string | null;
    }
  | {
      readonly kind: "NotReady";
      readonly since: LogTimeMs;
      readonly workMode: string | null;
      readonly reasons: UserData | null;
      /** Asked for while a call went on that a Ready agent had: after-call work comes first. */
      readonly isPending: boolean;
    }
  | {
      readonly kind: "AfterCallWork";
      readonly since: LogTimeMs;
      /** Log time of its end, when it ends by itself. */
      readonly until: LogTimeMs | null;
      /** Asked for during a call: so long from the call's end on. */
      readonly lastsMs: number | null;
      readonly reasons: UserData | null;
      /** What follows it. */
      readonly next: AfterwardsState;
    };

/** A state without its beginning. */
export type AfterwardsState =
  | { readonly kind: "Ready"; readonly workMode: string | null }
  | {
      readonly kind: "NotReady";
      readonly workMode: string | null;
      readonly reasons: UserData | null;
    };

/** What follows after-call work that nothing else was asked for after. */
export const thenReady: AfterwardsState = { kind: "Ready", workMode: null };

export function enteredAfter(next: AfterwardsState, since: LogTimeMs): AgentState {
  if (next.kind === "Ready") return { ...next, since };
  return { ...next, since, isPending: false };
}

/** Orders leases: the later epoch, then time, then site name wins (peers.md P3). */
export function isLaterLease(a: Lease, b: Lease): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.time !== b.time) return a.time > b.time;
  return a.site > b.site;
}

/** Connected, or lost for less than `session-grace` (peers.md P2). */
export function isSessionOpen(agent: Agent): boolean {
  return agent.beforeLost === null;
}
