/**
 * Requests within a dialog (RFC 3261 §12.2.1.1): tags, Call-ID, CSeq and the two kinds of routing.
 *
 *   first route has ;lr  →  Request-URI: target        Route: all of the set     (loose)
 *   it has not           →  Request-URI: first route   Route: the rest, target   (strict)
 *   no routes            →  Request-URI: target
 */
import { buildRequest, type HeaderPair } from "../build.ts";
import { uriIn } from "../name-addr.ts";
import { parseUri } from "../uri.ts";
import type { Dialog } from "./dialog.ts";

export interface DialogRequestParts {
  /**
   * The value of the Via header, with a branch of its own (an ACK's, too: §17.1.1.3, §13.2.2.4).
   */
  readonly via: string;
  readonly contact?: string;
  /** After the dialog's own headers; Content-Type belongs here when there is a body. */
  readonly headers?: readonly HeaderPair[];
  readonly body?: string;
  /** The number to use: the INVITE's for its ACK, that of a request that is repeated. */
  readonly cseq?: number;
}

/**
 * The text of a request and its CSeq number. All but ACK take the next number and the dialog
 * remembers it, unless `cseq` gives one. (A CANCEL is made by `cancelFor`.)
 */
export function dialogRequest(
  dialog: Dialog,
  method: string,
  parts: DialogRequestParts,
): { readonly text: string; readonly cseq: number } {
  const isNumbered = method !== "ACK" && method !== "CANCEL";
  const cseq = parts.cseq ?? dialog.localCseq + (isNumbered ? 1 : 0);
  if (isNumbered && cseq > dialog.localCseq) dialog.localCseq = cseq;
  const { uri, routes } = routeOf(dialog);
  const headers: HeaderPair[] = [
    ["Via", parts.via],
    ["From", `${dialog.localUri};tag=${dialog.localTag}`],
    ["To", `${dialog.remoteUri};tag=${dialog.remoteTag}`],
    ["Call-ID", dialog.callId],
    ["CSeq", `${cseq} ${method}`],
    ["Max-Forwards", "70"],
  ];
  for (const route of routes) headers.push(["Route", route]);
  if (parts.contact !== undefined) headers.push(["Contact", parts.contact]);
  if (parts.headers !== undefined) headers.push(...parts.headers);
  return { text: buildRequest({ method, uri, headers, body: parts.body ?? "" }), cseq };
}

/** The URI that says where the dialog's next request goes: the first route, or else the target. */
export function nextHopOf(dialog: Dialog): string {
  const first = dialog.routeSet[0];
  return (first === undefined ? undefined : uriIn(first)) ?? dialog.remoteTarget;
}

function routeOf(dialog: Dialog): { readonly uri: string; readonly routes: readonly string[] } {
  const first = dialog.routeSet[0];
  const firstUri = first === undefined ? undefined : uriIn(first);
  if (firstUri === undefined || parseUri(firstUri)?.params.has("lr") === true) {
    return { uri: dialog.remoteTarget, routes: dialog.routeSet };
  }
  const routes = [...dialog.routeSet.slice(1), `<${dialog.remoteTarget}>`];
  return { uri: firstUri, routes };
}
