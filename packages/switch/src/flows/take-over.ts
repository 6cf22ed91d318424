import { logTime } from "@tandem/kernel";
import { isPeerHost } from "../peers/peer.ts";
import { resumePeer } from "../peers/monitor.ts";
import { onRepeatTimer } from "../calls/acknowledge.ts";
import { legsOf, type Call, type Leg } from "../calls/call.ts";
import { awaitPlacing } from "../calls/placing.ts";
import { doubtCalls } from "../calls/probe.ts";
import { onReliableTimer } from "../calls/reliable.ts";
import { rerouteUnheard } from "../calls/reroute.ts";
import type { Input } from "../input.ts";
import { closeConnection } from "../sessions/connection.ts";
import { findServer } from "../transactions/server.ts";
import { askForTrunk } from "../trunks/locate.ts";
import { registerAgain } from "../trunks/register.ts";
import { askAgain } from "../trunks/sign.ts";
import type { Turn } from "../turn.ts";
import { isAwaited, noteLost } from "./flow.ts";
import { sendOwed } from "./owed.ts";

/**
 * `epochBegan` (replication.md rule 4). Where another incarnation served before, its connections
 * are gone, and of the effects of its last frames nobody knows whether they left. So what is owed
 * goes at once, as the repetition that the protocol foresees: whoever had it already absorbs it,
 * and nothing is done twice. A machine that may have missed something asks for its calls.
 */
export function beginEpoch(turn: Turn, input: Extract<Input, { kind: "epochBegan" }>): void {
  const { state } = turn;
  const { epoch, takenOver, isOld, saidBeforeMs = null } = input;
  state.epoch = epoch;
  if (!takenOver) return;
  state.flows.since = epoch;
  state.flows.lost.clear();
  // Their sessions wait for a resume at the last event that their clients know.
  for (const connection of [...state.connections.keys()]) closeConnection(turn, connection);
  const unsureMs = saidBeforeMs === null ? recentMs : saidBeforeMs + onTheWayMs;
  const since = logTime(Math.max(0, turn.now - unsureMs));
  // Most legs and transactions owe nothing: it must show at a glance, while phones wait.
  for (const call of [...state.calls.values()]) {
    turn.touchedCall = call.key;
    for (const leg of legsOf(call)) if (mayOwe(leg)) legOwed(turn, call, leg);
  }
  turn.touchedCall = null;
  for (const transaction of [...state.transactions.values()]) {
    const isDone = transaction.lingers && transaction.sentAt < since;
    if (isDone || isAwaited(turn, transaction.target)) continue;
    turn.touchedTransaction = transaction.key;
    sendOwed(turn, transaction, since);
  }
  turn.touchedTransaction = null;
  for (const trunk of state.configured.trunks.values()) {
    if (state.trunks.get(trunk.name)?.isAsking === true) askForTrunk(turn, trunk);
    registerAgain(turn, trunk);
  }
  askAgain(turn);
  resumePeer(turn);
  if (isOld === true) doubtCalls(turn);
}

/** Effects of the last frames: `primaryTimeout`, `holdMax`, and an arbiter's election. */
const recentMs = 4_000;
/** Between the last word of one that left in order and this epoch; two clocks measure it. */
const onTheWayMs = 100;

function mayOwe({ unacknowledged, provisional, serverInvite }: Leg): boolean {
  return unacknowledged !== null || provisional !== null || serverInvite !== null;
}

/** 2xx and reliable provisional responses are the leg's own to repeat. */
function legOwed(turn: Turn, call: Call, leg: Leg): void {
  if (isAwaited(turn, leg.target)) return awaitPlacing(turn, call, leg);
  if (leg.unacknowledged !== null) onRepeatTimer(turn, call, leg);
  if (leg.provisional !== null) onReliableTimer(turn, call, leg);
}

/**
 * A connection closed while this node serves: the same, for what went over it. Registrations stay
 * until they expire, so that the DN stays in service.
 */
export function onFlowClosed(turn: Turn, name: string, remoteHost: string): void {
  const { state } = turn;
  noteLost(turn, name);
  for (const key of state.flows.transactions.get(name) ?? []) {
    const owner = findServer(turn, key)?.owner ?? null;
    const call = owner === null ? undefined : state.calls.get(owner.call);
    const leg = call === undefined ? undefined : legsOf(call).find(({ id }) => id === owner?.leg);
    if (call !== undefined && leg !== undefined) awaitPlacing(turn, call, leg);
  }
  if (!isPeerHost(turn, "TCP", remoteHost)) return;
  rerouteUnheard(turn, "unanswered");
  const since = logTime(Math.max(0, turn.now - recentMs));
  for (const transaction of [...state.transactions.values()]) {
    const { target } = transaction;
    if (!isPeerHost(turn, target.transport, target.host)) continue;
    if (target.name !== "" && target.name !== name) continue;
    turn.touchedTransaction = transaction.key;
    sendOwed(turn, transaction, since);
  }
  turn.touchedTransaction = null;
}
