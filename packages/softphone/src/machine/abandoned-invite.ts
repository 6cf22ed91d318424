/**
 * INVITEs that nobody waits for any more: ways that were given up, calls that were cancelled, forks
 * beside the dialog that was taken. Whatever still comes for one is ended properly: a provisional
 * response gets a CANCEL (RFC 3261 §9.1), a 2xx its ACK and a BYE (§13.2.2.4).
 */
import {
  cancelFor,
  cseqOf,
  type Dialog,
  listOf,
  ownText,
  type SipResponse,
  tagOf,
  uriIn,
} from "@tandem/sip";
import { acknowledge, sayBye } from "./calls.ts";
import { dialogOf } from "./invite-request.ts";
import type { Attempt, Call, ClientOwner } from "./phone-state.ts";
import type { Address } from "./settings.ts";
import { changeOwner, startClient } from "./transactions.ts";
import { arm, type Turn } from "./turn.ts";

/** The attempt is given up; its transaction lives on for what may still come. */
export function abandon(turn: Turn, call: Call, attempt: Attempt): void {
  const { clientId, request } = attempt;
  const owner: ClientOwner = {
    kind: "abandoned",
    request,
    account: call.account,
    isCancelled: attempt.isProvisional,
    isEnded: false,
  };
  changeOwner(turn, clientId, owner);
  if (attempt.isProvisional) cancelAbandoned(turn, clientId, request);
}

/** Something came for an attempt that was given up. */
export function onAbandonedResponse(
  turn: Turn,
  clientId: string,
  owner: Extract<ClientOwner, { kind: "abandoned" }>,
  response: SipResponse,
  flow: Address,
): void {
  if (response.status < 200) {
    if (owner.isCancelled) return;
    changeOwner(turn, clientId, { ...owner, isCancelled: true });
    cancelAbandoned(turn, clientId, owner.request); // §9.1: only after a provisional response
  } else if (response.status < 300) {
    const dialog = dialogOf(owner.request, response);
    if (dialog === undefined) return;
    acknowledge(turn, dialog, flow, cseqOf(response)?.number ?? 0);
    if (owner.isEnded) return; // the 2xx again
    changeOwner(turn, clientId, { ...owner, isEnded: true });
    sayBye(turn, dialog, flow, owner.account);
  }
}

/** RFC 3261 §9.1: without a final response within 64 T1 the INVITE counts as cancelled. */
function cancelAbandoned(turn: Turn, clientId: string, request: string): void {
  const transaction = turn.state.transactions.get(clientId);
  const branch = clientId.split("/")[1];
  if (transaction === undefined || branch === undefined) return;
  const owner = { kind: "nobody" } as const;
  const text = ownText(cancelFor(request));
  startClient(turn, { text, branch, method: "CANCEL", flow: transaction.flow, owner });
  arm(turn, `drop/${clientId}`, 64 * turn.state.settings.timing.t1Ms);
}

/** A dialog beside ours, made by the same INVITE. */
export function endFork(
  turn: Turn,
  ours: Dialog,
  response: SipResponse,
  flow: Address,
  account: number | null,
): void {
  const remoteTag = tagOf(response, "to");
  const contact = listOf(response, "contact")[0];
  const target = contact === undefined ? undefined : uriIn(contact);
  if (remoteTag === undefined || target === undefined) return;
  const cseq = cseqOf(response)?.number ?? 0;
  const routeSet = [...listOf(response, "record-route")].reverse();
  const fork: Dialog = { ...ours, remoteTag, remoteTarget: target, routeSet, localCseq: cseq };
  acknowledge(turn, fork, flow, cseq);
  sayBye(turn, fork, flow, account);
}
