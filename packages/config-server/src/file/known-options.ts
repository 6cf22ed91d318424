/**
 * The option names that are known, by section and by what holds them, so that a misspelt one is an
 * error with "did you mean" and not a silence. Other sections are a site's own and are left alone.
 */
import type { ConfigObjectType, DnType } from "@tandem/cti";

/** Names of a desktop's preferred sites (continuity R2), the sample's own among them. */
const siteOptions = ["site-1", "site-2", "disaster-recovery.preferred-site"];

/** What a Person may override: policies, not timers. */
const policyOptions = ["restore-state", "fail-back", "hot-seating", "disaster-recovery.timeout"];
const timerOptions = [
  "site-timeout",
  "site-timeout-confirmed",
  "site-sip-register-timeout",
  "no-primary-timeout",
  "connect-timeout",
  "flap-limit",
  "flap-window",
  "switchover-spread",
  "min-dwell",
  "fail-back-stable",
  "fail-back-spread",
  "addp-timeout",
  "addp-remote-timeout",
  "addp-trace",
];

/** Section `TServer` of a SIP Server's Application; `@tandem/sip-server` has their meaning. */
export const sipServerOptions: readonly string[] = [
  "sip-t1",
  "sip-t2",
  "sip-t4",
  "register-expires-min",
  "register-expires-max",
  "register-expires",
  "flow-expires",
  "bindings-per-dn",
  "no-answer-timeout",
  "oos-check",
  "oos-failures",
  "event-keep",
  "events-max",
  "resume-window",
  "session-grace",
  "wrap-up-time",
  "dnd-response",
  "calls-max",
  "session-expires",
  "min-se",
  "sessions-max",
  "peer-monitor",
  "peer-timeout",
  "peer-contact",
  "dr-forward",
  "dr-redirect",
];
const extensionOptions = [
  "no-answer-timeout",
  "peer-dn",
  "dr-forward",
  "dr-redirect",
  "auto-answer",
  "redirection",
  "wrap-up-time",
];
const queueOptions = [
  "agent-groups",
  "overflow-dn",
  "overflow-time",
  "queue-length-max",
  "no-answer-timeout",
  "announcement-dn",
];
const trunkOptions = [
  "contact",
  "sources",
  "prefix",
  "replace-prefix",
  "called-rules",
  "caller-rules",
  "caller-out-rules",
  "capacity",
  "oos-check",
  "failover-timeout",
  "trusted",
  "auth-user",
  "auth-realm",
  "register",
  "register-expires",
];

/** The known names of a section, or undefined where the section is a site's own. */
export function knownOptions(
  type: ConfigObjectType,
  section: string,
  dnType?: DnType,
): readonly string[] | undefined {
  if (section === "agent-desktop") {
    if (type === "Application") return [...timerOptions, ...policyOptions];
    if (type === "Tenant" || type === "AgentGroup" || type === "Person") {
      return [...siteOptions, ...policyOptions];
    }
  }
  if (section === "TServer") {
    if (type === "Application") return sipServerOptions;
    if (type === "AgentLogin") return ["wrap-up-time"];
    if (type === "Dn" && dnType === "Trunk") return trunkOptions;
    if (type === "Dn") return dnType === "AcdQueue" ? queueOptions : extensionOptions;
  }
  return undefined;
}
