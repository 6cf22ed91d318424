import { createTimers, type Timers } from "@tandem/kernel";
import type { Agent } from "./agents/agent.ts";
import type { Monitor } from "./agents/monitor.ts";
import type { Call, LegKey } from "./calls/call.ts";
import type { AgentLoginConfig, DnConfig, SwitchConfig, TrunkConfig } from "./config.ts";
import { createFlows, type Flows } from "./flows/flow.ts";
import { createPeer, type Peer } from "./peers/peer.ts";
import { createQueues, type Queues } from "./queues/queue.ts";
import type { Dn } from "./registrar/dn.ts";
import { createRing, type EventRing } from "./sessions/ring.ts";
import type { Session } from "./sessions/session.ts";
import type { PendingSigning } from "./trunks/sign.ts";
import type { Trunk } from "./trunks/trunk.ts";
import type { Lingering } from "./transactions/linger.ts";
import type { Transaction } from "./transactions/transaction.ts";

/**
 * Everything the machine knows, as one tree of plain data (architecture.md, The machine). Rows name
 * each other by id, never by reference. Each slice is changed only by the folder whose type it has.
 */
export interface SwitchState {
  epoch: number;
  /** Epoch milliseconds of the machine's cold start; survives switchovers. 0 until it is known. */
  serverStartTime: number;
  /** Wall time minus log time, as last told. */
  wallOffsetMs: number;
  config: SwitchConfig | null;
  /** The configuration's rows by their names, made anew with each configuration. */
  readonly configured: Configured;
  readonly timers: Timers;
  /** Registered DNs and their bindings, by number. */
  readonly dns: Map<string, Dn>;
  /** Agents logged in here, by DN. */
  readonly agents: Map<string, Agent>;
  /** userName → the DN where that person is logged in. */
  readonly dnByUser: Map<string, string>;
  readonly transactions: Map<string, Transaction>;
  /** Keys of the transactions that only wait for repeats, by when they end. */
  readonly lingering: Lingering;
  /** `Call-ID|local tag` → the leg whose dialog it is. */
  readonly dialogs: Map<string, LegKey>;
  /** By their keys. */
  readonly calls: Map<string, Call>;
  /** Keys of the calls that a DN takes part in, oldest first. */
  readonly callsByDn: Map<string, string[]>;
  nextCallID: number;
  readonly sessions: Map<string, Session>;
  /** CTI connection → session. */
  readonly connections: Map<string, string>;
  /** DN → sessions that registered it, in order of registration. */
  readonly watchers: Map<string, string[]>;
  /** Observed DN → the sessions that see its calls, oldest first. */
  readonly monitors: Map<string, readonly Monitor[]>;
  readonly ring: EventRing;
  readonly queues: Queues;
  readonly peer: Peer;
  /** By name. */
  readonly trunks: Map<string, Trunk>;
  /** Challenges whose answer the edge is making, by id. */
  readonly signings: Map<string, PendingSigning>;
  /** Connections, as far as something depends on them. */
  readonly flows: Flows;
}

export interface Configured {
  readonly dns: Map<string, DnConfig>;
  readonly trunks: Map<string, TrunkConfig>;
  /** Source address → trunk. */
  readonly trunkBySource: Map<string, string>;
  readonly agentLogins: Map<string, AgentLoginConfig>;
  /** User name → the queue DNs that give that person calls. */
  readonly queuesByUser: Map<string, string[]>;
}

/** Of this shape of the state: raised with each change of it, with a migration from the last. */
export const stateSchema = 1;

export function createSwitch(): SwitchState {
  return {
    epoch: 0,
    serverStartTime: 0,
    wallOffsetMs: 0,
    config: null,
    configured: {
      dns: new Map(),
      trunks: new Map(),
      trunkBySource: new Map(),
      agentLogins: new Map(),
      queuesByUser: new Map(),
    },
    timers: createTimers(),
    dns: new Map(),
    agents: new Map(),
    dnByUser: new Map(),
    transactions: new Map(),
    lingering: new Map(),
    dialogs: new Map(),
    calls: new Map(),
    callsByDn: new Map(),
    nextCallID: 1,
    sessions: new Map(),
    connections: new Map(),
    watchers: new Map(),
    monitors: new Map(),
    ring: createRing(),
    queues: createQueues(),
    peer: createPeer(),
    trunks: new Map(),
    signings: new Map(),
    flows: createFlows(),
  };
}
