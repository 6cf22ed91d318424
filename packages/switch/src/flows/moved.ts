import { logTime } from "@tandem/kernel";
import { onRepeatTimer } from "../calls/acknowledge.ts";
import { legById, legsOf, type Alternative, type Call, type Leg } from "../calls/call.ts";
import { retargetLeg } from "../calls/leg.ts";
import { askPlacing } from "../calls/placing.ts";
import { renewInvite } from "../calls/renew-invite.ts";
import { onReliableTimer } from "../calls/reliable.ts";
import { deliver } from "../deliver.ts";
import type { FlowTarget } from "../input.ts";
import { isPeerHost } from "../peers/peer.ts";
import type { Binding, Dn } from "../registrar/dn.ts";
import { abandonInvite, dropClient, sendCancel, stepClient } from "../transactions/client.ts";
import type { ClientTransaction } from "../transactions/transaction.ts";
import type { Turn } from "../turn.ts";
import { isLost, noteLost } from "./flow.ts";
import { retarget, sendOwed } from "./owed.ts";

/**
 * A phone whose flow was lost has registered over another (replication.md, Connections): what was
 * owed over the old one goes over the new one. Requests go again as they were; only an INVITE for a
 * new call that was sent already becomes another one, and the old one is cancelled.
 */
export function followPhone(turn: Turn, dn: Dn, before: Binding | null, binding: Binding): void {
  const names = new Set<string>();
  if (before !== null && isSuperseded(turn, before, binding)) names.add(before.target.name);
  if (dn.bindings.length === 1) {
    for (const name of strayFlows(turn, dn)) names.add(name);
    // With a binding of before, its flow is among the names already.
    if (before === null) for (const name of farewellFlows(turn, binding)) names.add(name);
  }
  for (const name of names) moveFlow(turn, dn, name, binding);
  for (const { call, leg } of overDialogs(turn, binding.target.name)) {
    if (leg === call.origination) askPlacing(turn, call, leg);
  }
}

/** The same phone by the same of its flows: it has only one of that name at a time (RFC 5626). */
function isSuperseded(turn: Turn, before: Binding, { target, instance }: Binding): boolean {
  const { name } = before.target;
  if (name === "" || name === target.name) return false;
  if (isLost(turn.state, name)) return true;
  return before.instance === instance;
}

/** Lost flows of the DN's calls: the registration over them has expired meanwhile. */
function strayFlows(turn: Turn, dn: Dn): string[] {
  const names: string[] = [];
  for (const key of turn.state.callsByDn.get(dn.number) ?? []) {
    const call = turn.state.calls.get(key);
    for (const leg of call === undefined ? [] : legsOf(call)) {
      if (isOwnOf(turn, dn, leg) && isLost(turn.state, leg.target.name)) {
        names.push(leg.target.name);
      }
    }
  }
  return names;
}

/** A DN that calls from the other site has its leg over the trunk to there. */
function isOwnOf(turn: Turn, { number }: Dn, { party, target }: Leg): boolean {
  const isOfDn = party.kind === "dn" && party.number === number;
  return isOfDn && !isPeerHost(turn, target.transport, target.host);
}

/** Lost flows over which this phone is still owed a request of a call that is over: its BYE. */
function farewellFlows({ state }: Turn, { contact }: Binding): string[] {
  const names: string[] = [];
  for (const [name, keys] of state.flows.transactions) {
    if (!isLost(state, name)) continue;
    for (const key of keys) {
      const transaction = state.transactions.get(key);
      if (transaction?.role === "client" && isFor(transaction, contact)) names.push(name);
    }
  }
  return names;
}

function isFor({ method, machine }: ClientTransaction, contact: string): boolean {
  if (machine.kind !== "nonInvite" || machine.state.kind === "completed") return false;
  return machine.state.request.startsWith(`${method} ${contact} `);
}

