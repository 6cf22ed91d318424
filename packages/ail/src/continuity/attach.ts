import { backOffMs } from "@tandem/cti";
import type { ContinuityEvent, SessionOpened } from "./events.ts";
import { onPhoneOut } from "./phone.ts";
import { restoreOrder } from "./restore.ts";
import { telephonyOff, type Cause, type Continuity } from "./state.ts";
import { targetFailed } from "./switch-over.ts";
import {
  arm,
  armOnce,
  attachmentOf,
  change,
  changeAgent,
  disarm,
  enter,
  recordedIn,
  loginDn,
  siteAt,
  warn,
  type Turn,
} from "./turn.ts";

/**
 * R5, R6: from a site's SIP Server pair to an agent who is logged in there: a node that serves, a
 * session, the Place's DNs registered, the login.
 *
 *   openSite → telephony ON → sessionOpened → registerDns → registered → logIn → EventAgentLogin
 */
export function connectTo(turn: Turn, site: number, cause: Cause): void {
  const number = openAttachment(turn, site);
  enter(turn, { kind: "connecting", site, number, search: null }, cause);
  // R5: at start there is nothing to lose, whatever `site-timeout` is.
  armConnect(turn);
}

/** A new attachment to a site, of which nothing is known yet (R16). */
export function openAttachment(turn: Turn, site: number): number {
  const number = turn.state.lastNumber + 1;
  change(turn, { lastNumber: number });
  forgetAttachment(turn);
  turn.effects.push({ kind: "openSite", site, number });
  return number;
}

export function forgetAttachment(turn: Turn): void {
  change(turn, {
    telephony: telephonyOff,
    phoneInService: null,
    isSessionOpen: false,
    isRegistered: false,
    serverStartTime: null,
  });
  changeAgent(turn, { login: { kind: "none" }, present: null, loginFailures: 0 });
}

export function armConnect(turn: Turn): void {
  const { plan } = turn.state;
  if (plan !== null) armOnce(turn, "site/connect", plan.options.connectTimeoutMs);
}

export function onSessionOpened(turn: Turn, event: SessionOpened): void {
  const attachment = attachmentOf(turn.state.phase);
  if (attachment === null) return;
  change(turn, { isSessionOpen: true });
  if (!event.isResumed) {
    // R8: a restarted server, or a session too old: what was logged in is gone or must be moved.
    const { serverStartTime } = turn.state;
    const isOther = serverStartTime !== null && serverStartTime !== event.serverStartTime;
    if (isOther) loseCalls(turn);
    change(turn, { isRegistered: false, serverStartTime: event.serverStartTime });
    changeAgent(turn, { login: { kind: "none" }, present: null });
  }
  if (turn.state.isRegistered) return settle(turn, { code: "telephony-on" });
  const dns = siteAt(turn.state, attachment.site)?.dns ?? [];
  if (dns.length === 0) {
    return refuseLogin(turn, "dn-unknown", "The Place has no DN; ask an administrator.");
  }
  turn.effects.push({ kind: "registerDns", number: attachment.number, dns });
}

/** R17: calls in another history cannot be controlled any more, but people may still talk. */
export function loseCalls(turn: Turn): readonly string[] {
  const { calls } = turn.state.agent;
  const isTalking = calls.some((call) => isTalkingState(call.partyState));
  changeAgent(turn, {
    calls: [],
    isHeldByCall: turn.state.agent.isHeldByCall || isTalking,
  });
  return calls.map((call) => call.connID);
}

function isTalkingState(partyState: string): boolean {
  return partyState === "Established" || partyState === "Held";
}

export function onRegistered(
  turn: Turn,
  event: Extract<ContinuityEvent, { kind: "registered" }>,
): void {
  const attachment = attachmentOf(turn.state.phase);
  if (attachment === null) return;
  const { address } = event;
  if (address.dn !== loginDn(turn.state, attachment.site)) return;
  change(turn, { isRegistered: true, phoneInService: address.inService });
  changeAgent(turn, { calls: address.calls });
  settle(turn, { code: "telephony-on" });
}

export function onRegisterRefused(
  turn: Turn,
  event: Extract<ContinuityEvent, { kind: "registerRefused" }>,
): void {
  const attachment = attachmentOf(turn.state.phase);
  const sentence = `DN ${event.dn} cannot be watched: ${event.errorMessage}`;
  warn(turn, "register-refused", sentence);
  if (attachment === null || event.dn !== loginDn(turn.state, attachment.site)) return;
  // R6: shown to the agent, and no reason to change site.
  refuseLogin(turn, event.errorCode, event.errorMessage);
}

/**
 * Where the desktop stands, from what is known now: this is how every attachment ends, and what is
 * read at the end of a switchover (R15).
 */
