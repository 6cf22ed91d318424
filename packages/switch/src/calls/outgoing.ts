import { buildRequest } from "@tandem/sip";
import { viaTo } from "../sent-by.ts";
import { waitAtQueue } from "../queues/enter.ts";
import { sendRequest } from "../transactions/client.ts";
import { arm, newBranch, newIdentifier, optionsOf, type Turn } from "../turn.ts";
import { announceDialing } from "./announce.ts";
import { autoAnswerHeaders } from "./auto-answer.ts";
import {
  callTimer,
  keyOf,
  type Alternative,
  type Call,
  type HopPurpose,
  type Leg,
  trunkOf,
  type Party,
} from "./call.ts";
import { enterTrunk } from "../trunks/trunk.ts";
import { writeHop } from "./hop.ts";
import { allowHeader, contactOf, createLeg, leaveDialog, nextLegId } from "./leg.ts";
import { diversionHeaders, fromOf, identityHeaders, uriOf } from "./identity.ts";
import { groupsOf } from "./places.ts";
import { offerTimer } from "./session-timer.ts";
import { retireLeg } from "./release.ts";
import { joinDn } from "./leg.ts";
import { decideRoute, type Route } from "./route.ts";
import { describeTo } from "./session-description.ts";

/**
 * The legs to the callee: INVITE to every binding of a DN that has the highest q at once (RFC 3261
 * §16.6), to the first trunk of a rule, or over the trunk to the peer; to the next group, trunk or
 * node when those fail.
 */
export function callDestination(
  turn: Turn,
  call: Call,
  route: Exclude<Route, { kind: "refused" }>,
  offer: string,
  headers: Alternative["headers"] = [],
): void {
  call.forwardedBy = route.forwardedBy ?? call.forwardedBy;
  if (route.kind === "queue") return waitAtQueue(turn, call, route.number);
  call.queue = route.kind === "dn" ? (route.queue ?? null) : null;
  const purpose = route.kind === "peer" ? route.purpose : null;
  const party: Party =
    route.kind === "dn"
      ? { kind: "dn", number: route.number }
      : { kind: "external", number: route.number, trunk: null };
  const [first, ...rest] = groupsOf(turn, route).map((group) =>
    headers.length === 0 ? group : group.map((place) => ({ ...place, headers })),
  );
  if (first === undefined) return callNobody(turn, call, 503, "No Route");
  if (party.kind === "dn" && takesPart(turn, call, party.number)) {
    return callNobody(turn, call, 486, "Busy Here");
  }
  call.untried = rest;
  call.refusal = null;
  if (party.kind === "dn") joinDn(turn, party.number, call.key);
  callGroup(turn, call, { party, purpose, offer, places: first });
  arm(turn, callTimer(call, "no-answer"), answerTimeoutMs(turn, party, call.queue));
}

/** A DN that is in this call already, here or by way of the peer, cannot be called by it. */
export function takesPart(turn: Turn, call: Call, dn: string): boolean {
  return (turn.state.callsByDn.get(dn) ?? []).some(
    (key) => turn.state.calls.get(key)?.connID === call.connID,
  );
}

/** Whoever began this goes on before it hears of it: the refusal is the call's next step. */
function callNobody(turn: Turn, call: Call, status: number, reason: string): void {
  call.refusal = { status, reason };
  arm(turn, callTimer(call, "not-taken"), 0);
}

interface Group {
  readonly party: Party;
  readonly purpose: HopPurpose | null;
  readonly offer: string;
  readonly places: readonly Alternative[];
}

