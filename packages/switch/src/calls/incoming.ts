import { nextHex } from "@tandem/kernel";
import {
  dialogFromRequest,
  headerOf,
  listOf,
  ownText,
  parseNameAddr,
  parseUri,
  type SipRequest,
} from "@tandem/sip";
import type { Authenticated, Flow } from "../input.ts";
import { isPeerFlow, replyTarget } from "../peers/peer.ts";
import { acceptNonce } from "../registrar/dn.ts";
import { dnRow } from "../registrar/service-state.ts";
import { answer, ownTransaction } from "../transactions/server.ts";
import { optionsOf, type Turn } from "../turn.ts";
import { enterTrunk, hasRoom, translate } from "../trunks/trunk.ts";
import { keyOf, trunkOf, type Call, type CallType, type Leg, type Party } from "./call.ts";
import { readHop, type Hop } from "./hop.ts";
import { assertedNumber, uriOf, wantsPrivacy } from "./identity.ts";
import { createLeg, enterDialog, learnAbilities, newConnID, newCallKey } from "./leg.ts";
import { callDestination, emptySetup } from "./outgoing.ts";
import { readReplaces, replaceLeg } from "./replaces.ts";
import { joinDn } from "./leg.ts";
import { decideRoute, sameAgent, type Route } from "./route.ts";
import { keepReceived } from "./session-description.ts";
import { agreeRefresh, refuseInterval } from "./session-timer.ts";

/**
 * An INVITE that begins a call: who calls, where it goes, and the two legs. Nothing is kept of one
 * that is refused.
 */
export function onNewInvite(
  turn: Turn,
  transaction: string,
  request: SipRequest,
  flow: Flow,
  authenticated: Authenticated | null,
): void {
  const refusedAs = refuseForm(turn, request);
  if (refusedAs !== null) return refuse(turn, transaction, refusedAs);
  const { hop, description } = readHop(request);
  const caller = identifyCaller(turn, request, flow, authenticated, hop);
  if (caller.kind === "refused") return refuse(turn, transaction, caller);
  const replaces = readReplaces(turn, request);
  if (replaces.kind === "refused") return refuse(turn, transaction, replaces);
  if (replaces.kind === "replaces") {
    const { call, leg: old } = replaces;
    const seed = { transaction, request, flow, caller, description };
    return takePlace(turn, call, old, seed);
  }
  const called = calledNumber(turn, request, caller);
  // From a gateway alone: a phone could give its call the name of another.
  const reference = called === null || !caller.isTrunk ? null : referenceIn(called);
  const number = reference?.number ?? called;
  if (number === null) {
    const headers = [["Retry-After", "5"] as const];
    return refuse(turn, transaction, {
      kind: "refused",
      status: 503,
      reason: "Trunk Is Full",
      headers,
    });
  }
  // P6: a call that was moved here is served here, whether its reference is known or not.
  const hopsUsed = reference === null ? (caller.hop?.used ?? []) : (["destination"] as const);
  const question = {
    number,
    callerDn: caller.party.kind === "dn" ? caller.party.number : null,
    hopsUsed,
    isDialledHere: caller.hop === null,
    isQueueOffer: caller.hop?.purpose === "queue",
  };
  const route = decideRoute(turn, question);
  if (route.kind === "refused") return refuse(turn, transaction, route);
  const moved = caller.isTrunk ? movedTo(turn, route, number) : null;
  if (moved !== null) return refuse(turn, transaction, moved);
  answer(turn, transaction, 100, {});
  const isOrigin = route.kind === "peer" && route.purpose === "origin";
  // P5: at the peer its desktop sees the call; here its phone is only a way in.
  const party: Party = isOrigin
    ? { kind: "external", number: caller.party.number, trunk: null }
    : caller.party;
  const call = createCall(turn, {
    request,
    flow,
    transaction,
    party,
    caller,
    route,
    number,
    reference,
  });
  keepReceived(call.origination, description);
  agreeRefresh(turn, call, call.origination, request);
  call.exchange = { kind: "setup", offerInInvite: description !== "", isSettled: false };
  callDestination(turn, call, route, description);
}

interface Newcomer {
  readonly transaction: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly caller: Extract<Caller, { kind: "caller" }>;
  readonly description: string;
}

