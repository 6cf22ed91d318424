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
}

export type AgentState =
  | { readonly kind: "Ready"; readonly since: LogTimeMs }
  | {
      readonly kind: "NotReady";
      readonly since: LogTimeMs;
      readonly workMode: string | null;
      readonly reasons: UserData | null;
    }
  | {
      readonly kind: "AfterCallWork";
      readonly since: LogTimeMs;
      /** Log time of its end, when it ends by itself into Ready. */
      readonly until: LogTimeMs | null;
      readonly reasons: UserData | null;
    };

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
