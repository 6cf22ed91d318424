import type { ForwardMode } from "@tandem/cti";
import { forwardFor } from "../agents/forward.ts";
import type { Binding } from "../registrar/dn.ts";
import { loginAtPeer, servesAtPeer } from "../peers/peer.ts";
import { longestAvailable } from "../queues/idle.ts";
import { optionsOf, type Turn } from "../turn.ts";
import type { DialRule, DrForward } from "../config.ts";
import type { HopPurpose } from "./call.ts";

/**
 * Where a call goes (peers.md P4–P6): to the DN here, over the trunk to the peer, out through a
 * trunk by the dial plan, or nowhere.
 */
export type Route =
  | (Forwarded & {
      readonly kind: "dn";
      readonly number: string;
      readonly bindings: readonly Binding[];
      /** The queue that gives the call to this agent. */
      readonly queue?: string;
    })
  | (Forwarded & {
      readonly kind: "peer";
      readonly number: string;
      readonly purpose: HopPurpose;
    })
  | (Forwarded & {
      readonly kind: "trunk";
      readonly number: string;
      readonly trunks: readonly string[];
    })
  /** It waits there for an agent. */
  | (Forwarded & { readonly kind: "queue"; readonly number: string })
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly reason: string;
      readonly isDoNotDisturb?: true;
    };

interface Forwarded {
  /** DNs that forward the call on its way there, those before them too. */
  readonly forwardedBy?: readonly string[];
}

export interface RouteQuestion {
  readonly number: string;
  /** The DN that calls, when it is one of ours. */
  readonly callerDn: string | null;
  /** Hops that the call has made already; each purpose at most once. */
  readonly hopsUsed: readonly HopPurpose[];
  /** Dialled by the DN's own phone here, rather than arrived over a trunk or from the peer. */
  readonly isDialledHere: boolean;
  /** The peer's queue offers it to the queue of the same name here (P7). */
  readonly isQueueOffer?: boolean;
  /** DNs that have forwarded it already. */
  readonly forwardedBy?: readonly string[];
}

export function decideRoute(turn: Turn, question: RouteQuestion): Route {
  const originDn = question.isDialledHere ? originAtPeer(turn, question) : null;
  if (originDn !== null) return { kind: "peer", number: question.number, purpose: "origin" };
  if (turn.state.configured.dns.has(question.number)) return routeToDn(turn, question);
  // Only our own phones dial out: whoever arrives over a trunk reaches DNs alone.
  if (question.callerDn === null) return { kind: "refused", status: 404, reason: "Not Found" };
  const rule = dialRule(turn, question.number);
  if (rule === null) return { kind: "refused", status: 404, reason: "Not Found" };
  const number = `${rule.prepend}${question.number.slice(rule.strip)}`;
  return { kind: "trunk", number, trunks: rule.trunks };
}

/** P5: the DN as which the caller is logged in at the peer, when its call begins there. */
export function originAtPeer(turn: Turn, question: RouteQuestion): string | null {
  const { callerDn, hopsUsed } = question;
  if (callerDn === null || hopsUsed.includes("origin")) return null;
  const numbers = sameAgent(turn, callerDn);
  if (numbers.some((number) => turn.state.agents.has(number))) return null;
  if (!turn.state.peer.isAlive) return null;
  return numbers.find((number) => isOpenAtPeer(turn, number)) ?? null;
}

/** P4. A DN and the one of the same phone at the other site stand for one agent. */
function routeToDn(turn: Turn, question: RouteQuestion): Route {
  if (turn.state.configured.dns.get(question.number)?.queue !== undefined) {
    return routeToQueue(turn, question);
  }
  const numbers = sameAgent(turn, question.number);
  const here = numbers.find((number) => turn.state.agents.has(number));
  if (here !== undefined) return local(turn, here, question);
  const mayHop = turn.state.peer.isAlive && !question.hopsUsed.includes("destination");
  if (mayHop) {
    const there = numbers.find((number) => loginAtPeer(turn.state.peer, number) !== undefined);
    if (there !== undefined) return { kind: "peer", number: there, purpose: "destination" };
    const served = numbers.find((each) => servesAtPeer(turn.state.peer, each));
    const forward = forwardOf(turn, question.number);
    const isNoneHere = !numbers.some((each) => turn.state.dns.get(each)?.inService === true);
    if (forward === "no-agent") {
      return { kind: "peer", number: served ?? question.number, purpose: "destination" };
    }
    if (forward === "oos" && isNoneHere && served !== undefined) {
      return { kind: "peer", number: served, purpose: "destination" };
    }
  }
  const registered = numbers.find((number) => turn.state.dns.get(number)?.inService === true);
  return local(turn, registered ?? question.number, question);
}

