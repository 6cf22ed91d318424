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
  /** The longest registration over a connection: the next refresh finds one that is half open. */
  readonly flowExpiresSeconds: number;
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
  /** What a caller gets for a DN that does not want to be disturbed. */
  readonly doNotDisturbStatus: 480 | 603;
  /** Session timers (RFC 4028): the interval offered, the smallest taken; 0 switches them off. */
  readonly sessionExpiresSeconds: number;
  readonly sessionExpiresMinSeconds: number;
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
  /** For DNs that say nothing of it themselves. */
  readonly isRedirecting?: boolean;
}

/** When a call for a DN goes to the peer (peers.md P4). */
export type DrForward = "off" | "no-agent" | "oos";

export interface DnConfig {
  readonly number: string;
  /** The DN of the same phone at the other site, where it has one per site; else null. */
  readonly peerDn: string | null;
  /** Calls for the peer that come over a trunk are sent there with 302 (P4), not bridged. */
  readonly isRedirected?: boolean;
  /** Whether a 3xx of its phone is followed (the default), passed to the caller, or a refusal. */
  readonly redirection?: "follow" | "pass" | "refuse";
  readonly noAnswerTimeoutMs: number | null;
  readonly forward: DrForward | null;
  /** How its phone is told to answer by itself; absent: by both headers. */
  readonly autoAnswer?: AutoAnswer;
  /** After-call work on this DN; absent: the server's. */
  readonly afterCallWorkMs?: number;
  /** The DN is a queue: it has no phone, and gives its calls to agents. */
  readonly queue?: QueueConfig;
}

/**
 * `alert-info`, `call-info`: a header in the INVITE (RFC 3261 §20.4, §20.9 with `answer-after`).
 * `notify-talk`: a NOTIFY with Event `talk` once it rings. `none`: a person picks up.
 */
export type AutoAnswer = "none" | "alert-info" | "call-info" | "notify-talk";

export interface QueueConfig {
  /** User names of the agents it gives calls to: the members of its agent groups, each once. */
  readonly agents: readonly string[];
  /** Where calls go that it does not keep; null: they are refused with 480. */
  readonly overflowDn: string | null;
  /** A call leaves for overflow when it has waited so long. */
  readonly overflowMs: number;
  /** Calls beyond so many do not enter. */
  readonly waitingMax: number;
  /** An agent who does not answer within this time is made Not Ready; null: the server's. */
  readonly noAnswerTimeoutMs: number | null;
  /** A media DN that speaks to waiting callers, as early media; null: ringing is all they hear. */
  readonly announcementDn: string | null;
}

export interface AgentLoginConfig {
  readonly code: string;
  readonly userName: string;
  /** After-call work of this login; absent: the DN's, else the server's. */
  readonly afterCallWorkMs?: number;
}

export interface TrunkConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  /** Source addresses from which requests are this trunk's; none means `host`. */
  readonly sources: readonly string[];
  /** False where `contact` names no port: then the name service says (RFC 3263). */
  readonly isPortGiven?: boolean;
  /** Places to try after this one. */
  readonly others?: readonly TrunkPlace[];
  /** Calls over it at once. */
  readonly capacity?: number;
  /** OPTIONS to each of its places this often; 0 or absent: never. */
  readonly monitorMs?: number;
  /** A place that says nothing at all to an INVITE for so long is left for the next one. */
  readonly failoverMs?: number;
  /** Numbers as they come in, and the caller's number as it goes out. */
  readonly calledRules?: readonly NumberRule[];
  readonly callerRules?: readonly NumberRule[];
  readonly callerOutRules?: readonly NumberRule[];
  readonly credentials?: TrunkCredentials;
  readonly registration?: { readonly user: string; readonly expiresSeconds: number };
  /** It may know who calls although privacy was asked for, and says who calls (RFC 3325). */
  readonly isTrusted?: boolean;
}

/** Addresses from which requests are this trunk's: those it names, or else its own places. */
export function sourcesOf(trunk: TrunkConfig): readonly string[] {
  if (trunk.sources.length > 0) return trunk.sources;
  return [trunk.host, ...(trunk.others ?? []).map(({ host }) => host)];
}

export interface TrunkPlace {
  readonly host: string;
  readonly port: number | null;
  readonly transport: Transport | null;
}

/** The longest prefix that fits is replaced. */
export interface NumberRule {
  readonly prefix: string;
  readonly replace: string;
}

/** For challenges of this realm alone; the secret itself stays at the edge. */
export interface TrunkCredentials {
  readonly user: string;
  readonly realm: string;
  readonly hasSha256: boolean;
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