function callGroup(turn: Turn, call: Call, group: Group): void {
  const legs = group.places.map((place) => {
    const { trunk = null } = place;
    const party = trunk === null ? group.party : { ...group.party, trunk };
    const leg = createLeg(turn, nextLegId(call), {
      side: 1,
      party,
      displayName: "",
      callId: newIdentifier(turn),
      target: place.target,
    });
    leg.hop = group.purpose;
    enterTrunk(turn, trunk, call.key, leg.id);
    return { leg, place };
  });
  const [main, ...forks] = legs;
  if (main === undefined) return;
  call.destination = main.leg;
  call.forks.push(...forks.map(({ leg }) => leg));
  announceDialing(turn, call, call.exchange.kind === "makeCall" ? call.exchange.answers : null);
  const isForked = legs.length > 1;
  for (const { leg, place } of legs) {
    const content = { place: { ...place, isForked }, offer: group.offer, purpose: group.purpose };
    sendInvite(turn, call, leg, content);
    watchReach(turn, call, leg);
  }
}

/** A place that says nothing at all is left for the next one, before the transaction gives up. */
function watchReach(turn: Turn, call: Call, leg: Leg): void {
  const name = trunkOf(leg);
  const trunk = name === null ? undefined : turn.state.configured.trunks.get(name);
  if (trunk?.failoverMs === undefined || call.untried.length === 0) return;
  arm(turn, callTimer(call, `reach-${leg.id}`), trunk.failoverMs);
}

/** `call/<key>/reach-<leg>`. */
export function hasNotReached(turn: Turn, call: Call, leg: Leg): boolean {
  if (leg.state !== "trying" || leg.clientInvite === null || leg !== call.destination) return false;
  const transaction = turn.state.transactions.get(leg.clientInvite);
  return transaction?.role === "client" && !transaction.hasProvisional;
}

/** The same callee by its next bindings, trunk or node; false when none is left. */
export function callNextAlternative(turn: Turn, call: Call, failed: Leg, offer: string): boolean {
  const places = call.untried.shift();
  if (places === undefined) return false;
  retireLeg(turn, call, failed);
  callGroup(turn, call, { party: failed.party, purpose: failed.hop, offer, places });
  if (call.destination !== null) call.destination.announced = failed.announced;
  return true;
}

/**
 * A hop that failed is made: the call is served here (peers.md P5, P8). False when it was no hop,
 * or goes nowhere from here.
 */
export function callWithoutPeer(turn: Turn, call: Call, failed: Leg, offer: string): boolean {
  // P7: a queue's offer that failed is no hop; the call waits on.
  if (failed.hop === null || failed.hop === "queue") return false;
  call.hopsUsed = [...call.hopsUsed, failed.hop];
  const { exchange } = call;
  const route = decideRoute(turn, {
    number: exchange.kind === "makeCall" ? exchange.otherDN : call.dnis,
    callerDn: call.callerDn,
    hopsUsed: call.hopsUsed,
    isDialledHere: false,
  });
  if (route.kind === "refused" || route.kind === "peer") return false;
  retireLeg(turn, call, failed);
  callDestination(turn, call, route, offer);
  return true;
}

/** What a call is before anybody is called. */
export function emptySetup(): Pick<
  Call,
  | "queue"
  | "forwardedBy"
  | "destination"
  | "forks"
  | "departing"
  | "announcement"
  | "untried"
  | "refusal"
  | "handover"
  | "consult"
  | "diversions"
  | "isPrivate"
  | "updatedBy"
  | "maxForwards"
  | "nextLegId"
> {
  return {
    queue: null,
    forwardedBy: [],
    destination: null,
    forks: [],
    departing: null,
    announcement: null,
    untried: [],
    refusal: null,
    handover: null,
    consult: null,
    diversions: [],
    isPrivate: false,
    updatedBy: null,
    maxForwards: 70,
    nextLegId: 1,
  };
}

function answerTimeoutMs(turn: Turn, party: Party, queue: string | null): number {
  if (party.kind === "external") return externalAnswerTimeoutMs;
  const { dns } = turn.state.configured;
  const queues = queue === null ? null : (dns.get(queue)?.queue?.noAnswerTimeoutMs ?? null);
  const own = queues ?? dns.get(party.number)?.noAnswerTimeoutMs ?? null;
  return own ?? optionsOf(turn).noAnswerTimeoutMs;
}

/** RFC 3261 §16.6 item 11, Timer C: more than three minutes. */
const externalAnswerTimeoutMs = 185_000;

