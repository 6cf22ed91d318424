/**
 * Which transaction a message belongs to, as a text to look up (RFC 3261 §17.1.3, §17.2.3). An ACK
 * has the key of its INVITE; a CANCEL has its own, and `inviteKeyOf` gives that of the INVITE it
 * cancels. A request of an RFC 2543 element, whose branch lacks the cookie, is matched by the
 * fields that §17.2.3 names for it.
 */
import { callIdOf, cseqOf } from "../cseq.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import { ownText } from "../own-text.ts";
import { branchCookie, type Via, viaOf } from "../via.ts";

/** Of a request received: branch, sent-by, method. A text of its own. */
export function serverKey(request: SipRequest): string {
  return keyFor(request, request.method === "ACK" ? "INVITE" : request.method);
}

/** Of the INVITE that a CANCEL is about (§9.2). */
export function inviteKeyOf(cancel: SipRequest): string {
  return keyFor(cancel, "INVITE");
}

/** Of a response received, and of the request it answers: branch and CSeq method. */
export function clientKey(message: SipRequest | SipResponse): string {
  return ownText(`${viaOf(message)?.branch ?? ""}/${cseqOf(message)?.method ?? ""}`);
}

function keyFor(request: SipRequest, method: string): string {
  const via = viaOf(request);
  if (via?.branch?.startsWith(branchCookie) === true) {
    return ownText(`${via.branch}/${sentByOf(via)}/${method}`);
  }
  // To's tag is left out: the INVITE had none, its ACK has that of the response.
  const parts = [request.uri, tagOf(request, "from") ?? "", callIdOf(request)];
  return ownText(
    `2543/${parts.join("/")}/${cseqOf(request)?.number ?? ""}/${sentByOf(via)}/${method}`,
  );
}

function sentByOf(via: Via | undefined): string {
  if (via === undefined) return "";
  return via.port === undefined ? via.host : `${via.host}:${via.port}`;
}
