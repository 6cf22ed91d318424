/**
 * What a person who looks at the lab sees, as plain data: filled by the lab, drawn by `renderView`.
 */
import type { Score } from "./score.ts";

export interface ViewModel {
  readonly lab: number;
  readonly profile: "fast" | "seed";
  readonly elapsedMs: number;
  readonly sites: readonly [SiteView, SiteView];
  readonly isTrunkCut: boolean;
  readonly agents: readonly AgentView[];
  readonly callers: CallersView;
  /** Oldest first. */
  readonly events: readonly EventView[];
  readonly score: Score | null;
  /** Lines that tell how to register a phone of one's own. */
  readonly ownPhone: readonly string[];
  readonly isHelpShown: boolean;
}

export type ServerView = "serving" | "starting" | "not ready" | "frozen" | "fenced" | "dead";

export interface SiteView {
  readonly name: string;
  readonly host: string;
  /** The nodes of its pair, then its Configuration Server. */
  readonly servers: readonly (NodeView & { readonly name: string })[];
  /** Safe to switch over: both nodes hold everything and reach the arbiter. */
  readonly isReadyToSwitch: boolean;
  /** What its SIP Server says of the other site; null where it says nothing. */
  readonly isPeerSeen: boolean | null;
  readonly calls: number;
}

export interface NodeView {
  readonly state: ServerView;
  /** `primary`, `standby`, `learner` …; empty where there is none to tell. */
  readonly role: string;
}

export interface AgentView {
  readonly dn: string;
  /** Where the desktop is logged in; null while it is nowhere. */
  readonly site: 1 | 2 | null;
  readonly state: "Ready" | "Not Ready" | "After Call" | "Logged Out";
  readonly reason: string | null;
  readonly call: "none" | "ringing" | "dialing" | "talking" | "held";
  /** The desktop's own word for what it is doing: `inService`, `switchingOver` … */
  readonly continuity: string;
  /** At site 1, at site 2. */
  readonly phone: readonly [boolean, boolean];
}

export interface CallersView {
  readonly waiting: number;
  readonly talking: number;
  readonly answered: number;
  readonly lost: number;
}

export interface EventView {
  readonly atMs: number;
  readonly text: string;
}
