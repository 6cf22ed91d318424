/**
 * The two requests that are made from an INVITE: the ACK of a failure response (RFC 3261 §17.1.1.3)
 * and CANCEL (§9.1). Both go where the INVITE went, with its branch.
 */
import { buildRequest, type HeaderPair } from "../build.ts";
import { cseqOf } from "../cseq.ts";
import { headerOf, headersOf } from "../header-table.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { parseMessage } from "../parse.ts";
import { viaOf } from "../via.ts";

/**
 * The ACK of a 3xx–6xx response. Request-URI, Via, From, Call-ID, CSeq number and Route are those
 * of the INVITE, To (with its tag) that of the response. Empty when a text given is no such
 * message.
 */
export function ackForFailure(invite: string | SipRequest, response: string | SipResponse): string {
  const request = asRequest(invite);
  const to = toOf(response);
  return request === undefined ? "" : derive(request, "ACK", to ?? headerOf(request, "to") ?? "");
}

/** The CANCEL of an INVITE that had a provisional response and no final one. */
export function cancelFor(invite: string | SipRequest): string {
  const request = asRequest(invite);
  return request === undefined ? "" : derive(request, "CANCEL", headerOf(request, "to") ?? "");
}

function derive(invite: SipRequest, method: "ACK" | "CANCEL", to: string): string {
  const headers: HeaderPair[] = [
    ["Via", viaOf(invite)?.text ?? ""],
    ["From", headerOf(invite, "from") ?? ""],
    ["To", to],
    ["Call-ID", headerOf(invite, "call-id") ?? ""],
    ["CSeq", `${cseqOf(invite)?.number ?? 0} ${method}`],
    ["Max-Forwards", "70"],
  ];
  for (const route of headersOf(invite, "route")) headers.push(["Route", route]);
  return buildRequest({ method, uri: invite.uri, headers });
}

function asRequest(message: string | SipRequest): SipRequest | undefined {
  if (typeof message !== "string") return message;
  const parsed = parseMessage(message);
  return parsed.ok && parsed.value.kind === "request" ? parsed.value : undefined;
}

function toOf(message: string | SipResponse): string | undefined {
  if (typeof message !== "string") return headerOf(message, "to");
  const parsed = parseMessage(message);
  return parsed.ok ? headerOf(parsed.value, "to") : undefined;
}
