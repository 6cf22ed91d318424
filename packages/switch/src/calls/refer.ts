import { headerOf, headersOf, parseNameAddr, parseUri, type SipRequest } from "@tandem/sip";
import { answer } from "../transactions/server.ts";
import type { Turn } from "../turn.ts";
import { dnOf, isLive, legById, type Call, type Leg } from "./call.ts";
import { isQuiet } from "./quiet.ts";
import { dialogKey } from "./leg.ts";
import { notifyReferrer } from "./referrer.ts";
import { counterpart } from "./relay.ts";
import { completeTransfer, startHandover } from "./transfer.ts";

/**
 * REFER in a call's dialog (RFC 3515, RFC 5589): blind to a number, attended where Refer-To names
 * another dialog of the same party with Replaces. The progress is told with NOTIFY; the number must
 * be one that the referring party may dial itself, and of Refer-To's headers only Replaces counts.
 */
export function onRefer(
  turn: Turn,
  call: Call,
  leg: Leg,
  transaction: string,
  request: SipRequest,
): void {
  const wish = readReferTo(request);
  if (typeof wish === "number") return void answer(turn, transaction, wish, {});
  const staying = counterpart(call, leg);
  if (!isLive(staying) || leg.state !== "confirmed" || call.handover !== null) {
    return void answer(turn, transaction, 491, { reason: "Request Pending" });
  }
  const isNotified = (headerOf(request, "refer-sub") ?? "").trim().toLowerCase() !== "false";
  const found = wish.replaces === null ? null : findReplaced(turn, wish.replaces);
  if (found !== null && !isSameParty(found.leg, leg)) {
    return void answer(turn, transaction, 403, { reason: "Not Your Dialog" });
  }
  if (!isQuiet(call, leg)) return void answer(turn, transaction, 491, {});
  answer(turn, transaction, 202, {
    headers: isNotified ? [] : [["Refer-Sub", "false"]],
  });
  if (isNotified) notifyReferrer(turn, leg, 100);
  if (found !== null) {
    const code = completeTransfer(turn, { call, leg }, found, null, isNotified);
    if (code !== null && isNotified) notifyReferrer(turn, leg, 480);
    return;
  }
  const headers = wish.replaces === null ? [] : [["Replaces", wish.replaces] as const];
  const status = startHandover(turn, call, leg, {
    otherDN: wish.number,
    isDoneAtRinging: false,
    answers: null,
    isNotified,
    headers,
  });
  if (status !== null && isNotified) notifyReferrer(turn, leg, status);
}

interface Referral {
  readonly number: string;
  /** The value of a Replaces header, unescaped. */
  readonly replaces: string | null;
}

/** What Refer-To asks for, or the status of a refusal. */
function readReferTo(request: SipRequest): Referral | number {
  const values = headersOf(request, "refer-to");
  const [value] = values;
  if (value === undefined || values.length !== 1) return 400;
  const address = parseNameAddr(value);
  const uri = address === undefined ? undefined : parseUri(address.uri);
  if (uri === undefined) return 400;
  if (uri.scheme !== "sip" && uri.scheme !== "sips" && uri.scheme !== "tel") return 416;
  const method = uri.params.get("method");
  if (method !== undefined && method.toUpperCase() !== "INVITE") return 403;
  const number = uri.user ?? "";
  if (number === "") return 400;
  const replaces = (uri.headers ?? "")
    .split("&")
    .find((header) => header.toLowerCase().startsWith("replaces="));
  return {
    number,
    replaces: replaces === undefined ? null : unescape(replaces.slice("replaces=".length)),
  };
}

function unescape(text: string): string | null {
  try {
    const plain = decodeURIComponent(text);
    return /[\r\n]/.test(plain) ? null : plain;
  } catch {
    return null; // a broken escape names no dialog
  }
}

/** `call-id;to-tag=…;from-tag=…` as RFC 3891 §6.1 has it. */
export interface ReplacesValue {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly isEarlyOnly: boolean;
}

export function parseReplaces(text: string): ReplacesValue | null {
  const [callId = "", ...params] = text.split(";").map((part) => part.trim());
  const tagOfParam = (name: string): string =>
    params.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const toTag = tagOfParam("to-tag");
  const fromTag = tagOfParam("from-tag");
  if (callId === "" || toTag === "" || fromTag === "") return null;
  const isEarlyOnly = params.some((part) => part.toLowerCase() === "early-only");
  return { callId, toTag, fromTag, isEarlyOnly };
}

/** The leg whose dialog it is. `to-tag` is ours; phones exist that write the tags the other way. */
export function findReplaced(
  turn: Turn,
  text: string,
  isStrict = false,
): { call: Call; leg: Leg } | null {
  const value = parseReplaces(text);
  if (value === null) return null;
  const { callId, toTag, fromTag } = value;
  return (
    legOfDialog(turn, callId, toTag, fromTag) ??
    (isStrict ? null : legOfDialog(turn, callId, fromTag, toTag))
  );
}

function legOfDialog(
  turn: Turn,
  callId: string,
  localTag: string,
  remoteTag: string,
): { call: Call; leg: Leg } | null {
  const key = turn.state.dialogs.get(dialogKey(callId, localTag));
  const call = key === undefined ? undefined : turn.state.calls.get(key.call);
  const leg = key === undefined || call === undefined ? null : legById(call, key.leg);
  if (call === undefined || leg === null || leg.dialog?.remoteTag !== remoteTag) return null;
  return { call, leg };
}

function isSameParty(a: Leg, b: Leg): boolean {
  const dn = dnOf(a);
  return dn === null ? a.target.host === b.target.host : dn === dnOf(b);
}
