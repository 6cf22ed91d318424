/**
 * Via (RFC 3261 §20.42, §18.2; RFC 3581): reading the top one, stamping it with where the request
 * really came from, and where a response goes.
 *
 *   SIP/2.0/UDP host:port;branch=z9hG4bK…;rport;received=…
 */
import { skipBlanks, skipToken } from "./characters.ts";
import { viaId } from "./header-names.ts";
import { entryOf, firstValueById, type HeaderTable, type WithHeaders } from "./header-table.ts";
import { areParameters, elementEnd, parameterOf, splitParameters } from "./list.ts";
import type { SipMessage } from "./message.ts";
import { parseMessage } from "./parse.ts";
import { parseHostPort } from "./uri.ts";

export interface Via {
  /** Upper case: UDP, TCP, TLS, WS … */
  readonly transport: string;
  /** Lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port?: number;
  readonly branch?: string;
  /** As it came, without brackets. */
  readonly received?: string;
  /** "requested" stands for the parameter without a value (RFC 3581 §3). */
  readonly rport?: number | "requested";
  /** The parameters' text, from their first `;` on; `parameterOf` reads one. */
  readonly params: string;
  /** This one value, as it came. */
  readonly text: string;
}

/** The branch of every RFC 3261 transaction begins so (§8.1.1.7). */
export const branchCookie = "z9hG4bK";

/** The top Via, or undefined when there is none or it is wrong. */
export function viaOf(message: WithHeaders): Via | undefined {
  const table = message.headers;
  if (table.topVia === undefined) table.topVia = readTopVia(table) ?? null;
  return table.topVia ?? undefined;
}

function readTopVia(table: HeaderTable): Via | undefined {
  const value = firstValueById(table, viaId);
  if (value === undefined) return undefined;
  return parseVia(value.includes(",") ? value.slice(0, elementEnd(value, 0)).trimEnd() : value);
}

/** One Via value. */
export function parseVia(text: string): Via | undefined {
  // sent-protocol: SIP SLASH 2.0 SLASH transport, blanks allowed around the slashes
  let index = protocolEnd(text);
  if (index < 0) return undefined;
  const transportEnd = skipToken(text, index);
  if (transportEnd === index) return undefined;
  const transport = text.slice(index, transportEnd).toUpperCase();
  index = skipBlanks(text, transportEnd);
  if (index === transportEnd) return undefined;
  const semicolon = text.indexOf(";", index);
  const sentByEnd = semicolon < 0 ? text.length : semicolon;
  const sentBy = parseHostPort(withoutBlanks(text.slice(index, sentByEnd)));
  if (sentBy === undefined) return undefined;
  const params = text.slice(sentByEnd);
  const via: WritableVia = { transport, host: sentBy.host, params, text };
  if (sentBy.port !== undefined) via.port = sentBy.port;
  if (params.length > 0) readRouting(via);
  return via;
}

/**
 * Whether the parameters of a Via are a list, as RFC 3261 has it; `parseVia` reads only its own.
 */
export function hasSoundParameters(via: Via): boolean {
  return areParameters(via.params);
}

/**
 * The request with `received` and `rport` in its top Via (RFC 3261 §18.2.1, RFC 3581 §4), text out.
 * A text that is no SIP message comes back as it is.
 */
export function stampVia(message: SipMessage | string, host: string, port: number): string {
  if (typeof message === "string") {
    const parsed = parseMessage(message);
    return parsed.ok ? stampVia(parsed.value, host, port) : message;
  }
  const via = viaOf(message);
  if (via === undefined) return message.headers.text;
  const table = message.headers;
  const text = table.text;
  const entry = entryOf(table, viaId);
  const start = table.entries[entry + 2] as number; // viaOf found the entry
  const end = start + elementEnd(text.slice(start, table.entries[entry + 3]), 0);
  return text.slice(0, start) + stampedVia(via, host, port) + text.slice(end);
}

/** One Via value with `received` and `rport` for a request that came from `host`:`port`. */
export function stampedVia(via: Via, host: string, port: number): string {
  const address = bareAddress(host);
  const isSame = via.host === host || bareAddress(via.host) === address;
  if (via.rport === undefined && via.received === undefined && isSame) return via.text;
  // What the sender wrote there himself is worth nothing.
  const sentBy = via.text.slice(0, via.text.length - via.params.length).trimEnd();
  const kept = splitParameters(via.params, 0).filter((part) => !isStamp(part));
  const rport = via.rport === undefined ? "" : `;rport=${port}`;
  return `${sentBy}${kept.join("")};received=${address}${rport}`;
}

/**
 * Where the response to a request goes over UDP: to the address it came from, whatever its Via says
 * (`maddr` and a forged `received` would make us shoot at others); without a source, where a Via
 * that was stamped says.
 */
export function responseTarget(
  via: Via | undefined,
  sourceHost?: string,
  sourcePort?: number,
): { readonly host: string; readonly port: number } {
  const stampedPort = typeof via?.rport === "number" ? via.rport : via?.port;
  return {
    host: sourceHost ?? via?.received ?? via?.host ?? "",
    port: sourcePort ?? stampedPort ?? 5060,
  };
}

function protocolEnd(text: string): number {
  if (text.startsWith("SIP/2.0/")) return skipBlanks(text, 8);
  let index = 0;
  for (const part of ["SIP", "2.0"]) {
    index = skipBlanks(text, index);
    if (text.slice(index, index + part.length).toUpperCase() !== part) return -1;
    index = skipBlanks(text, index + part.length);
    if (text.charCodeAt(index) !== 47) return -1;
    index += 1;
  }
  return skipBlanks(text, index);
}

type WritableVia = { -readonly [Key in keyof Via]: Via[Key] };

function readRouting(via: WritableVia): void {
  const { params } = via;
  const branch = parameterOf(params, "branch");
  if (branch !== undefined && branch !== "") via.branch = branch;
  const received = parameterOf(params, "received");
  if (received !== undefined && received !== "") via.received = bareAddress(received);
  const rport = parameterOf(params, "rport");
  if (rport === "") via.rport = "requested";
  else if (rport !== undefined) via.rport = parseHostPort(`x:${rport}`)?.port ?? "requested";
}

/** COLON of RFC 3261 §25.1 allows blanks around it. */
function withoutBlanks(text: string): string {
  if (!text.includes(" ") && !text.includes("\t")) return text;
  return text
    .split(":")
    .map((part) => part.trim())
    .join(":");
}

/** `;received…` or `;rport…`. */
function isStamp(part: string): boolean {
  const start = skipBlanks(part, 1);
  const name = part.slice(start, skipToken(part, start)).toLowerCase();
  return name === "received" || name === "rport";
}

/** RFC 5118 §4.5: `received` has no brackets, sent-by has. */
function bareAddress(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
