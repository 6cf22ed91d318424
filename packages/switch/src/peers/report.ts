import type { Lease } from "@tandem/cti";
import {
  dialogFromRequest,
  dialogRequest,
  headerOf,
  refreshTarget,
  type SipRequest,
} from "@tandem/sip";
import { isSessionOpen } from "../agents/agent.ts";
import { asciiJson } from "../calls/hop.ts";
import type { Flow, FlowTarget } from "../input.ts";
import { reportedReady } from "../queues/idle.ts";
import { sendRequest } from "../transactions/client.ts";
import { answer, ownTag } from "../transactions/server.ts";
import { newBranch, newIdentifier, type Turn } from "../turn.ts";
import { decideAll } from "./lease.ts";
import type { Subscriber } from "./peer.ts";

/**
 * P2, the peer's side: what we report of our DNs. Full state in pages of at most 200 DNs, then
 * changes; one NOTIFY under way at a time, so that reports arrive in the order of their numbers.
 */
export interface Report {
  /** Our machine's cold start: another one means full state. */
  readonly start: number;
  readonly version: number;
  /** `first`: the full state begins here; `last`: it is complete. */
  readonly full: "first" | "more" | "last" | "only" | null;
  readonly dns: readonly ReportedDn[];
}

export interface ReportedDn {
  readonly dn: string;
  readonly inService: boolean;
  readonly login: {
    readonly agentID: string;
    readonly userName: string;
    readonly lease: Lease;
    readonly isOpen: boolean;
    readonly state: string;
  } | null;
  /** Of a queue: its available agents (P7). */
  readonly ready?: number;
}

const pageSize = 200;

/** SUBSCRIBE from the peer: the full state begins anew. */
export function onSubscribe(turn: Turn, key: string, request: SipRequest, flow: Flow): void {
  const expires = headerOf(request, "expires") ?? "600";
  if (headerOf(request, "event") !== "tandem-dn") {
    answer(turn, key, 489, { headers: [["Allow-Events", "tandem-dn"]] });
    return;
  }
  const { peer } = turn.state;
  const before = peer.subscriber;
  const localTag = before?.dialog.localTag ?? newIdentifier(turn);
  const isRefresh = before !== null && isInDialog(request, before);
  if (!isRefresh && /;\s*tag=/i.test(headerOf(request, "to") ?? "")) {
    answer(turn, key, 481, {});
    return;
  }
  const dialog = isRefresh ? before.dialog : dialogFromRequest(request, localTag);
  if (dialog === undefined) {
    answer(turn, key, 400, {});
    return;
  }
  if (isRefresh) refreshTarget(dialog, request);
  else ownTag(turn, key, localTag);
  const { host, port } = turn.config;
  answer(turn, key, 200, {
    headers: [
      ["Expires", expires],
      ["Contact", `<sip:${host}:${port};transport=tcp>`],
    ],
  });
  if (expires === "0") {
    peer.subscriber = null;
    return;
  }
  peer.subscriber = {
    dialog,
    target: peerTarget(turn, flow),
    version: isRefresh ? before.version : 0,
    unsent: knownDns(turn),
    isAtStart: true,
    hasFull: false,
    changed: new Set(),
    isReporting: isRefresh && before.isReporting,
  };
}

function isInDialog(request: SipRequest, subscriber: Subscriber): boolean {
  return (
    headerOf(request, "call-id") === subscriber.dialog.callId &&
    (headerOf(request, "to") ?? "").includes(`tag=${subscriber.dialog.localTag}`)
  );
}

/** The peer is reached at its configured address: a broken connection is opened anew. */
function peerTarget(turn: Turn, flow: Flow): FlowTarget {
  const address = turn.config.peer?.addresses.find(({ host }) => host === flow.remoteHost);
  return {
    transport: "TCP",
    name: "",
    host: flow.remoteHost,
    port: address?.port ?? flow.remotePort,
  };
}

function knownDns(turn: Turn): string[] {
  const numbers = new Set(turn.state.agents.keys());
  for (const dn of turn.state.dns.values()) if (dn.inService) numbers.add(dn.number);
  for (const dn of turn.config.dns) if (dn.queue !== undefined) numbers.add(dn.number);
  return [...numbers];
}

/** At the end of a turn: what is to be told and can be. */
export function flushReports(turn: Turn): void {
  const { subscriber } = turn.state.peer;
  if (subscriber === null || subscriber.isReporting) return;
  if (!subscriber.hasFull) return sendPage(turn, subscriber);
  if (subscriber.changed.size === 0) return;
  const dns: string[] = [];
  for (const dn of subscriber.changed) {
    if (dns.length >= pageSize) break;
    dns.push(dn);
  }
  for (const dn of dns) subscriber.changed.delete(dn);
  notify(turn, subscriber, null, dns);
}

function sendPage(turn: Turn, subscriber: Subscriber): void {
  const dns = subscriber.unsent.splice(0, pageSize);
  const isLast = subscriber.unsent.length === 0;
  const full = subscriber.isAtStart ? (isLast ? "only" : "first") : isLast ? "last" : "more";
  subscriber.isAtStart = false;
  subscriber.hasFull = isLast;
  notify(turn, subscriber, full, dns);
}

function notify(
  turn: Turn,
  subscriber: Subscriber,
  full: Report["full"],
  dns: readonly string[],
): void {
  subscriber.version += 1;
  subscriber.isReporting = true;
  const report: Report = {
    start: turn.state.serverStartTime,
    version: subscriber.version,
    full,
    dns: dns.map((dn) => reported(turn, dn)),
  };
  const { host, port } = turn.config;
  const branch = newBranch(turn);
  const { text } = dialogRequest(subscriber.dialog, "NOTIFY", {
    via: `SIP/2.0/TCP ${host}:${port};branch=${branch};rport`,
    contact: `<sip:${host}:${port};transport=tcp>`,
    headers: [
      ["Event", "tandem-dn"],
      ["Subscription-State", "active;expires=600"],
      ["Content-Type", "application/json"],
    ],
    body: asciiJson(report),
  });
  const owner = { kind: "peerNotify" } as const;
  sendRequest(turn, { method: "NOTIFY", branch, text }, subscriber.target, owner);
}

function reported(turn: Turn, dn: string): ReportedDn {
  if (turn.state.configured.dns.get(dn)?.queue !== undefined) {
    return { dn, inService: false, login: null, ready: reportedReady(turn, dn) };
  }
  const agent = turn.state.agents.get(dn);
  return {
    dn,
    inService: turn.state.dns.get(dn)?.inService === true,
    login:
      agent === undefined
        ? null
        : {
            agentID: agent.agentID,
            userName: agent.userName,
            lease: agent.lease,
            isOpen: isSessionOpen(agent),
            state: agent.state.kind,
          },
  };
}

/** 481: the peer knows no such subscription. Unreachable: it will hear everything when it asks. */
export function onNotifyAnswered(turn: Turn, status: number): void {
  const { peer } = turn.state;
  const { subscriber } = peer;
  if (subscriber === null) return;
  subscriber.isReporting = false;
  if (status >= 200 && status < 300) {
    // P3: a site decides only once the peer has its full state too.
    if (subscriber.hasFull) decideAll(turn);
    return;
  }
  peer.subscriber = null;
}
