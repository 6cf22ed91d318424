import { dialogRequest, listOf, ownText, type Dialog, type SipMessage } from "@tandem/sip";
import { nextHex } from "@tandem/kernel";
import { enterFlowDialog, leaveFlowDialog } from "../flows/flow.ts";
import type { FlowTarget } from "../input.ts";
import { refreshIdle } from "../queues/idle.ts";
import { ownUri, viaTo } from "../sent-by.ts";
import { enterTrunk, leaveTrunk } from "../trunks/trunk.ts";
import { keepAck, sendRequest, transmit } from "../transactions/client.ts";
import type { Owner } from "../transactions/transaction.ts";
import { arm, disarm, newBranch, newIdentifier, type Turn } from "../turn.ts";
import {
  callTimer,
  dnOf,
  keyOf,
  trunkOf,
  type Abilities,
  type Call,
  type Leg,
  type Party,
  type PartyRole,
  type Side,
} from "./call.ts";
import { createSession, describeTo } from "./session-description.ts";

/**
 * One leg of a call: its row, its place in the index of dialogs, and the requests we send in it.
 */
export interface LegSeed {
  readonly side: Side;
  readonly role?: PartyRole;
  readonly party: Party;
  readonly displayName: string;
  readonly callId: string;
  readonly target: FlowTarget;
}

export function createLeg(turn: Turn, id: number, seed: LegSeed): Leg {
  return {
    id,
    side: seed.side,
    role: seed.role ?? (seed.side === 0 ? "Origination" : "Destination"),
    abilities: noAbilities,
    party: seed.party,
    displayName: seed.displayName,
    state: "trying",
    callId: seed.callId,
    localTag: newIdentifier(turn),
    dialog: null,
    target: seed.target,
    serverInvite: null,
    clientInvite: null,
    renewed: null,
    unacknowledged: null,
    ackOwed: null,
    acknowledges: null,
    session: createSession(turn),
    isHolding: false,
    isMuted: false,
    answerAskedBy: null,
    announced: "nothing",
    hop: null,
    provisional: null,
    waiting: [],
    rseqSent: 0,
    rseqHeard: 0,
    sessionTimer: null,
    minSe: 0,
  };
}

/** The name of the next leg of a call. */
export function nextLegId(call: Call): number {
  call.nextLegId += 1;
  return call.nextLegId - 1;
}

const noAbilities: Abilities = { reliable: false, timer: false, update: false };

/** What a message of the far end says of it; a header that is not there says nothing new. */
export function learnAbilities(leg: Leg, message: SipMessage): void {
  const supported = [...listOf(message, "supported"), ...listOf(message, "require")];
  const allowed = listOf(message, "allow");
  const before = leg.abilities;
  leg.abilities = {
    reliable: before.reliable || supported.includes("100rel"),
    timer: before.timer || supported.includes("timer"),
    update: allowed.length === 0 ? before.update : allowed.includes("UPDATE"),
  };
}

export function dialogKey(callId: string, localTag: string): string {
  return `${callId}|${localTag}`;
}

export function enterDialog(turn: Turn, call: Call, leg: Leg, dialog: Dialog): void {
  leg.dialog = ownDialog(dialog);
  const key = dialogKey(leg.callId, leg.localTag);
  turn.state.dialogs.set(key, keyOf(call, leg));
  enterFlowDialog(turn.state, { key, target: leg.target });
}

/** From now on the far end is reached there. */
export function retargetLeg(turn: Turn, leg: Leg, target: FlowTarget): void {
  const key = dialogKey(leg.callId, leg.localTag);
  const isEntered = leg.target.name !== target.name && turn.state.dialogs.has(key);
  if (isEntered) leaveFlowDialog(turn.state, { key, target: leg.target });
  leg.target = target;
  if (isEntered) enterFlowDialog(turn.state, { key, target });
}

/** What a state keeps of a message it copies (architecture.md, The machine). */
function ownDialog(dialog: Dialog): Dialog {
  return {
    ...dialog,
    callId: ownText(dialog.callId),
    localTag: ownText(dialog.localTag),
    remoteTag: ownText(dialog.remoteTag),
    localUri: ownText(dialog.localUri),
    remoteUri: ownText(dialog.remoteUri),
    routeSet: dialog.routeSet.map(ownText),
    remoteTarget: ownText(dialog.remoteTarget),
  };
}

export function leaveDialog(turn: Turn, leg: Leg): void {
  const key = dialogKey(leg.callId, leg.localTag);
  turn.state.dialogs.delete(key);
  leaveFlowDialog(turn.state, { key, target: leg.target });
}