function moveFlow(turn: Turn, dn: Dn, name: string, binding: Binding): void {
  const { state } = turn;
  const { target: to } = binding;
  noteLost(turn, name);
  const owed = overDialogs(turn, name);
  for (const { leg } of owed) retargetLeg(turn, leg, to);
  for (const key of state.callsByDn.get(dn.number) ?? []) {
    const call = state.calls.get(key);
    if (call === undefined) continue;
    for (const places of call.untried) movePlaces(places, name, binding);
    for (const leg of legsOf(call)) {
      if (leg.target.name !== name) continue;
      retargetLeg(turn, leg, to);
      owed.push({ call, leg });
    }
  }
  const keys = [...(state.flows.transactions.get(name) ?? [])];
  for (const { call, leg } of owed) {
    turn.touchedCall = call.key;
    if (leg.clientInvite !== null && leg.state !== "confirmed") {
      renew(turn, call, leg, binding);
    }
    if (leg.unacknowledged !== null) onRepeatTimer(turn, call, leg);
    if (leg.provisional !== null) onReliableTimer(turn, call, leg);
  }
  turn.touchedCall = null;
  for (const key of keys) moveTransaction(turn, key, to);
}

/** Legs of calls that only pass through here are in no row of their phone's DN. */
function overDialogs({ state }: Turn, flow: string): { call: Call; leg: Leg }[] {
  return [...(state.flows.dialogs.get(flow) ?? [])].flatMap((key) => {
    const found = state.dialogs.get(key);
    const call = found === undefined ? undefined : state.calls.get(found.call);
    const leg = found === undefined || call === undefined ? null : legById(call, found.leg);
    return call === undefined || leg === null ? [] : [{ call, leg }];
  });
}

function movePlaces(places: Alternative[], name: string, { target, contact, path }: Binding): void {
  for (const [index, place] of places.entries()) {
    if (place.target.name !== name) continue;
    places[index] = { ...place, target, requestUri: contact, route: path };
  }
}

function renew(turn: Turn, call: Call, leg: Leg, binding: Binding): void {
  const transaction = turn.state.transactions.get(leg.clientInvite ?? "");
  if (transaction?.role !== "client") return;
  retarget(turn, transaction, binding.target);
  if (!transaction.isSent) return sendOwed(turn, transaction, logTime(0));
  endEarlyDialog(turn, call, leg, transaction.key);
  const { text } = transaction;
  // The phone may have kept the old one: it must not ring twice.
  sendCancel(turn, transaction);
  renewInvite(turn, call, leg, text, binding);
}

/** Requests within the early dialog that is given up: who waits for their answers is told. */
function endEarlyDialog(turn: Turn, call: Call, leg: Leg, invite: string): void {
  const { transactions } = turn.state;
  for (const transaction of [...transactions.values()]) {
    if (transaction.role !== "client" || transaction.key === invite) continue;
    const { owner } = transaction;
    if (!("leg" in owner) || owner.call !== call.key || owner.leg !== leg.id) continue;
    if (owner.kind === "talk") {
      dropClient(turn, transaction); // said again when the new one rings
      continue;
    }
    const delivery = stepClient(turn, transaction, { kind: "transportFailed" });
    if (delivery !== null) deliver(turn, delivery, false);
  }
}

function moveTransaction(turn: Turn, key: string, to: FlowTarget): void {
  const transaction = turn.state.transactions.get(key);
  if (transaction === undefined || transaction.target === to) return;
  turn.touchedTransaction = key;
  retarget(turn, transaction, to);
  if (transaction.role === "client" && isGivenUp(transaction)) {
    if (!transaction.isCancelWanted) return; // its CANCEL is a transaction of its own
    transaction.hasProvisional = true;
    abandonInvite(turn, key, "cancel", transaction.cancelReason);
  } else sendOwed(turn, transaction, logTime(0));
  turn.touchedTransaction = null;
}

/** An INVITE that nobody waits for, and that has no final answer. */
function isGivenUp({ owner, machine }: ClientTransaction): boolean {
  if (owner.kind !== "abandoned" || machine.kind !== "invite") return false;
  return machine.state.kind === "calling" || machine.state.kind === "proceeding";
}
