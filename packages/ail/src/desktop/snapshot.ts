import type { CallInfo } from "@tandem/cti";
import type {
  AgentState,
  Continuity,
  Login,
  Phase,
  ServiceStatus,
  TelephonyNode,
} from "../continuity/state.ts";
import { attachmentOf, loginDn, siteAt } from "../continuity/turn.ts";

/**
 * What a desktop shows, as one immutable value made from the machine's state. A new value means
 * that something changed; `useSyncExternalStore` and its like can compare by identity.
 */
export interface DesktopSnapshot {
  readonly state: Phase["kind"];
  /** The site in use, or being connected to. */
  readonly site: string | null;
  readonly preferredSite: string | null;
  /** R20: since when neither site serves, and the next attempt, in epoch milliseconds. */
  readonly noSite: { readonly since: number; readonly nextAttemptAt: number | null } | null;
  readonly services: {
    readonly telephony: {
      readonly status: ServiceStatus;
      readonly nodes: readonly TelephonyNode[];
    };
    readonly configuration: { readonly status: ServiceStatus };
    readonly statistics: { readonly status: ServiceStatus };
  };
  readonly agent: {
    readonly userName: string;
    readonly agentID: string;
    readonly dn: string | null;
    readonly placeName: string | null;
    readonly login: Login;
    /** Null while no agent is logged in. */
    readonly state: AgentState | null;
    /** R17: restored Not Ready because of a call at a site that was lost; `callOver` ends it. */
    readonly isHeldByCall: boolean;
  };
  /** Null: not known. */
  readonly phoneInService: boolean | null;
  readonly calls: readonly CallInfo[];
}

export function snapshotOf(state: Continuity): DesktopSnapshot {
  const { phase, agent, telephony, plan } = state;
  const attachment = attachmentOf(phase);
  const site = attachment === null ? undefined : siteAt(state, attachment.site);
  const isIn = agent.login.kind === "in";
  return {
    state: phase.kind,
    site: site?.name ?? null,
    preferredSite: plan?.sites[0]?.name ?? null,
    noSite:
      phase.kind === "noSite" ? { since: phase.since, nextAttemptAt: phase.nextAttemptAt } : null,
    services: {
      telephony: {
        status: telephony.kind === "off" ? "OFF" : "ON",
        nodes: telephony.nodes,
      },
      configuration: { status: state.configuration.status },
      statistics: { status: state.statistics },
    },
    agent: {
      userName: plan?.userName ?? "",
      agentID: plan?.agentID ?? "",
      dn: attachment === null ? null : (loginDn(state, attachment.site) ?? null),
      placeName: site?.placeName ?? null,
      login: agent.login,
      state: isIn ? agent.present : null,
      isHeldByCall: agent.isHeldByCall,
    },
    phoneInService: state.phoneInService,
    calls: agent.calls,
  };
}
