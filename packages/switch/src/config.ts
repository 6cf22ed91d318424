import type { Transport } from "./input.ts";

/**
 * The configuration as the machine needs it: compiled by the SIP Server process from the
 * configuration objects of the group, equal at both sites but for `site`. Plain data; replaced as a
 * whole by an input. Durations are milliseconds.
 */
export interface SwitchConfig {
  /** This site's name, `site-1`. */
  readonly site: string;
  /** What stands in Via, Contact and From of requests that this server makes. */
  readonly host: string;
  /** The same towards IPv6 addresses, where the server has one: without brackets. */
  readonly host6: string | null;
  readonly port: number;
  /** Ports of listeners that are not on `port`; a transport that is absent has no listener. */
  readonly ports: Readonly<Partial<Record<Transport, number>>>;
  /** The digest realm of the group. */
  readonly realm: string;
  /**
   * SIP domains that are this group's own, beside `host`: a Request-URI of another is not found
   * here.
   */
  readonly domains: readonly string[];
  readonly options: SwitchOptions;
  readonly peer: PeerConfig | null;
  readonly dns: readonly DnConfig[];
  readonly trunks: readonly TrunkConfig[];
  readonly dialPlan: readonly DialRule[];
  readonly agentLogins: readonly AgentLoginConfig[];
}

export interface SwitchOptions {
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly t4Ms: number;
  readonly registerExpiresMinSeconds: number;
  readonly registerExpiresMaxSeconds: number;
  readonly registerExpiresDefaultSeconds: number;
  readonly bindingsPerDnMax: number;
  readonly noAnswerTimeoutMs: number;
  /** OPTIONS to each registered phone this often; 0 switches the check off. */
  readonly outOfServiceCheckMs: number;
  /** So many unanswered checks in a row take a DN out of service. */
  readonly outOfServiceAfterFailures: number;
  readonly eventKeepMs: number;
  readonly eventsMax: number;
  readonly resumeWindowMs: number;
  readonly sessionGraceMs: number;
  /** After-call work of this length follows each call of a Ready agent; 0 means none. */
  readonly afterCallWorkMs: number;
  readonly callsMax: number;
  readonly sessionsMax: number;
}

export interface PeerConfig {
  readonly site: string;
  /** Both nodes' SIP addresses at the other site, over TCP. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly monitorMs: number;
  readonly timeoutMs: number;
  readonly forward: DrForward;
}

/** When a call for a DN goes to the peer (peers.md P4). */
export type DrForward = "off" | "no-agent";

export interface DnConfig {
  readonly number: string;
  /** The DN of the same phone at the other site, where it has one per site; else null. */
  readonly peerDn: string | null;
  readonly noAnswerTimeoutMs: number | null;
  readonly forward: DrForward | null;
}

export interface AgentLoginConfig {
  readonly code: string;
  readonly userName: string;
}

export interface TrunkConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  /** Source addresses from which requests are this trunk's; none means `host`. */
  readonly sources: readonly string[];
}

/**
 * Numbers that begin with `prefix` go out through the first of `trunks`, changed as said. Longest
 * prefix wins.
 */
export interface DialRule {
  readonly prefix: string;
  readonly strip: number;
  readonly prepend: string;
  readonly trunks: readonly string[];
}