/** The leg goes on in another call: everything that names it by the old one follows. */
export function moveLeg(turn: Turn, from: Call, leg: Leg, to: Call): void {
  for (const why of legTimers) disarm(turn, callTimer(from, `${why}-${leg.id}`));
  const dn = dnOf(leg);
  if (dn !== null) leaveDn(turn, dn, from.key);
  leaveDialog(turn, leg);
  leaveTrunk(turn, trunkOf(leg), from.key, leg.id);
  leg.id = nextLegId(to);
  enterTrunk(turn, trunkOf(leg), to.key, leg.id);
  if (leg.dialog !== null) enterDialog(turn, to, leg, leg.dialog);
  for (const key of [leg.clientInvite, leg.serverInvite]) {
    const transaction = key === null ? undefined : turn.state.transactions.get(key);
    if (transaction?.role === "client") transaction.owner = { kind: "invite", ...keyOf(to, leg) };
    else if (transaction !== undefined) transaction.owner = keyOf(to, leg);
  }
  if (leg.unacknowledged !== null) arm(turn, callTimer(to, `repeat-${leg.id}`), 0);
  if (dn !== null) joinDn(turn, dn, to.key);
}

/** Timers of one leg: `call/<key>/<why>-<leg>`. */
export const legTimers = ["repeat", "reliable", "refresh", "expire", "reach", "placing"] as const;

export function leaveDn(turn: Turn, dn: string, key: string): void {
  const { callsByDn } = turn.state;
  const kept = (callsByDn.get(dn) ?? []).filter((other) => other !== key);
  if (kept.length === 0) callsByDn.delete(dn);
  else callsByDn.set(dn, kept);
}

export function joinDn(turn: Turn, dn: string, key: string): void {
  const { callsByDn } = turn.state;
  callsByDn.set(dn, [...(callsByDn.get(dn) ?? []), key]);
  refreshIdle(turn, dn);
}

/** A call that comes by a second time, over the other kind of hop, has a row of its own. */
export function newCallKey(turn: Turn, connID: string): string {
  let key = connID;
  for (let pass = 2; turn.state.calls.has(key); pass += 1) key = `${connID}.${pass}`;
  return key;
}

/** 64 bits of entropy; drawn again should a call of that name exist. */
export function newConnID(turn: Turn): string {
  for (;;) {
    const connID = nextHex(turn.random, 16);
    if (!turn.state.calls.has(connID)) return connID;
  }
}

/** The Contact of a leg: where its far end sends requests in the dialog. */
export function contactOf(turn: Turn, leg: Leg): string {
  return `<${ownUri(turn, leg.target)}>`;
}

const sdpType = ["Content-Type", "application/sdp"] as const;

/** A re-INVITE; an empty body asks the far end for an offer. Returns the transaction's key. */
export function sendReinvite(
  turn: Turn,
  call: Call,
  leg: Leg,
  offer: string,
  headers: InDialogContent["headers"] = [],
): void {
  const body = offer === "" ? "" : describeTo(leg, offer);
  leg.clientInvite = sendInDialog(
    turn,
    leg,
    "INVITE",
    { kind: "invite", ...keyOf(call, leg) },
    {
      headers: [...headers, allowHeader, ...(body === "" ? [] : [sdpType])],
      body,
    },
  );
}

export const allowHeader = [
  "Allow",
  "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, PRACK, UPDATE, INFO, REFER",
] as const;

export function sendBye(turn: Turn, leg: Leg, reason: string | null): void {
  if (leg.dialog === null) return;
  const headers = reason === null ? [] : [["Reason", reason] as const];
  sendInDialog(turn, leg, "BYE", { kind: "nobody" }, { headers, body: "" });
}

export interface InDialogContent {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export function sendInDialog(
  turn: Turn,
  leg: Leg,
  method: string,
  owner: Owner,
  content: InDialogContent,
): string {
  const { dialog } = leg;
  if (dialog === null) return "";
  const branch = newBranch(turn);
  const { text } = dialogRequest(dialog, method, {
    via: viaTo(turn, leg.target, branch),
    contact: contactOf(turn, leg),
    headers: content.headers,
    body: content.body,
  });
  return sendRequest(turn, { method, branch, text }, leg.target, owner);
}

/**
 * The ACK of a 2xx (RFC 3261 §13.2.2.4): no transaction of its own; kept with the INVITE's
 * transaction, which asks for it again when the 2xx is repeated.
 */
export function sendAck(turn: Turn, leg: Leg, cseq: number, answer: string): string {
  const { dialog } = leg;
  if (dialog === null) return "";
  const body = answer === "" ? "" : describeTo(leg, answer);
  const { text } = dialogRequest(dialog, "ACK", {
    via: viaTo(turn, leg.target, newBranch(turn)),
    headers: body === "" ? [] : [sdpType],
    body,
    cseq,
  });
  transmit(turn, leg.target, text);
  if (leg.acknowledges !== null) keepAck(turn, leg.acknowledges, text);
  return text;
}
