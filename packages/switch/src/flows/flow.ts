import type { LogTimeMs } from "@tandem/kernel";
import type { FlowTarget } from "../input.ts";
import { isPeerHost } from "../peers/peer.ts";
import type { SwitchState } from "../state.ts";
import { placesOf } from "../trunks/locate.ts";
import type { Turn } from "../turn.ts";

/**
 * Connections that carry SIP, as the machine sees them (replication.md, Connections): flows named
 * `epoch.number`. One is lost when it closed, or with the node that had it. Whoever can be reached
 * at an address (the peer, a trunk) is sent to there; what is owed to a phone waits for the flow
 * that it registers over next.
 */
export interface Flows {
  /** Flows of earlier epochs are lost: another incarnation had them. */
  since: number;
  /** Flows of this incarnation that closed, oldest first. */
  readonly lost: Map<string, LogTimeMs>;
  /** Keys of the transactions over each flow. */
  readonly transactions: Map<string, Set<string>>;
  /** Keys of the dialogs over each flow. */
  readonly dialogs: Map<string, Set<string>>;
}

/** Names of closed flows that are kept; what is forgotten is sent to the edge, which knows. */
const lostMax = 50_000;

export function createFlows(): Flows {
  return { since: 0, lost: new Map(), transactions: new Map(), dialogs: new Map() };
}

export function isLost({ flows }: SwitchState, name: string): boolean {
  if (name === "") return false;
  return flows.lost.has(name) || epochOf(name) < flows.since;
}

export function noteLost(turn: Turn, name: string): void {
  const { lost, since } = turn.state.flows;
  if (name === "" || epochOf(name) < since) return;
  lost.set(name, turn.now);
  if (lost.size <= lostMax) return;
  for (const oldest of lost.keys()) {
    lost.delete(oldest);
    return;
  }
}

/** Something came over it: a phone that registered over another one may use this one, too. */
export function noteAlive({ flows }: SwitchState, name: string): void {
  if (flows.lost.size > 0) flows.lost.delete(name);
}

function epochOf(name: string): number {
  return Number.parseInt(name, 10);
}

/** Where a message for `target` goes now; null: it waits for the phone's new flow. */
export function wayTo(turn: Turn, target: FlowTarget): FlowTarget | null {
  if (!isLost(turn.state, target.name)) return target;
  const { transport, host, port } = target;
  const peers = turn.config.peer?.addresses ?? [];
  if (isPeerHost(turn, transport, host)) {
    const peer = peers.find((each) => each.host === host);
    return { transport, name: "", host, port: peer?.port ?? port };
  }
  const trunk = turn.state.configured.trunkBySource.get(host);
  const config = trunk === undefined ? undefined : turn.state.configured.trunks.get(trunk);
  if (config === undefined) return null;
  const place = placesOf(config).find((each) => each.host === host);
  const preset = transport === "TLS" ? 5061 : 5060;
  return { transport, name: "", host, port: place?.port ?? preset };
}

/** Whether what is owed to `target` has to wait for a phone. */
export function isAwaited(turn: Turn, target: FlowTarget): boolean {
  return wayTo(turn, target) === null;
}

interface Carried {
  readonly key: string;
  readonly target: FlowTarget;
}

export function enterFlow({ flows }: SwitchState, { key, target }: Carried): void {
  enter(flows.transactions, target.name, key);
}

export function leaveFlow({ flows }: SwitchState, { key, target }: Carried): void {
  leave(flows.transactions, target.name, key);
}

export function enterFlowDialog({ flows }: SwitchState, { key, target }: Carried): void {
  enter(flows.dialogs, target.name, key);
}

export function leaveFlowDialog({ flows }: SwitchState, { key, target }: Carried): void {
  leave(flows.dialogs, target.name, key);
}

function enter(index: Map<string, Set<string>>, name: string, key: string): void {
  if (name === "") return;
  const keys = index.get(name);
  if (keys === undefined) index.set(name, new Set([key]));
  else keys.add(key);
}

function leave(index: Map<string, Set<string>>, name: string, key: string): void {
  if (name === "") return;
  const keys = index.get(name);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(name);
}
