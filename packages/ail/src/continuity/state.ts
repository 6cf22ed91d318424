import type { AgentStateName, CallInfo, Lease, UserData, WorkMode } from "@tandem/cti";
import type { SitePlan } from "../configuration/plan-sites.ts";
import type { RestoreOrder, SessionOpened, TimerKey } from "./events.ts";

/**
 * The state of the continuity machine (SPEC.md): plain data. `phase` is where the desktop stands;
 * the rest is what it knows whatever the phase.
 *
 *   offline → locating → connecting → inService ⇄ impaired
 *                            │            │  └──────┐ expiry, shutdown, user
 *                            │            ▼         ▼
 *                            │         draining → switchingOver → inService
 *                            └──────────────→ noSite ⇄ connecting …            any → closed
 */
export interface Continuity {
  readonly phase: Phase;
  /** R16: each attachment to a site has a number; what carries an older one is not heard. */
  readonly lastNumber: number;
  /** Known once the person's objects were read. */
  readonly plan: SitePlan | null;
  readonly agent: AgentMemory;
  readonly telephony: Telephony;
  /** Whether a phone is registered for the DN here; null: not known. */
  readonly phoneInService: boolean | null;
  /** The session at the attachment's serving node is open, and the login's DN registered in it. */
  readonly isSessionOpen: boolean;
  readonly isRegistered: boolean;
  /** Whose history the calls and the agent's state are of. */
  readonly serverStartTime: number | null;
  readonly configuration: ConfigurationMemory;
  readonly statistics: ServiceStatus;
  /** Timers that run, so that each is disarmed once. */
  readonly armed: readonly TimerKey[];
}

/** Connections to Configuration Server Proxies, numbered as attachments are. */
export interface ConfigurationMemory {
  readonly status: ServiceStatus;
  readonly lastNumber: number;
  /** The one that is logged in, or was and reconnects by itself. */
  readonly inUse: { readonly number: number } | null;
  /** One more that is being opened. */
  readonly pending: { readonly number: number } | null;
  readonly failures: number;
}

export type Phase =
  | { readonly kind: "offline" }
  | Locating
  | {
      readonly kind: "connecting";
      readonly site: number;
      readonly number: number;
      /** Null at start; else the search this is part of (R20). */
      readonly search: Search | null;
    }
  | { readonly kind: "inService"; readonly site: number; readonly number: number }
  | Impaired
  | SwitchingOver
  | {
      readonly kind: "draining";
      readonly site: number;
      readonly number: number;
      readonly cause: Cause;
    }
  | NoSite
  | { readonly kind: "closed" };

export interface Locating {
  readonly kind: "locating";
  /** Index in the local configuration of the site whose proxies are being asked. */
  readonly local: number;
  /** Sites asked in this round. */
  readonly asked: number;
  /** Rounds in which none answered. */
  readonly rounds: number;
  /** R3: the plan is known and the preferred site's proxy is being asked instead. */
  readonly isMoving: boolean;
}

/** Telephony OFF or the phone unregistered (R8, R13); also while the login is being made again. */
export interface Impaired {
  readonly kind: "impaired";
  readonly site: number;
  readonly number: number;
  readonly ground: "telephony" | "phone" | "login";
}

export interface SwitchingOver {
  readonly kind: "switchingOver";
  readonly from: number;
  readonly site: number;
  readonly number: number;
  readonly cause: Cause;
  /** R15: what else happened meanwhile. */
  readonly recorded: readonly Cause[];
}

/**
 * R20: since when both sites are looked for, in epoch milliseconds, and how often they were tried.
 */
export interface Search {
  readonly since: number;
  readonly attempts: number;
}

export interface NoSite extends Search {
  readonly kind: "noSite";
  readonly cause: Cause;
  /** Attachments being tried, by site; null between attempts. */
  readonly trying: readonly { readonly site: number; readonly number: number }[] | null;
  /** Epoch milliseconds of the next attempt; null while one is under way. */
  readonly nextAttemptAt: number | null;
  /** Sites that served and said "not in service here", so that the other is heard first. */
  readonly refusedBy: readonly number[];
  /** Such a site serves; it is taken when the other does not. */
  readonly fallback: Fallback | null;
}

