/**
 * Dialogs (RFC 3261 §12) as plain values: whatever another address would need to go on with one.
 * Making them from the request and response that establish them, writing requests within them, and
 * checking those that come in. Texts kept here are copies of their own.
 */
import { callIdOf, cseqOf } from "../cseq.ts";
import { headerOf, listOf, type WithHeaders } from "../header-table.ts";
import { routesMax } from "../limits.ts";
import type { SipMessage, SipRequest, SipResponse } from "../message.ts";
import { tagOf, uriIn, withoutTag } from "../name-addr.ts";
import { ownText } from "../own-text.ts";

export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From's or To's value without its tag. */
  readonly localUri: string;
  readonly remoteUri: string;
  /** Of the last request sent; 0 before the first. */
  localCseq: number;
  /** Of the last request received; -1 before the first. */
  remoteCseq: number;
  /** Route values in the order in which they are written. */
  readonly routeSet: readonly string[];
  /** The URI of the other side's Contact, as given. */
  remoteTarget: string;
  isEarly: boolean;
  readonly role: "uac" | "uas";
}

/**
 * The dialog that a response to our INVITE makes (§12.1.2): none without a To tag, for 100, or for
 * a failure. A provisional response without a Contact leaves the Request-URI as the target.
 */
export function dialogFromResponse(request: SipRequest, response: SipResponse): Dialog | undefined {
  const remoteTag = tagOf(response, "to");
  const localTag = tagOf(request, "from");
  const cseq = cseqOf(request)?.number;
  if (response.status <= 100 || response.status >= 300) return undefined;
  if (remoteTag === undefined || localTag === undefined || cseq === undefined) return undefined;
  return {
    callId: ownText(callIdOf(request)),
    localTag: ownText(localTag),
    remoteTag: ownText(remoteTag),
    localUri: ownText(withoutTag(headerOf(request, "from") ?? "")),
    remoteUri: ownText(withoutTag(headerOf(request, "to") ?? "")),
    localCseq: cseq,
    remoteCseq: -1,
    routeSet: routesOf(response).reverse(), // §12.1.2: reversed
    remoteTarget: ownText(contactUriOf(response) ?? request.uri),
    isEarly: response.status < 200,
    role: "uac",
  };
}

/**
 * The dialog that a request of the other side makes, answered with `localTag` (§12.1.1); it is
 * early until the answer is a 2xx. None without a From tag or a Contact.
 */
export function dialogFromRequest(request: SipRequest, localTag: string): Dialog | undefined {
  const remoteTag = tagOf(request, "from");
  const cseq = cseqOf(request)?.number;
  const target = contactUriOf(request);
  if (remoteTag === undefined || cseq === undefined || target === undefined) return undefined;
  return {
    callId: ownText(callIdOf(request)),
    localTag,
    remoteTag: ownText(remoteTag),
    localUri: ownText(withoutTag(headerOf(request, "to") ?? "")),
    remoteUri: ownText(withoutTag(headerOf(request, "from") ?? "")),
    localCseq: 0,
    remoteCseq: cseq,
    routeSet: routesOf(request), // §12.1.1: in order
    remoteTarget: ownText(target),
    isEarly: true,
    role: "uas",
  };
}

/**
 * Whether a request within the dialog may be acted on (§12.2.2): a CSeq below the last one is out
 * of order and gets a 500. ACK and CANCEL carry the number of their INVITE. Remembers the number.
 */
export function acceptInDialog(dialog: Dialog, request: SipRequest): "inOrder" | "outOfOrder" {
  const number = cseqOf(request)?.number;
  if (number === undefined) return "outOfOrder";
  if (request.method === "ACK" || request.method === "CANCEL") {
    return number <= dialog.remoteCseq ? "inOrder" : "outOfOrder";
  }
  if (number <= dialog.remoteCseq) return "outOfOrder";
  dialog.remoteCseq = number;
  return "inOrder";
}

/**
 * Takes the remote target of a re-INVITE or UPDATE, or of the 2xx to ours (§12.2.1.2, §12.2.2). The
 * route set stays as it was made.
 */
export function refreshTarget(dialog: Dialog, message: SipMessage): void {
  const target = contactUriOf(message);
  if (target !== undefined) dialog.remoteTarget = ownText(target);
}

/** Whether a message is of this dialog: Call-ID and both tags, whatever its Request-URI says. */
export function isOfDialog(dialog: Dialog, message: SipMessage): boolean {
  // A request of the other side has its tag in From; a response to ours has ours there.
  const isRequest = message.kind === "request";
  return (
    callIdOf(message) === dialog.callId &&
    tagOf(message, isRequest ? "to" : "from") === dialog.localTag &&
    tagOf(message, isRequest ? "from" : "to") === dialog.remoteTag
  );
}

function contactUriOf(message: WithHeaders): string | undefined {
  const contact = listOf(message, "contact")[0];
  return contact === undefined ? undefined : uriIn(contact);
}

function routesOf(message: WithHeaders): string[] {
  return listOf(message, "record-route").slice(0, routesMax).map(ownText);
}