export function settle(turn: Turn, cause: Cause): void {
  const { phase, telephony, agent } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment === null || phase.kind === "draining") return;
  const isReady = telephony.kind !== "off" && turn.state.isSessionOpen && turn.state.isRegistered;
  if (!isReady) return;
  if (turn.state.phoneInService === false && agent.wantsLogin) {
    // R6, R13: no login without a phone; it is made when the phone is back.
    return onPhoneOut(turn);
  }
  disarm(turn, "phone/register-timeout");
  disarm(turn, "phone/relaunch");
  if (agent.wantsLogin && agent.login.kind === "none") {
    if (phase.kind === "inService") {
      enter(turn, { kind: "impaired", ...attachment, ground: "login" }, cause);
    }
    return logIn(turn);
  }
  if (agent.wantsLogin && agent.login.kind === "asked") return;
  enterService(turn, cause);
}

export function enterService(turn: Turn, cause: Cause): void {
  const { phase, agent } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment === null || phase.kind === "inService") return;
  const restored = agent.login.kind === "in" ? agent.restoreAsked : null;
  changeAgent(turn, { restoreAsked: null });
  enter(turn, { kind: "inService", ...attachment }, cause, {
    restored,
    recorded: recordedIn(phase),
  });
}

/** The login, with the state it is to begin in (R17) and the highest lease held (peers.md P3). */
export function logIn(turn: Turn): void {
  const attachment = attachmentOf(turn.state.phase);
  if (attachment === null) return;
  const dn = loginDn(turn.state, attachment.site);
  if (dn === undefined) return;
  const restore = restoreOrder(turn.state, turn.context);
  changeAgent(turn, { login: { kind: "asked" }, restoreAsked: restore });
  turn.effects.push({
    kind: "logIn",
    number: attachment.number,
    dn,
    leaseEpoch: leaseEpochOf(turn.state),
    restore,
  });
}

function leaseEpochOf(state: Continuity): number {
  return state.agent.leases.reduce((highest, lease) => Math.max(highest, lease.epoch), 0);
}

export function onLoginRefused(
  turn: Turn,
  event: Extract<ContinuityEvent, { kind: "loginRefused" }>,
): void {
  if (turn.state.agent.login.kind !== "asked") return;
  switch (event.errorCode) {
    case "not-in-service":
    case "server-stopping":
      // R20: the target fails; here, it is the server that sends its agents away.
      changeAgent(turn, { login: { kind: "none" } });
      return targetFailed(turn, { code: "not-in-service", detail: event.errorMessage });
    case "try-later":
    case "too-many-requests":
      return retryLogin(turn, event.retryAfterMs ?? 0);
    case "dn-out-of-service":
      // R6: the desktop stays, R13's timer runs, and it logs in on EventDNBackInService.
      changeAgent(turn, { login: { kind: "none" } });
      change(turn, { phoneInService: false });
      return onPhoneOut(turn);
    default:
      return refuseLogin(turn, event.errorCode, event.errorMessage);
  }
}

export function onLoginUnknown(turn: Turn): void {
  if (turn.state.agent.login.kind === "asked") retryLogin(turn, 0);
}

function retryLogin(turn: Turn, retryAfterMs: number): void {
  const loginFailures = turn.state.agent.loginFailures + 1;
  changeAgent(turn, { login: { kind: "none" }, loginFailures });
  const waitMs = Math.max(retryAfterMs, backOffMs(loginFailures, turn.context.entropy));
  arm(turn, "login/retry", waitMs);
}

/** R6: shown to the agent, and no reason to change site. */
function refuseLogin(turn: Turn, errorCode: string, errorMessage: string): void {
  changeAgent(turn, { login: { kind: "refused", errorCode, errorMessage }, wantsLogin: false });
  warn(turn, "login-refused", `The login was refused: ${errorMessage}`);
  enterService(turn, { code: "login-refused", detail: errorCode });
}

/** R6, again: the agent asks for the login. */
export function onLoginAsked(turn: Turn): void {
  const { login } = turn.state.agent;
  if (login.kind === "in" || login.kind === "asked") return;
  changeAgent(turn, { wantsLogin: true, login: { kind: "none" }, isLogoutAsked: false });
  settle(turn, { code: "asked-by-user" });
}

export function onClientRefused(
  turn: Turn,
  event: Extract<ContinuityEvent, { kind: "clientRefused" }>,
): void {
  const { phase } = turn.state;
  warn(turn, "client-refused", `The SIP Server refused the desktop: ${event.errorMessage}`);
  const isTarget = phase.kind === "connecting" || phase.kind === "switchingOver";
  const isClosed = event.errorCode === "not-in-service" || event.errorCode === "server-stopping";
  if (isTarget && isClosed) targetFailed(turn, { code: "client-refused", detail: event.errorCode });
}