export interface Fallback {
  readonly site: number;
  readonly number: number;
  readonly nodes: readonly TelephonyNode[];
  readonly opened: SessionOpened | null;
}

export interface AgentMemory {
  /** False after a logout that somebody asked for: an agent who was logged out stays so (R17). */
  readonly wantsLogin: boolean;
  readonly login: Login;
  /** The last state the agent had for reasons of the agent's own; null before the first. */
  readonly former: AgentState | null;
  /** What the server last said. */
  readonly present: AgentState | null;
  /** Leases this desktop has held, oldest first; the last `leasesMax`. */
  readonly leases: readonly Lease[];
  readonly calls: readonly CallInfo[];
  /**
   * R17: calls were at a site that was lost; no new one until the agent says that they are over.
   */
  readonly isHeldByCall: boolean;
  /** What the login that is under way, or the last one, puts back. */
  readonly restoreAsked: RestoreOrder | null;
  /** Logins asked for and refused or unanswered in a row, for the back-off. */
  readonly loginFailures: number;
  readonly isLogoutAsked: boolean;
}

export type Login =
  | { readonly kind: "none" }
  | { readonly kind: "asked" }
  | { readonly kind: "in"; readonly lease: Lease }
  /** R6: shown to the agent. */
  | { readonly kind: "refused"; readonly errorCode: string; readonly errorMessage: string }
  /** The person logged in with another desktop. */
  | { readonly kind: "elsewhere"; readonly lease: Lease };

export interface AgentState {
  readonly state: AgentStateName;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  readonly afterCallWorkUntil?: number;
}

/** R7 */
export interface Telephony {
  readonly kind: "off" | "on" | "uncertain";
  readonly nodes: readonly TelephonyNode[];
  /** The node that says that it serves and is believed. */
  readonly servingIndex: number | null;
  readonly epochMax: number;
}

export interface TelephonyNode {
  readonly url: string;
  readonly isConnected: boolean;
  readonly role: "primary" | "backup" | null;
  readonly epoch: number | null;
}

export type ServiceStatus = "ON" | "OFF" | "notConfigured";

/** Why something happened: the code is closed, the detail for people. */
export interface Cause {
  readonly code: CauseCode;
  readonly detail?: string;
}

export type CauseCode =
  | "started"
  | "located"
  | "configuration-unreachable"
  | "configuration-refused"
  | "preferred-unreachable"
  | "connect-timeout"
  | "client-refused"
  | "telephony-off"
  | "telephony-on"
  | "site-timeout"
  | "phone-unregistered"
  | "phone-back"
  | "site-sip-register-timeout"
  | "graceful-shutdown"
  | "not-in-service"
  | "desktop-lost"
  | "dr-peer-login"
  | "logged-in"
  | "login-refused"
  | "logged-out"
  | "calls-ended"
  | "drain-timeout"
  | "asked-by-user"
  | "next-attempt"
  | "served-first"
  | "closed";

export const leasesMax = 16;

export const telephonyOff: Telephony = {
  kind: "off",
  nodes: [],
  servingIndex: null,
  epochMax: 0,
};

export function createContinuity(): Continuity {
  return {
    phase: { kind: "offline" },
    lastNumber: 0,
    plan: null,
    agent: {
      wantsLogin: true,
      login: { kind: "none" },
      former: null,
      present: null,
      leases: [],
      calls: [],
      isHeldByCall: false,
      restoreAsked: null,
      loginFailures: 0,
      isLogoutAsked: false,
    },
    telephony: telephonyOff,
    phoneInService: null,
    isSessionOpen: false,
    isRegistered: false,
    serverStartTime: null,
    configuration: { status: "OFF", lastNumber: 0, inUse: null, pending: null, failures: 0 },
    statistics: "notConfigured",
    armed: [],
  };
}