/** The DN's own wishes come before its phones: forwards, then do not disturb. */
function local(turn: Turn, number: string, question: RouteQuestion): Route {
  const dn = turn.state.dns.get(number);
  const isReachable = dn !== undefined && dn.inService && dn.bindings.length > 0;
  const forward =
    routeForwarded(turn, number, "Unconditional", question) ??
    (isReachable ? null : routeForwarded(turn, number, "OnNoAnswer", question));
  if (forward !== null) return forward;
  if (dn?.doNotDisturb === true) {
    return {
      kind: "refused",
      status: optionsOf(turn).doNotDisturbStatus,
      reason: "Do Not Disturb",
      isDoNotDisturb: true,
    };
  }
  if (!isReachable) return { kind: "refused", status: 480, reason: "Temporarily Unavailable" };
  const { forwardedBy } = question;
  const passed = forwardedBy === undefined ? {} : { forwardedBy };
  return { kind: "dn", number, bindings: dn.bindings.toReversed(), ...passed };
}

/**
 * Where the DN forwards the call for this reason; null when nowhere, or when nobody can be reached
 * there: then it is as if there were no forward. The DN dials: what it may not reach, no caller
 * reaches through it.
 */
export function routeForwarded(
  turn: Turn,
  number: string,
  mode: ForwardMode,
  question: Pick<RouteQuestion, "hopsUsed" | "forwardedBy">,
): Route | null {
  const passed = question.forwardedBy ?? [];
  const to = forwardFor(turn, number, mode, passed);
  if (to === null) return null;
  const forwardedBy = [...passed, number];
  const route = decideRoute(turn, {
    number: to,
    callerDn: number,
    hopsUsed: question.hopsUsed,
    isDialledHere: false,
    forwardedBy,
  });
  return route.kind === "refused" ? null : { forwardedBy, ...route };
}

/** P7: an offer goes to an available agent at once, or back. */
function routeToQueue(turn: Turn, question: RouteQuestion): Route {
  const { number } = question;
  if (question.isQueueOffer !== true) return { kind: "queue", number };
  const dn = longestAvailable(turn, number);
  const bindings = dn === null ? [] : (turn.state.dns.get(dn)?.bindings ?? []);
  if (dn === null || bindings.length === 0) {
    return { kind: "refused", status: 480, reason: "No Agent Ready" };
  }
  return { kind: "dn", number: dn, bindings: bindings.toReversed(), queue: number };
}

/** The DN itself first, then the one of the same phone at the other site. */
export function sameAgent(turn: Turn, number: string): string[] {
  const peerDn = turn.state.configured.dns.get(number)?.peerDn ?? null;
  return peerDn === null ? [number] : [number, peerDn];
}

function isOpenAtPeer(turn: Turn, number: string): boolean {
  return loginAtPeer(turn.state.peer, number)?.isOpen === true;
}

function forwardOf(turn: Turn, number: string): DrForward {
  const own = turn.state.configured.dns.get(number)?.forward ?? null;
  return own ?? turn.config.peer?.forward ?? "off";
}

/** The rule with the longest prefix; of equals the first. */
function dialRule(turn: Turn, number: string): DialRule | null {
  let best: DialRule | null = null;
  for (const rule of turn.config.dialPlan) {
    if (!number.startsWith(rule.prefix)) continue;
    if (best === null || rule.prefix.length > best.prefix.length) best = rule;
  }
  return best;
}
