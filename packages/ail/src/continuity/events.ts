import type { AddressInfo, TlibEvent } from "@tandem/cti";
import type { LocalConfiguration } from "../configuration/local-configuration.ts";
import type { SitePlan } from "../configuration/plan-sites.ts";
import type { AgentState, Cause, Continuity, Phase, TelephonyNode } from "./state.ts";

/**
 * What the continuity machine is told, and what it orders. A host performs the effects in the order
 * of the list and feeds back what comes of them; everything of a site carries the number of the
 * attachment it belongs to (R16).
 */
export type ContinuityEvent =
  | { readonly kind: "start" }
  | { readonly kind: "close" }
  // What comes of `openConfiguration`
  | { readonly kind: "located"; readonly configuration: number; readonly plan: SitePlan }
  | { readonly kind: "configurationUnreachable"; readonly configuration: number }
  | {
      readonly kind: "configurationRefused";
      readonly configuration: number;
      readonly errorCode: string;
      readonly errorMessage: string;
    }
  /** Of one that was logged in. */
  | { readonly kind: "configurationOff"; readonly configuration: number }
  | { readonly kind: "configurationOn"; readonly configuration: number }
  | { readonly kind: "statistics"; readonly isOn: boolean }
  | SiteEvent
  | { readonly kind: "timer"; readonly key: TimerKey }
  // What the user or the agent's desktop says
  | { readonly kind: "switchoverAsked" }
  | { readonly kind: "callOver" }
  | { readonly kind: "loginAsked" }
  /** Comes before the request goes out (R11: a logout that was asked for). */
  | { readonly kind: "logoutAsked" };

/** Of one attachment to a site. */
export type SiteEvent =
  | {
      readonly kind: "telephonySeen";
      readonly number: number;
      readonly nodes: readonly TelephonyNode[];
    }
  | SessionOpened
  | {
      readonly kind: "clientRefused";
      readonly number: number;
      readonly errorCode: string;
      readonly errorMessage: string;
    }
  | { readonly kind: "registered"; readonly number: number; readonly address: AddressInfo }
  | {
      readonly kind: "registerRefused";
      readonly number: number;
      readonly dn: string;
      readonly errorCode: string;
      readonly errorMessage: string;
    }
  | {
      readonly kind: "loginRefused";
      readonly number: number;
      readonly errorCode: string;
      readonly errorMessage: string;
      readonly retryAfterMs?: number;
    }
  /** No answer, and none will come. */
  | { readonly kind: "loginUnknown"; readonly number: number }
  /** A T-Library event of the session. */
  | { readonly kind: "told"; readonly number: number; readonly event: TlibEvent };

export interface SessionOpened {
  readonly kind: "sessionOpened";
  readonly number: number;
  readonly isResumed: boolean;
  /** The machine's cold start: another one is another history. */
  readonly serverStartTime: number;
}

export type ContinuityEffect =
  /** Connect and log in at one site's proxies; others that are open stay so. */
  | {
      readonly kind: "openConfiguration";
      readonly configuration: number;
      readonly urls: readonly string[];
      readonly applicationName: string;
    }
  | { readonly kind: "closeConfiguration"; readonly configuration: number }
  /** Open a site's SIP Server pair. */
  | { readonly kind: "openSite"; readonly site: number; readonly number: number }
  /** Close it; nothing of it is reported after this (R15). */
  | { readonly kind: "closeSite"; readonly number: number }
  | { readonly kind: "registerDns"; readonly number: number; readonly dns: readonly string[] }
  | {
      readonly kind: "logIn";
      readonly number: number;
      readonly dn: string;
      readonly leaseEpoch: number;
      readonly restore: RestoreOrder | null;
    }
  /** Put the logged-in agent into a state (R17, callOver). */
  | {
      readonly kind: "restoreState";
      readonly number: number;
      readonly dn: string;
      readonly restore: RestoreOrder;
    }
  | { readonly kind: "arm"; readonly key: TimerKey; readonly afterMs: number }
  | { readonly kind: "disarm"; readonly key: TimerKey }
  /** R13: the embedded endpoint, where there is one. */
  | { readonly kind: "endpoint"; readonly order: "reRegister" | "relaunch" }
  /** R10 and others: told to the user; `isAlarm` also upstream. */
  | { readonly kind: "warn"; readonly warning: Warning; readonly isAlarm: boolean }
  | { readonly kind: "report"; readonly entry: TimelineEntry };

/** What an agent is to be after a login; `afterCallWorkMs` is what is left of it. */
export interface RestoreOrder {
  readonly state: AgentState["state"];
  readonly workMode?: NonNullable<AgentState["workMode"]>;
  readonly reasons?: NonNullable<AgentState["reasons"]>;
  readonly afterCallWorkMs?: number;
}

export interface Warning {
  readonly code: WarningCode;
  readonly sentence: string;
}

export type WarningCode =
  | "configuration-off"
  | "configuration-on"
  | "statistics-off"
  | "statistics-on"
  | "configuration-incomplete"
  | "login-refused"
  | "register-refused"
  | "client-refused"
  | "logged-in-elsewhere"
  | "phone-unregistered"
  | "cause-recorded"
  | "no-other-site";

/** R23: one change of state, with why and what it cost. Kept by the host for the session. */
export interface TimelineEntry {
  /** Of the attachment that is in use after the change. */
  readonly number: number;
  readonly cause: Cause;
  readonly from: TimelinePlace;
  readonly to: TimelinePlace;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly inProgress: {
    /** ConnIDs of the calls known before the change. */
    readonly calls: readonly string[];
    readonly agentState: AgentState | null;
  };
  /** The agent's state, where a login put it back. */
  readonly restored: RestoreOrder | null;
  /** ConnIDs whose control was lost. */
  readonly lost: readonly string[];
  /** R15: causes that arrived while another switchover was under way. */
  readonly recorded: readonly Cause[];
}

export interface TimelinePlace {
  readonly state: Phase["kind"];
  /** The site's name; null where the state has none. */
  readonly site: string | null;
}

export type TimerKey =
  /** R1: the next round. */
  | "locate/retry"
  /** R10: the new site's proxies did not answer. */
  | "configuration/retry"
  /** R5, R20: until a node says that it serves. */
  | "site/connect"
  /** R7: none serves, but one is connected. */
  | "telephony/no-primary"
  /** R8 */
  | "telephony/site-timeout"
  /** R13 */
  | "phone/register-timeout"
  | "phone/relaunch"
  /** R6, R20: the login is asked for again. */
  | "login/retry"
  /** R14 */
  | "drain/telephony"
  /** R20 */
  | "no-site/retry";

export interface ContinuityContext {
  /** Epoch milliseconds, for what is shown and for what is left of after-call work. */
  readonly wallMs: number;
  /** 32 random bits. */
  readonly entropy: number;
  readonly local: LocalConfiguration;
  /** The desktop has a SIP endpoint of its own (R13). */
  readonly hasEndpoint: boolean;
}

export interface ContinuityStep {
  readonly next: Continuity;
  readonly effects: readonly ContinuityEffect[];
}
