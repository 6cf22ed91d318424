import type { LogTimeMs } from "@tandem/kernel";
import { logOut } from "../agents/logout.ts";
import { watchersOf } from "../agents/announce.ts";
import { reportDn } from "../peers/changed.ts";
import { publish } from "../sessions/ring.ts";
import { arm, disarm, newBranch, newIdentifier, notice, optionsOf, type Turn } from "../turn.ts";
import { plainRequest, sendRequest } from "../transactions/client.ts";
import type { Dn } from "./dn.ts";

/**
 * In service or not: a DN is in service while a phone is registered and answers the out-of-service
 * check. When it ceases to be, desktops get EventDNOutOfService and its agent is logged out with
 * `dr-force_logout` (continuity R13); a registration brings EventDNBackInService.
 */
export function dnRow(turn: Turn, number: string): Dn {
  const known = turn.state.dns.get(number);
  if (known !== undefined) return known;
  const dn: Dn = {
    number,
    bindings: [],
    expiryAt: null,
    inService: false,
    checkFailures: 0,
    nonce: "",
    nonceCount: 0,
    doNotDisturb: false,
    forwards: [],
  };
  turn.state.dns.set(number, dn);
  return dn;
}

/** After a change of bindings: a fresh registration counts as an answered check. */
export function refreshService(turn: Turn, dn: Dn): void {
  if (dn.bindings.length === 0) return takeOutOfService(turn, dn, "unregistered");
  dn.checkFailures = 0;
  if (dn.inService) return;
  dn.inService = true;
  publish(turn, watchersOf(turn, dn.number), backInService(dn.number), null);
  reportDn(turn, dn.number);
  notice(turn, "dn", `${dn.number} in service`);
}

function backInService(thisDN: string): { event: "EventDNBackInService"; thisDN: string } {
  return { event: "EventDNBackInService", thisDN };
}

function takeOutOfService(turn: Turn, dn: Dn, why: string): void {
  if (dn.bindings.length === 0) disarm(turn, `dn/${dn.number}/check`);
  if (!dn.inService) return;
  dn.inService = false;
  const event = { event: "EventDNOutOfService" as const, thisDN: dn.number };
  publish(turn, watchersOf(turn, dn.number), event, null);
  logOut(turn, dn.number, { reasonCode: "dr-force_logout", wonBy: null });
  reportDn(turn, dn.number);
  notice(turn, "dn", `${dn.number} out of service: ${why}`);
}

/**
 * The timer stands at the earliest expiry of the DN's bindings, or earlier: most registrations only
 * put it off, so it is left where it is and looks again when it is due.
 */
export function armExpiry(turn: Turn, dn: Dn): void {
  let earliest: LogTimeMs | null = null;
  for (const { expiresAt } of dn.bindings) {
    if (earliest === null || expiresAt < earliest) earliest = expiresAt;
  }
  if (earliest === null) {
    if (dn.expiryAt !== null) disarm(turn, expiryKey(dn));
  } else if (dn.expiryAt !== null && dn.expiryAt <= earliest) {
    return;
  } else {
    arm(turn, expiryKey(dn), Math.max(0, earliest - turn.now));
  }
  dn.expiryAt = earliest;
}

function expiryKey(dn: Dn): string {
  return `dn/${dn.number}/expiry`;
}

export function onDnTimer(turn: Turn, number: string, name: string): void {
  const dn = turn.state.dns.get(number);
  if (dn === undefined) return;
  if (name === "expiry") {
    dn.expiryAt = null;
    const kept = dn.bindings.filter((binding) => binding.expiresAt > turn.now);
    dn.bindings.length = 0;
    dn.bindings.push(...kept);
    armExpiry(turn, dn);
    if (kept.length === 0) takeOutOfService(turn, dn, "registration expired");
    return;
  }
  checkPhone(turn, dn);
}

/** OPTIONS to the newest binding (the out-of-service check). */
function checkPhone(turn: Turn, dn: Dn): void {
  const binding = dn.bindings.at(-1);
  if (binding === undefined) return;
  arm(turn, `dn/${dn.number}/check`, optionsOf(turn).outOfServiceCheckMs);
  const request = plainRequest(turn, {
    method: "OPTIONS",
    requestUri: binding.contact,
    toUri: binding.contact,
    callId: newIdentifier(turn),
    branch: newBranch(turn),
    fromTag: newIdentifier(turn),
    target: binding.target,
  });
  sendRequest(turn, request, binding.target, { kind: "check", dn: dn.number });
}

/** Any final answer counts as alive, but for 408, 480 and 503; none at all does not. */
export function onCheckAnswered(turn: Turn, number: string, status: number | null): void {
  const dn = turn.state.dns.get(number);
  if (dn === undefined || dn.bindings.length === 0) return;
  const isAlive = status !== null && status !== 408 && status !== 480 && status !== 503;
  if (isAlive) return refreshService(turn, dn);
  dn.checkFailures += 1;
  if (dn.checkFailures < optionsOf(turn).outOfServiceAfterFailures) return;
  takeOutOfService(turn, dn, `${dn.checkFailures} checks unanswered`);
}
