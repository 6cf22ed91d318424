import type { LoginObjects, TlibCallEvent, TlibEvent, UserData, WorkMode } from "@tandem/cti";
import type { TimelineEntry, Warning } from "../continuity/events.ts";
import type { DesktopSnapshot } from "./snapshot.ts";

/**
 * A desktop as a program has it: one snapshot to show, events to hear, commands with exactly one
 * outcome each (R24), and the timeline of every change of state (R23). The DR switchover is inside.
 */
export interface Desktop {
  /** The same value until something changes. */
  readonly snapshot: () => DesktopSnapshot;
  /** Called after each change; the answer ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly on: <Name extends keyof DesktopEvents>(
    name: Name,
    listener: (event: DesktopEvents[Name]) => void,
  ) => () => void;
  readonly timeline: () => readonly TimelineEntry[];
  /** The person's objects, as the last login read them; null before the first. */
  readonly objects: () => LoginObjects | null;
  readonly commands: DesktopCommands;
  /** Logs nobody out: the server keeps the agent for its `session-grace`. */
  readonly close: () => void;
}

/** What `on` can hear. */
export interface DesktopEvents {
  /** Every change of state (R23). */
  readonly state: TimelineEntry;
  readonly call: TlibCallEvent;
  /**
   * Every T-Library event of the session in use, calls too; EventServerInfo only where it tells
   * more than another role (R7).
   */
  readonly event: TlibEvent;
  /** To be shown to the user; `isAlarm` is meant for those who watch over many desktops. */
  readonly warning: Warning & { readonly isAlarm: boolean };
  /** The login at the Configuration Server failed: other credentials are needed. */
  readonly refused: { readonly errorCode: string; readonly errorMessage: string };
  /** R13: the desktop's own SIP endpoint is to register again, or to be launched again. */
  readonly endpoint: { readonly order: "reRegister" | "relaunch" };
}

export type Outcome =
  /** The event that the command caused, where it caused one. */
  | { readonly kind: "done"; readonly event?: TlibEvent }
  /** Nothing was changed: the desktop's own code, or the server's errorCode. */
  | { readonly kind: "refused"; readonly code: string; readonly sentence: string }
  /** It may have been executed or not; the next state read shows it. */
  | { readonly kind: "unknown"; readonly sentence: string };

export interface DesktopCommands {
  readonly login: () => Promise<Outcome>;
  readonly logout: (reasons?: UserData) => Promise<Outcome>;
  readonly setReady: (options?: StateOptions) => Promise<Outcome>;
  /** With `workMode: "AfterCallWork"`: after-call work. */
  readonly setNotReady: (
    options?: StateOptions & { readonly afterCallWorkMs?: number },
  ) => Promise<Outcome>;
  readonly makeCall: (destination: string, userData?: UserData) => Promise<Outcome>;
  readonly answer: (connID: string) => Promise<Outcome>;
  readonly release: (connID: string) => Promise<Outcome>;
  readonly hold: (connID: string) => Promise<Outcome>;
  readonly retrieve: (connID: string) => Promise<Outcome>;
  readonly attachUserData: (connID: string, userData: UserData) => Promise<Outcome>;
  /** R17: the call that was at the lost site has ended. */
  readonly callOver: () => Promise<Outcome>;
  /** Move to the other site now; while draining, without waiting for the last call (R14). */
  readonly switchover: () => Promise<Outcome>;
}

export interface StateOptions {
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
}
