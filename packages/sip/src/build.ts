/**
 * Writing messages (RFC 3261 §7, §8.1.1, §8.2.6): plain joining of text, Content-Length always last
 * and always right. A line break inside a value would begin a header of somebody else's making; it
 * is written as a space.
 */
import { displayNameOf, viaId } from "./header-names.ts";
import { entryWidth, headerOf, type HeaderTable, headersOf, valueAt } from "./header-table.ts";
import type { SipRequest } from "./message.ts";
import { tagOf } from "./name-addr.ts";
import { reasonPhrase } from "./reason-phrase.ts";
import { stampedVia, viaOf } from "./via.ts";

/** A header to write: canonical or written name (`call-id` and `Call-ID` are the same), value. */
export type HeaderPair = readonly [name: string, value: string];

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  /** In the order in which they are written, Via first. Content-Length is added. */
  readonly headers: readonly HeaderPair[];
  /** latin1, one character a byte. */
  readonly body?: string;
}

export interface ResponseParts {
  readonly reason?: string;
  /** Added to To when the request has no To tag; not for 100 (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  readonly headers?: readonly HeaderPair[];
  readonly body?: string;
  /** With a body; `application/sdp` when not said. */
  readonly contentType?: string;
  /** Where the request came from: stamps its top Via in the response (RFC 3581 §4). */
  readonly source?: { readonly host: string; readonly port: number };
}

/** The text of a request. */
export function buildRequest(parts: RequestParts): string {
  let text = `${parts.method} ${parts.uri} SIP/2.0\r\n`;
  for (const [name, value] of parts.headers) text += headerLine(name, value);
  return finish(text, parts.body ?? "");
}

/**
 * The text of a response to a request: its Via values, From, To, Call-ID and CSeq, then what is
 * given. Record-Route is the caller's to copy, for a response that makes a dialog (§12.1.1).
 */
export function buildResponse(
  request: SipRequest,
  status: number,
  parts: ResponseParts = {},
): string {
  let text = `SIP/2.0 ${status} ${oneLine(parts.reason ?? reasonPhrase(status))}\r\n`;
  text += viaLines(request, parts.source);
  text += `From: ${headerOf(request, "from") ?? ""}\r\n`;
  text += `To: ${toValue(request, status === 100 ? undefined : parts.toTag)}\r\n`;
  text += `Call-ID: ${headerOf(request, "call-id") ?? ""}\r\n`;
  text += `CSeq: ${headerOf(request, "cseq") ?? ""}\r\n`;
  if (parts.headers !== undefined) {
    for (const [name, value] of parts.headers) text += headerLine(name, value);
  }
  const body = parts.body ?? "";
  if (body.length > 0) text += headerLine("Content-Type", parts.contentType ?? "application/sdp");
  return finish(text, body);
}

/** One `Name: value` line; a name in lower case is written in its usual form. */
function headerLine(name: string, value: string): string {
  const first = name.charCodeAt(0);
  const written = first >= 97 && first <= 122 ? displayNameOf(name) : name;
  return `${written}: ${oneLine(value)}\r\n`;
}

function finish(head: string, body: string): string {
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
}

function oneLine(text: string): string {
  if (!text.includes("\r") && !text.includes("\n")) return text;
  return text.replaceAll("\r", " ").replaceAll("\n", " ");
}

/** All Via lines, the top value stamped with the request's source. */
function viaLines(request: SipRequest, source: ResponseParts["source"]): string {
  const table: HeaderTable = request.headers;
  let lines = "";
  let isTop = source !== undefined;
  for (let at = 0; at < table.entries.length; at += entryWidth) {
    if (table.entries[at] !== viaId) continue;
    let value = valueAt(table, at);
    if (isTop && source !== undefined) {
      const via = viaOf(request);
      if (via !== undefined) {
        value = stampedVia(via, source.host, source.port) + value.slice(via.text.length);
      }
      isTop = false;
    }
    lines += `Via: ${value}\r\n`;
  }
  return lines;
}

function toValue(request: SipRequest, toTag: string | undefined): string {
  const value = headersOf(request, "to")[0] ?? "";
  if (toTag === undefined || tagOf(request, "to") !== undefined) return value;
  return `${value};tag=${toTag}`;
}
