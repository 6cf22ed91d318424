import { buildRequest } from "@tandem/sip";
import { unreachable } from "@tandem/kernel";
import type { FlowTarget } from "../input.ts";
import { viaTo } from "../sent-by.ts";
import { sendRequest } from "../transactions/client.ts";
import { arm, newBranch, newIdentifier, optionsOf, type Turn } from "../turn.ts";
import { announceDialing } from "./announce.ts";
import {
  callTimer,
  type Alternative,
  type Call,
  type HopPurpose,
  type Leg,
  type Party,
} from "./call.ts";
import { writeHop } from "./hop.ts";
import { allowHeader, contactOf, createLeg } from "./leg.ts";
import { joinDn, refuseCaller } from "./release.ts";
import { decideRoute, type Route } from "./route.ts";
import { describeTo } from "./session-description.ts";

/**
 * The leg to the callee: INVITE to the newest binding of a DN, to the first trunk of a rule, or
 * over the trunk to the peer; to the next one when that cannot be reached.
 */
export function callDestination(
  turn: Turn,
  call: Call,
  route: Exclude<Route, { kind: "refused" }>,
  offer: string,
  maxForwards: number,
): void {
  const alternatives = alternativesOf(turn, route);
  const purpose = route.kind === "peer" ? route.purpose : null;
  const party: Party =
    route.kind === "dn"
      ? { kind: "dn", number: route.number }
      : { kind: "external", number: route.number, trunk: route.kind === "trunk" ? "trunk" : null };
  const leg = nextLeg(turn, party, alternatives);
  if (leg === null) return refuseCaller(turn, call, 503, "No Route");
  call.destination = leg;
  if (party.kind === "dn") joinDn(turn, party.number, call.key);
  announceDialing(turn, call, call.exchange.kind === "makeCall" ? call.exchange.answers : null);
  sendInvite(turn, call, leg, { offer, maxForwards, purpose });
  arm(turn, callTimer(call, "no-answer"), answerTimeoutMs(turn, party));
}

/** The same callee by its next binding, trunk or node; false when none is left. */
export function callNextAlternative(turn: Turn, call: Call, failed: Leg, offer: string): boolean {
  const leg = nextLeg(turn, failed.party, failed.alternatives);
  if (leg === null) return false;
  leg.announced = failed.announced;
  call.destination = leg;
  sendInvite(turn, call, leg, { offer, maxForwards: 70, purpose: failed.hop });
  return true;
}

/**
 * A hop that failed is made: the call is served here (peers.md P5, P8). False when it was no hop,
 * or goes nowhere from here.
 */
export function callWithoutPeer(turn: Turn, call: Call, failed: Leg, offer: string): boolean {
  if (failed.hop === null) return false;
  call.hopsUsed = [...call.hopsUsed, failed.hop];
  const { exchange } = call;
  const route = decideRoute(turn, {
    number: exchange.kind === "makeCall" ? exchange.otherDN : call.dnis,
    callerDn: call.callerDn,
    hopsUsed: call.hopsUsed,
    isDialledHere: false,
  });
  if (route.kind === "refused" || route.kind === "peer") return false;
  callDestination(turn, call, route, offer, 70);
  return true;
}

function nextLeg(turn: Turn, party: Party, alternatives: readonly Alternative[]): Leg | null {
  const [first, ...rest] = alternatives;
  if (first === undefined) return null;
  const leg = createLeg(turn, {
    side: 1,
    party,
    displayName: "",
    callId: newIdentifier(turn),
    target: first.target,
  });
  leg.alternatives.push(first, ...rest);
  return leg;
}

function alternativesOf(turn: Turn, route: Exclude<Route, { kind: "refused" }>): Alternative[] {
  switch (route.kind) {
    case "dn":
      return route.bindings.map(({ contact, target }) => ({ requestUri: contact, target }));
    case "trunk":
      return route.trunks.flatMap((name) => {
        const trunk = turn.state.configured.trunks.get(name);
        if (trunk === undefined) return [];
        const { transport, host, port } = trunk;
        return [
          {
            requestUri: uriOf(route.number, host, port),
            target: { transport, name: "", host, port },
          },
        ];
      });
    case "peer":
      return (turn.config.peer?.addresses ?? []).map(({ host, port }) => ({
        requestUri: `${uriOf(route.number, host, port)};transport=tcp`,
        target: { transport: "TCP", name: "", host, port } satisfies FlowTarget,
      }));
    default:
      return unreachable(route);
  }
}

export function uriOf(number: string, host: string, port: number): string {
  return port === sipPort ? `sip:${number}@${host}` : `sip:${number}@${host}:${port}`;
}

const sipPort = 5060;

function answerTimeoutMs(turn: Turn, party: Party): number {
  if (party.kind === "external") return externalAnswerTimeoutMs;
  const own = turn.state.configured.dns.get(party.number)?.noAnswerTimeoutMs ?? null;
  return own ?? optionsOf(turn).noAnswerTimeoutMs;
}

/** RFC 3261 §16.6 item 11, Timer C: more than three minutes. */
const externalAnswerTimeoutMs = 185_000;

export interface InviteContent {
  readonly offer: string;
  readonly maxForwards: number;
  /** For a leg over the peer trunk: what the hop is for. */
  readonly purpose: HopPurpose | null;
}

export function sendInvite(turn: Turn, call: Call, leg: Leg, content: InviteContent): void {
  const { host, port } = turn.config;
  const target = leg.alternatives.shift();
  if (target === undefined) return;
  leg.hop = content.purpose;
  const branch = newBranch(turn);
  const description = content.offer === "" ? "" : describeTo(leg, content.offer);
  const isToCaller = leg.side === 0;
  const fromNumber = isToCaller ? call.dnis : call.ani;
  const display = isToCaller ? "" : displayOf(call.origination.displayName);
  const hop =
    content.purpose === null
      ? {
          header: null,
          body: description,
          contentType: description === "" ? null : "application/sdp",
        }
      : writeHop(
          {
            purpose: content.purpose,
            used: [...call.hopsUsed, content.purpose],
            connID: call.connID,
            callUUID: call.callUUID,
            callType: call.callType,
            userData: call.userData,
          },
          description,
          newIdentifier(turn),
        );
  const text = buildRequest({
    method: "INVITE",
    uri: target.requestUri,
    headers: [
      ["Via", viaTo(turn, leg.target, branch)],
      ["Max-Forwards", String(content.maxForwards)],
      ["From", `${display}<${uriOf(fromNumber, host, port)}>;tag=${leg.localTag}`],
      ["To", `<${uriOf(leg.party.number, host, port)}>`],
      ["Call-ID", leg.callId],
      ["CSeq", "1 INVITE"],
      ["Contact", contactOf(turn, leg)],
      allowHeader,
      ...(isToCaller ? autoAnswer(host) : []),
      ...(hop.header === null ? [] : [hop.header]),
      ...(hop.contentType === null ? [] : [["Content-Type", hop.contentType] as const]),
    ],
    body: hop.body,
  });
  const key = { kind: "invite", call: call.key, side: leg.side } as const;
  leg.clientInvite = sendRequest(turn, { method: "INVITE", branch, text }, leg.target, key);
}

function displayOf(name: string): string {
  return name === "" ? "" : `"${name.replace(/["\\]/g, "")}" `;
}

/**
 * A phone that its own desktop makes ring answers by itself, where it understands either header.
 */
function autoAnswer(host: string): (readonly [string, string])[] {
  return [
    ["Call-Info", `<sip:${host}>;answer-after=0`],
    ["Alert-Info", `<http://${host}>;info=alert-autoanswer;delay=0`],
  ];
}
