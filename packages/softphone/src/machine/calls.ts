/**
 * What all calls share: finding them, beginning and ending them, and sending requests within their
 * dialogs.
 */
import {
  type Dialog,
  dialogRequest,
  type DialogRequestParts,
  isOfDialog,
  nextHopOf,
  parseUri,
  type SipMessage,
} from "@tandem/sip";
import { authorizationFor } from "./authorization.ts";
import { endMedia, newSessionId } from "./media.ts";
import type { EndCause } from "./phone-event.ts";
import type { ByeOwner, Call, CallPhase, Talking } from "./phone-state.ts";
import type { Address } from "./settings.ts";
import { startClient } from "./transactions.ts";
import { contactFor, disarm, newBranch, report, send, type Turn, viaFor } from "./turn.ts";

/** The methods that a phone takes, for Allow. */
export const allowedMethods = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY, MESSAGE";

export type TalkingCall = Call & { phase: Talking };

/** A call in its first phase; undefined when all lines are taken. */
export function addCall(
  turn: Turn,
  parts: Pick<Call, "direction" | "account" | "callId">,
  phase: CallPhase,
): Call | undefined {
  const { calls } = turn.state;
  const used = new Set([...calls.values()].map(({ line }) => line));
  let line = 0;
  while (used.has(line)) line += 1;
  if (line >= turn.state.settings.lines) return undefined;
  const call: Call = {
    ...parts,
    id: turn.state.nextCall,
    line,
    sdpSessionId: newSessionId(turn),
    sdpVersion: 0,
    isHeld: false,
    remoteMedia: null,
    phase,
  };
  turn.state.nextCall += 1;
  calls.set(call.id, call);
  return call;
}

/** Does something with the call of a number, when there still is one. */
export function withCall(turn: Turn, id: number | undefined, act: (call: Call) => void): void {
  const call = commandedCall(turn, id);
  if (call !== undefined) act(call);
}

/** The call of a request within a dialog, by Call-ID and tags, whatever its Request-URI says. */
export function callOfDialog(turn: Turn, message: SipMessage): Call | undefined {
  for (const call of turn.state.calls.values()) {
    if (call.phase.kind !== "placing" && isOfDialog(call.phase.dialog, message)) return call;
  }
  return undefined;
}

export function isTalking(call: Call): call is TalkingCall {
  return call.phase.kind === "talking";
}

/** The call is over: timers off, RTP off, and said so. What must be sent was sent before. */
export function endCall(turn: Turn, call: Call, cause: EndCause, status?: number): void {
  for (const timer of ["answer", "giveUp", "next", "ringOut", "resend", "ackWait", "again"]) {
    disarm(turn, callKey(call, timer));
  }
  turn.state.calls.delete(call.id);
  if (call.remoteMedia !== null) endMedia(turn, call);
  report(turn, {
    kind: "ended",
    call: call.id,
    cause,
    ...(status === undefined ? {} : { status }),
    wasEstablished: call.phase.kind === "talking" && call.phase.isEstablished,
  });
}

export function callKey(call: Call, timer: string): string {
  return `call/${call.id}/${timer}`;
}

/** The user part of our Contact on a call. */
export function userOf(turn: Turn, account: number | null): string {
  const { accounts, callerUser } = turn.state.settings;
  return account === null ? callerUser : (accounts[account]?.user ?? callerUser);
}

/**
 * Where the dialog's next request goes (RFC 3261 §12.2.1.1, §18.1.1): the address of the first
 * route or the target; `flow` when that is a name, which a phone of ours does not look up.
 */
export function destinationOf(dialog: Dialog, flow: Address): Address {
  const uri = parseUri(nextHopOf(dialog));
  if (uri === undefined || !/^(?:[\d.]+|\[.*\])$/.test(uri.host)) return flow;
  const transport = uri.params.get("transport")?.toLowerCase() === "tcp" ? "TCP" : "UDP";
  return { transport, host: uri.host.replace(/^\[|\]$/g, ""), port: uri.port ?? 5060 };
}

/** Writes a request within a dialog: Via, Contact and, once challenged, credentials are added. */
export function writeInDialog(
  turn: Turn,
  dialog: Dialog,
  account: number | null,
  method: string,
  target: Address,
  parts: Omit<DialogRequestParts, "via" | "contact"> = {},
): { readonly text: string; readonly branch: string; readonly cseq: number } {
  const branch = newBranch(turn);
  const contact = contactFor(turn, userOf(turn, account), target);
  const { text, cseq } = dialogRequest(dialog, method, {
    ...parts,
    via: viaFor(turn, target, branch),
    ...(method === "INVITE" || method === "UPDATE" ? { contact } : {}),
    headers: [
      ...(parts.headers ?? []),
      ...(method === "ACK"
        ? []
        : authorizationFor(turn, account, target, method, dialog.remoteTarget)),
    ],
  });
  return { text, branch, cseq };
}

/** The ACK of a 2xx, sent without a transaction (§13.2.2.4). Gives its text, to be repeated. */
export function acknowledge(
  turn: Turn,
  dialog: Dialog,
  flow: Address,
  cseq: number,
  body = "",
): string {
  const target = destinationOf(dialog, flow);
  const { text } = writeInDialog(turn, dialog, null, "ACK", target, {
    cseq,
    body,
    headers: body === "" ? [] : [["Content-Type", "application/sdp"]],
  });
  send(turn, target, text);
  return text;
}

/** Sends BYE; whatever comes of it, the call is over. */
export function sayBye(
  turn: Turn,
  dialog: Dialog,
  flow: Address,
  account: number | null,
  authTries = 0,
): void {
  const target = destinationOf(dialog, flow);
  const { text, branch } = writeInDialog(turn, dialog, account, "BYE", target);
  const owner = { kind: "bye", dialog, account, authTries } as const;
  startClient(turn, { text, branch, method: "BYE", flow: target, owner });
}

/** A BYE was lost with its connection: it goes again when the account has one (`sayOwedByes`). */
export function oweBye(turn: Turn, bye: ByeOwner): void {
  const { byesOwed } = turn.state;
  byesOwed.push(bye);
  if (byesOwed.length > byesOwedMax) byesOwed.shift();
}

/** The account is registered: the other side of a call that is over here hears of it. */
export function sayOwedByes(turn: Turn, account: number): void {
  const { byesOwed, settings } = turn.state;
  const flow = settings.accounts[account]?.registrar;
  if (flow === undefined) return;
  for (const bye of byesOwed.splice(0)) {
    if (bye.account === account) sayBye(turn, bye.dialog, flow, account, bye.authTries);
    else byesOwed.push(bye);
  }
}

const byesOwedMax = 64;

/** The call that a command is about: the one it names, or the newest. */
function commandedCall(turn: Turn, id: number | undefined): Call | undefined {
  if (id !== undefined) return turn.state.calls.get(id);
  let newest: Call | undefined;
  for (const call of turn.state.calls.values()) newest = call;
  return newest;
}