export interface InviteContent {
  readonly place: Alternative;
  readonly offer: string;
  /** For a leg over the peer trunk: what the hop is for. */
  readonly purpose: HopPurpose | null;
}

export function sendInvite(turn: Turn, call: Call, leg: Leg, content: InviteContent): void {
  const { host, port } = turn.config;
  leg.hop = content.purpose;
  const branch = newBranch(turn);
  const description = content.offer === "" ? "" : describeTo(leg, content.offer);
  const isToCaller = leg.side === 0;
  const hop = hopContent(turn, call, content.purpose, description);
  const text = buildRequest({
    method: "INVITE",
    uri: content.place.requestUri,
    headers: [
      ["Via", viaTo(turn, leg.target, branch)],
      ...content.place.route.map((value) => ["Route", value] as const),
      ["Max-Forwards", String(call.maxForwards)],
      ["From", `${fromOf(turn, call, leg)};tag=${leg.localTag}`],
      ["To", `<${uriOf(leg.party.number, host, port)}>`],
      ["Call-ID", leg.callId],
      ["CSeq", "1 INVITE"],
      ["Contact", contactOf(turn, leg)],
      allowHeader,
      ["Supported", isReliableWanted(call, content) ? "timer, 100rel" : "timer"],
      ...offerTimer(turn, leg),
      ...identityHeaders(turn, call, leg),
      ...diversionHeaders(turn, call),
      ...content.place.headers,
      ...(isToCaller ? autoAnswerHeaders(turn, leg) : []),
      ...(hop.header === null ? [] : [hop.header]),
      ...(hop.contentType === null ? [] : [["Content-Type", hop.contentType] as const]),
    ],
    body: hop.body,
  });
  const owner = { kind: "invite", ...keyOf(call, leg) } as const;
  leg.clientInvite = sendRequest(turn, { method: "INVITE", branch, text }, leg.target, owner);
}

/**
 * The same INVITE once more in a new transaction, with its CSeq raised and these headers instead of
 * its own of the same names (422, 401 and 407).
 */
export function repeatInvite(
  turn: Turn,
  call: Call,
  leg: Leg,
  text: string,
  headers: readonly (readonly [string, string])[],
): void {
  const branch = newBranch(turn);
  const names = new Set(["via", "cseq", ...headers.map(([name]) => name.toLowerCase())]);
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const cseq = Number(/^CSeq: (\d+)/im.exec(text)?.[1] ?? "1") + 1;
  const kept = lines.filter((line) => !names.has(line.slice(0, line.indexOf(":")).toLowerCase()));
  const added = [
    `Via: ${viaTo(turn, leg.target, branch)}`,
    `CSeq: ${cseq} INVITE`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const again = `${[first, ...added, ...kept].join("\r\n")}${text.slice(end)}`;
  const owner = { kind: "invite", ...keyOf(call, leg) } as const;
  leaveDialog(turn, leg);
  leg.dialog = null;
  leg.state = "trying";
  const own = { method: "INVITE", branch, text: again };
  leg.clientInvite = sendRequest(turn, own, leg.target, owner);
}

/** From end to end or not at all: the caller's PRACK will be the callee's. */
function isReliableWanted(call: Call, { place, offer }: InviteContent): boolean {
  if (call.exchange.kind !== "setup" || place.isForked === true) return false;
  return call.origination.abilities.reliable && (offer !== "" || !call.exchange.offerInInvite);
}

interface Content {
  readonly header: readonly [string, string] | null;
  readonly body: string;
  readonly contentType: string | null;
}

function hopContent(
  turn: Turn,
  call: Call,
  purpose: HopPurpose | null,
  description: string,
): Content {
  if (purpose === null) {
    const contentType = description === "" ? null : "application/sdp";
    return { header: null, body: description, contentType };
  }
  const hop = {
    purpose,
    used: [...call.hopsUsed, purpose],
    connID: call.connID,
    callUUID: call.callUUID,
    callType: call.callType,
    userData: call.userData,
  };
  return writeHop(hop, description, newIdentifier(turn));
}