/** INVITE with Replaces, from a phone of the group. */
function takePlace(turn: Turn, call: Call, old: Leg, newcomer: Newcomer): void {
  const { transaction, request, flow, caller, description } = newcomer;
  if (caller.party.kind !== "dn") return refuse(turn, transaction, forbidden);
  turn.touchedCall = call.key;
  const { party, displayName } = caller;
  const callId = ownText(headerOf(request, "call-id") ?? "");
  const target = replyTarget(turn, flow);
  const leg = createLeg(turn, 0, { side: old.side, party, displayName, callId, target });
  leg.dialog = dialogFromRequest(request, leg.localTag) ?? null;
  agreeRefresh(turn, call, leg, request);
  replaceLeg(turn, call, old, { transaction, request, leg, offer: description });
}

/** P4: a gateway is sent to the peer itself, out of our way; null: the call is bridged. */
function movedTo(turn: Turn, route: Route, number: string): Refused | null {
  if (route.kind !== "peer" || route.purpose !== "destination") return null;
  const { peer } = turn.config;
  const own = turn.state.configured.dns.get(number)?.isRedirected;
  const [address] = peer?.addresses ?? [];
  if (address === undefined || (own ?? peer?.isRedirecting) !== true) return null;
  // P6: the reference stands where no gateway strips it.
  const uri = uriOf(`${route.number}~${newConnID(turn)}`, address.host, address.port);
  const headers = [["Contact", `<${uri}>`] as const];
  return { kind: "refused", status: 302, reason: "Moved Temporarily", headers };
}

function referenceIn(called: string): { number: string; connID: string } | null {
  const found = /^(.+)~([0-9a-f]{16})$/.exec(called);
  return found === null ? null : { number: found[1] ?? "", connID: found[2] ?? "" };
}

/** As this group writes it; null when the trunk it comes over has as many calls as it may. */
function calledNumber(
  turn: Turn,
  request: SipRequest,
  caller: Extract<Caller, { kind: "caller" }>,
): string | null {
  const number = parseUri(request.uri)?.user ?? "";
  const name = caller.party.kind === "external" ? caller.party.trunk : null;
  const trunk = name === null ? undefined : turn.state.configured.trunks.get(name);
  if (trunk === undefined) return number;
  return hasRoom(turn, trunk) ? translate(trunk.calledRules, number) : null;
}

interface Refused {
  readonly kind: "refused";
  readonly status: number;
  readonly reason: string;
  readonly headers?: readonly (readonly [string, string])[];
}

function refuse(turn: Turn, transaction: string, refused: Refused): void {
  const { status, reason, headers } = refused;
  answer(turn, transaction, status, headers === undefined ? { reason } : { reason, headers });
}

function refuseForm(turn: Turn, request: SipRequest): Refused | null {
  const required = listOf(request, "require").filter((name) => !extensions.has(name));
  if (required.length > 0) {
    const headers = [["Unsupported", required.join(", ")] as const];
    return { kind: "refused", status: 420, reason: "Bad Extension", headers };
  }
  if (Number(headerOf(request, "max-forwards") ?? "70") <= 0) {
    return { kind: "refused", status: 483, reason: "Too Many Hops" };
  }
  const type = (headerOf(request, "content-type") ?? "application/sdp").toLowerCase();
  const isKnown = type.startsWith("application/sdp") || type.startsWith("multipart/mixed");
  if (request.body !== "" && !isKnown) {
    const headers = [["Accept", "application/sdp"] as const];
    return { kind: "refused", status: 415, reason: "Unsupported Media Type", headers };
  }
  const interval = refuseInterval(turn, request);
  if (interval !== null) {
    return {
      kind: "refused",
      status: 422,
      reason: "Session Interval Too Small",
      headers: interval,
    };
  }
  if (turn.state.calls.size >= optionsOf(turn).callsMax) {
    const headers = [["Retry-After", "5"] as const];
    return { kind: "refused", status: 503, reason: "Service Unavailable", headers };
  }
  return null;
}

/** What an INVITE may require of us. */
const extensions: ReadonlySet<string> = new Set([
  "100rel",
  "timer",
  "replaces",
  "norefersub",
  "histinfo",
  "outbound",
  "path",
]);

type Caller =
  | {
      readonly kind: "caller";
      readonly party: Party;
      readonly displayName: string;
      readonly hop: Hop | null;
      readonly isTrunk: boolean;
    }
  | Refused;

