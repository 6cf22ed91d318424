import type { Lease } from "@tandem/cti";
import type { LogTimeMs } from "@tandem/kernel";
import { ownText, type Dialog } from "@tandem/sip";
import type { Flow, FlowTarget } from "../input.ts";
import type { Turn } from "../turn.ts";

/**
 * What this site knows of the other one (peers.md P1–P3, `packages/switch/PEERS.md`): whether it
 * lives, who is logged in there, and what it has been told of us. Nothing here is waited for by a
 * call.
 */
export interface Peer {
  /** P1: some node of it has answered lately. */
  isAlive: boolean;
  lastAnswerAt: LogTimeMs | null;
  /** By address: its last probe was refused. */
  readonly refused: Map<number, boolean>;
  /** The subscription of ours at the peer. */
  subscription: Subscription | null;
  /** The peer's subscription here. */
  subscriber: Subscriber | null;
  /** The peer's machine, by its cold start, and the number of its last report. */
  remoteStart: number;
  remoteVersion: number;
  /** The peer's cold start as last known, kept while it is held dead. */
  lastStart: number;
  /** The peer's full state has arrived. */
  holdsFull: boolean;
  readonly logins: Map<string, PeerLogin>;
  /** DNs in service there. */
  readonly inService: Set<string>;
  /** The highest lease epoch known of each DN, of logins that are over too. */
  readonly leaseEpochs: Map<string, number>;
}

export interface PeerLogin {
  readonly dn: string;
  readonly agentID: string;
  readonly userName: string;
  readonly lease: Lease;
  /** Its session is connected, or lost for less than `session-grace`. */
  readonly isOpen: boolean;
  readonly state: string;
}

export interface Subscription {
  readonly callId: string;
  readonly localTag: string;
  dialog: Dialog | null;
  /** The SUBSCRIBE that is to make the dialog, until it has. */
  request: string;
  readonly target: FlowTarget;
}

export interface Subscriber {
  readonly dialog: Dialog;
  target: FlowTarget;
  /** Of the last report sent; reports are numbered in a start of ours. */
  version: number;
  /** DNs of the full state that are still to be sent, in pages. */
  readonly unsent: string[];
  isAtStart: boolean;
  /** The full state has been sent. */
  hasFull: boolean;
  /** DNs that changed since they were reported, in order. */
  readonly changed: Set<string>;
  isReporting: boolean;
}

export function createPeer(): Peer {
  return {
    isAlive: false,
    lastAnswerAt: null,
    refused: new Map(),
    subscription: null,
    subscriber: null,
    remoteStart: 0,
    remoteVersion: 0,
    lastStart: 0,
    holdsFull: false,
    logins: new Map(),
    inService: new Set(),
    leaseEpochs: new Map(),
  };
}

/** The login at the peer of this DN, while the peer lives. */
export function loginAtPeer(peer: Peer, dn: string): PeerLogin | undefined {
  return peer.isAlive ? peer.logins.get(dn) : undefined;
}

export function servesAtPeer(peer: Peer, dn: string): boolean {
  return peer.isAlive && peer.inService.has(dn);
}

/** Whether a message came over the peer trunk (P6: hops are believed from there only). */
export function isPeerFlow(turn: Turn, flow: Flow): boolean {
  return isPeerHost(turn, flow.transport, flow.remoteHost);
}

export function isPeerHost(turn: Turn, transport: string, host: string): boolean {
  if (transport === "UDP") return false;
  const addresses = turn.config.peer?.addresses ?? [];
  return addresses.some((address) => address.host === host);
}

/**
 * Where requests to whoever sent this go. The peer is reached at its configured port once the
 * connection is gone: the one it came from was its own choice.
 */
export function replyTarget(turn: Turn, flow: Flow): FlowTarget {
  const { transport, name, remoteHost: host, remotePort } = flow;
  const addresses = flow.transport === "UDP" ? [] : (turn.config.peer?.addresses ?? []);
  const configured = addresses.find((address) => address.host === host);
  return { transport, name, host: ownText(host), port: configured?.port ?? remotePort };
}

/** The subscription is lost: what it told is forgotten. */
export function forgetPeer(peer: Peer): void {
  peer.subscription = null;
  peer.holdsFull = false;
  peer.remoteStart = 0;
  peer.remoteVersion = 0;
  peer.logins.clear();
  peer.inService.clear();
}
