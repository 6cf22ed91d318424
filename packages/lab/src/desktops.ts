/**
 * A desktop without a screen, as the lab sees it: where it is logged in, what it is doing, and how
 * to drive it. The lab knows no more of the SDK than this.
 */
import type { AgentTopology } from "./topology.ts";

export interface DesktopFacts {
  /** The site that it is at, or is being connected to. */
  readonly site: 1 | 2 | null;
  readonly state: "Ready" | "Not Ready" | "After Call" | "Logged Out";
  readonly reason: string | null;
  readonly call: "none" | "ringing" | "dialing" | "talking" | "held";
  /** A node of that site says that it serves. */
  readonly isConnected: boolean;
  /** The phase of the SDK's own machine: `inService`, `impaired`, `switchingOver` … */
  readonly phase: string;
}

export interface LabDesktop {
  readonly agent: AgentTopology;
  readonly facts: () => DesktopFacts;
  readonly setReady: () => Promise<void>;
  readonly setNotReady: (reason: string) => Promise<void>;
  readonly setAfterCallWork: (ms: number) => Promise<void>;
  /** The agent says that the call whose control was lost is over (continuity R17). */
  readonly callOver: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface DesktopNews {
  /** After each change. */
  readonly onChange: (agent: AgentTopology, facts: DesktopFacts) => void;
  /** A line of its timeline, with the cause. */
  readonly onTimeline: (agent: AgentTopology, line: string) => void;
}

export const unknownFacts: DesktopFacts = {
  site: null,
  state: "Logged Out",
  reason: null,
  call: "none",
  isConnected: false,
  phase: "offline",
};