function identifyCaller(
  turn: Turn,
  request: SipRequest,
  flow: Flow,
  authenticated: Authenticated | null,
  hop: Hop | null,
): Caller {
  const from = parseNameAddr(headerOf(request, "from") ?? "");
  const number = ownText(
    (from === undefined ? undefined : parseUri(from.uri))?.user ?? "anonymous",
  );
  const displayName = ownText(from?.display ?? "");
  if (isPeerFlow(turn, flow)) {
    if (hop === null) return { kind: "refused", status: 403, reason: "Not A Hop" };
    const dn = hop.purpose === "origin" ? originDn(turn, number) : null;
    const party: Party =
      dn === null ? { kind: "external", number, trunk: null } : { kind: "dn", number: dn };
    return { kind: "caller", party, displayName, hop, isTrunk: false };
  }
  if (authenticated !== null) {
    const dn = authenticated.user;
    if (!turn.state.configured.dns.has(dn)) return forbidden;
    if (!acceptNonce(dnRow(turn, dn), authenticated)) {
      const headers = [["Proxy-Authenticate", authenticated.challenge] as const];
      return { kind: "refused", status: 407, reason: "Proxy Authentication Required", headers };
    }
    return {
      kind: "caller",
      party: { kind: "dn", number: dn },
      displayName,
      hop: null,
      isTrunk: false,
    };
  }
  const trunk = turn.state.configured.trunkBySource.get(flow.remoteHost);
  if (trunk === undefined) return forbidden;
  const config = turn.state.configured.trunks.get(trunk);
  const asserted = config?.isTrusted === true ? assertedNumber(request) : null;
  const callerNumber = translate(config?.callerRules, asserted ?? number);
  const party: Party = { kind: "external", number: callerNumber, trunk };
  return { kind: "caller", party, displayName, hop: null, isTrunk: true };
}

const forbidden: Refused = { kind: "refused", status: 403, reason: "Forbidden" };

/** The DN as which the caller of an origin hop is logged in here; its own number when it is not. */
function originDn(turn: Turn, number: string): string | null {
  const numbers = sameAgent(turn, number).filter((each) => turn.state.configured.dns.has(each));
  return numbers.find((each) => turn.state.agents.has(each)) ?? numbers[0] ?? null;
}

interface CallSeed {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly transaction: string;
  readonly party: Party;
  readonly caller: Extract<Caller, { kind: "caller" }>;
  readonly route: Exclude<Route, { kind: "refused" }>;
  readonly number: string;
  readonly reference: { readonly connID: string } | null;
}

function createCall(turn: Turn, seed: CallSeed): Call {
  const { caller, request } = seed;
  const origination = createLeg(turn, 0, {
    side: 0,
    party: seed.party,
    displayName: caller.displayName,
    callId: ownText(headerOf(request, "call-id") ?? ""),
    target: replyTarget(turn, seed.flow),
  });
  origination.serverInvite = seed.transaction;
  learnAbilities(origination, request);
  const connID = caller.hop?.connID ?? seed.reference?.connID ?? newConnID(turn);
  const call: Call = {
    key: newCallKey(turn, connID),
    connID,
    callUUID: caller.hop?.callUUID ?? nextHex(turn.random, 32),
    callID: turn.state.nextCallID,
    callType: typeOf(caller, seed.route),
    startedAt: turn.now,
    userData: caller.hop?.userData ?? {},
    ani: caller.party.number,
    dnis: ownText(seed.number),
    callerDn: caller.party.kind === "dn" ? caller.party.number : null,
    hopsUsed: caller.hop?.used ?? [],
    origination,
    ...emptySetup(),
    isPrivate: wantsPrivacy(request),
    maxForwards: Number(headerOf(request, "max-forwards") ?? "70") - 1,
    exchange: { kind: "none" },
  };
  turn.state.nextCallID += 1;
  turn.state.calls.set(call.key, call);
  enterTrunk(turn, trunkOf(origination), call.key, origination.id);
  ownTransaction(turn, seed.transaction, keyOf(call, origination), origination.localTag);
  const dialog = dialogFromRequest(request, origination.localTag);
  if (dialog !== undefined) enterDialog(turn, call, origination, dialog);
  if (seed.party.kind === "dn") joinDn(turn, seed.party.number, call.key);
  return call;
}

function typeOf(caller: Extract<Caller, { kind: "caller" }>, route: Route): CallType {
  if (caller.hop !== null && caller.hop.purpose !== "origin") return caller.hop.callType;
  if (caller.isTrunk) return "Inbound";
  return route.kind === "trunk" ? "Outbound" : "Internal";
}
