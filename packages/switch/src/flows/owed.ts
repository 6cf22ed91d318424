import { unreachable, type LogTimeMs } from "@tandem/kernel";
import type { FlowTarget } from "../input.ts";
import { isReliable, ownUri, viaTo } from "../sent-by.ts";
import { stepClient, transmitIn } from "../transactions/client.ts";
import { stepServer } from "../transactions/server.ts";
import type {
  ClientTransaction,
  ServerTransaction,
  Transaction,
} from "../transactions/transaction.ts";
import type { Turn } from "../turn.ts";
import { enterFlow, leaveFlow } from "./flow.ts";

/**
 * What a transaction owes its far end, sent once more: its messages may have died with the node
 * that had them to send. Over UDP this is the next repetition before its time; a far end that has
 * had the message absorbs it (RFC 3261 §17). What needs no repetition by itself (a final answer, an
 * ACK) is owed when it was sent after `since`.
 */
export function sendOwed(turn: Turn, transaction: Transaction, since: LogTimeMs): void {
  if (transaction.role === "client") requestOwed(turn, transaction, since);
  else responseOwed(turn, transaction, since);
}

function requestOwed(turn: Turn, transaction: ClientTransaction, since: LogTimeMs): void {
  const { machine, target } = transaction;
  const isTimed = !isReliable(target.transport);
  const isRecent = transaction.sentAt >= since;
  if (machine.kind === "nonInvite") {
    if (machine.state.kind === "completed") return;
    if (isTimed) stepClient(turn, transaction, { kind: "timer", timer: "E" });
    else transmitIn(turn, transaction, machine.state.request);
    return;
  }
  const { state } = machine;
  switch (state.kind) {
    case "calling":
      if (isTimed) stepClient(turn, transaction, { kind: "timer", timer: "A" });
      else transmitIn(turn, transaction, state.request);
      return;
    case "proceeding":
      // An answer may have gone to the connection that broke: asked again, the far end repeats it.
      if (!isTimed) transmitIn(turn, transaction, state.request);
      return;
    case "accepted":
      if (isRecent && transaction.ack !== "") transmitIn(turn, transaction, transaction.ack);
      return;
    case "completed":
      if (isRecent) transmitIn(turn, transaction, state.ack);
      return;
    default:
      return unreachable(state);
  }
}

function responseOwed(turn: Turn, transaction: ServerTransaction, since: LogTimeMs): void {
  const { machine, target } = transaction;
  const { state } = machine;
  if (machine.kind === "invite" && state.kind === "completed") {
    if (!isReliable(target.transport)) stepServer(turn, transaction, { kind: "timer", timer: "G" });
    else transmitIn(turn, transaction, state.response);
    return;
  }
  if (transaction.sentAt < since) return;
  if (state.kind !== "proceeding" && state.kind !== "completed") return;
  if (state.response !== "") transmitIn(turn, transaction, state.response);
}

/** The transaction goes on over another flow; Via and Contact name its transport and our port. */
export function retarget(turn: Turn, transaction: Transaction, to: FlowTarget): void {
  const { target: from } = transaction;
  leaveFlow(turn.state, transaction);
  transaction.target = to;
  enterFlow(turn.state, transaction);
  if (transaction.role === "server" || from.transport === to.transport) return;
  const rewrite = (text: string): string =>
    text
      .replace(/\r\nVia: SIP\/2\.0\/[A-Z]+ [^;]*/, `\r\nVia: ${viaTo(turn, to, "").split(";")[0]}`)
      .replace(`<${ownUri(turn, from)}>`, `<${ownUri(turn, to)}>`);
  transaction.text = rewrite(transaction.text);
  transaction.ack = rewrite(transaction.ack);
  const { machine } = transaction;
  if (machine.kind === "nonInvite") {
    if (machine.state.kind === "completed") return;
    const request = rewrite(machine.state.request);
    transaction.machine = { kind: "nonInvite", state: { ...machine.state, request } };
  } else if (machine.state.kind === "calling" || machine.state.kind === "proceeding") {
    const request = rewrite(machine.state.request);
    transaction.machine = { kind: "invite", state: { ...machine.state, request } };
  }
}
