/**
 * Whether a message that parsed may be acted on (RFC 3261 §8.1.1, §8.2, §16.3): the headers that
 * must be there, none of them twice, and each of them readable. Everything the machine reads later
 * without looking twice is checked here, with the answer a sender gets. What an application may
 * refuse (schemes, extensions, content types) is not here.
 */
import { fail, ok, type Result } from "@tandem/kernel";
import { cseqOf } from "./cseq.ts";
import {
  callIdId,
  canonicalNameOf,
  contactId,
  cseqId,
  displayNameOf,
  fromId,
  maxForwardsId,
  nameIdOf,
  toId,
  viaId,
} from "./header-names.ts";
import { entryOf, entryWidth, firstValueById, type HeaderTable, listOf } from "./header-table.ts";
import {
  contactsMax,
  maxForwardsMax,
  numberDigitsMax,
  routesMax,
  uriBytesMax,
  viasMax,
} from "./limits.ts";
import { parseDecimal } from "./characters.ts";
import type { SipMessage, SipRequest, SipResponse } from "./message.ts";
import { soundAddressUri, uriIn } from "./name-addr.ts";
import { reasonPhrase } from "./reason-phrase.ts";
import { parseUri, uriScheme } from "./uri.ts";
import { branchCookie, hasSoundParameters, parseVia, viaOf } from "./via.ts";

export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** Which rule was broken, for the log and the Warning; holds nothing of the message. */
  readonly detail: string;
}

const mandatoryIds: readonly number[] = [viaId, fromId, toId, callIdId, cseqId];

/** RFC 3261 §7.3.1: only headers that are lists may be repeated; RFC 4475 §3.3.8. */
const singleNames = [
  "from",
  "to",
  "call-id",
  "cseq",
  "max-forwards",
  "content-type",
  "expires",
  "min-expires",
  "session-expires",
  "min-se",
  "replaces",
  "refer-to",
  "event",
];
const isSingle: readonly boolean[] = singlesById();

function singlesById(): readonly boolean[] {
  const singles: boolean[] = [];
  for (const name of singleNames) singles[nameIdOf(name)] = true;
  return singles;
}

/** What is wrong with a request, as the response that says it; a sound request is `ok`. */
export function validateRequest(request: SipRequest): Result<void, Refusal> {
  if (!isOurVersion(request)) return refuse(505, request.version.slice(0, 12));
  const detail =
    faultOfCommon(request) ??
    faultOfUri(request.uri) ??
    faultOfMaxForwards(request.headers) ??
    faultOfRoutes(request);
  if (detail !== undefined) return refuse(400, detail);
  if (cseqOf(request)?.method !== request.method) {
    return refuse(400, "CSeq names another method"); // RFC 4475 §3.1.2.17
  }
  return ok(undefined);
}

/** What is wrong with a response; such a response is dropped (RFC 3261 §18.1.2). */
export function validateResponse(response: SipResponse): Result<void, Refusal> {
  if (!isOurVersion(response)) return refuse(505, "version");
  const detail = faultOfCommon(response);
  return detail === undefined ? ok(undefined) : refuse(400, detail);
}

function isOurVersion({ version }: SipMessage): boolean {
  return version === "SIP/2.0" || version.toUpperCase() === "SIP/2.0";
}

function refuse(status: number, detail: string): { readonly ok: false; readonly failure: Refusal } {
  return fail({ status, reason: reasonPhrase(status), detail });
}

function faultOfCommon(message: SipMessage): string | undefined {
  const table = message.headers;
  const fault = faultOfCounts(table);
  if (fault !== undefined) return fault;
  if (!isCallId(firstValueById(table, callIdId) ?? "")) return "Call-ID is wrong";
  if (cseqOf(message) === undefined) return "CSeq is wrong";
  return faultOfVias(message) ?? faultOfAddresses(message);
}

function faultOfCounts({ entries }: HeaderTable): string | undefined {
  // Bits of the names seen: mandatory names have small numbers, singles all below 64.
  let seenLow = 0;
  let seenHigh = 0;
  for (let at = 0; at < entries.length; at += entryWidth) {
    const id = entries[at] as number; // `at` is an entry's start
    if (id < 0) continue;
    const bit = 1 << (id & 31);
    const isSeen = ((id < 32 ? seenLow : seenHigh) & bit) !== 0;
    if (isSeen && isSingle[id] === true) return `two ${displayNameOf(canonicalNameOf(id))}`;
    if (id < 32) seenLow |= bit;
    else seenHigh |= bit;
  }
  const missing = mandatoryIds.find((id) => (seenLow & (1 << id)) === 0);
  return missing === undefined ? undefined : `no ${displayNameOf(canonicalNameOf(missing))}`;
}

function faultOfVias(message: SipMessage): string | undefined {
  const values = listOf(message, "via");
  if (values.length > viasMax) return "too many Via";
  let isTop = true;
  for (const value of values) {
    const via = isTop ? viaOf(message) : parseVia(value);
    if (via === undefined || !hasSoundParameters(via)) return "Via is wrong";
    // RFC 4475 §3.2.1: the cookie with nothing behind it identifies nothing.
    if (isTop && via.branch === branchCookie) return "Via branch is empty";
    isTop = false;
  }
  return undefined;
}

function faultOfAddresses(message: SipMessage): string | undefined {
  const table = message.headers;
  const isGood = message.kind === "request" ? isSoundAddress : isReadableAddress;
  for (const id of [fromId, toId]) {
    if (!isGood(firstValueById(table, id) ?? "")) {
      return `${displayNameOf(canonicalNameOf(id))} is wrong`;
    }
  }
  if (entryOf(table, contactId) < 0) return undefined;
  const contacts = listOf(message, "contact");
  if (contacts.length > contactsMax) return "too many Contact";
  for (const value of contacts) {
    if (value !== "*" && !isSoundAddress(value)) return "Contact is wrong";
  }
  return undefined;
}

/**
 * A Request-URI has no brackets, no blanks and no headers (RFC 3261 §19.1.1, RFC 4475 §3.1.2.7).
 */
function faultOfUri(uri: string): string | undefined {
  const scheme = uriScheme(uri);
  if (scheme === undefined || isBrokenSipUri(uri)) return "Request-URI is wrong";
  const isOurs = scheme === "sip" || scheme === "sips";
  return isOurs && uri.includes("?", uri.indexOf("@") + 1) ? "headers in Request-URI" : undefined;
}

function faultOfMaxForwards(table: HeaderTable): string | undefined {
  // RFC 2543 had none; RFC 3261 §16.3 says what to do without it.
  const value = firstValueById(table, maxForwardsId);
  if (value === undefined) return undefined;
  const hops = parseDecimal(value, numberDigitsMax);
  return hops === undefined || hops > maxForwardsMax ? "Max-Forwards is wrong" : undefined;
}

function faultOfRoutes(request: SipRequest): string | undefined {
  for (const { name, id } of routeNames) {
    if (entryOf(request.headers, id) < 0) continue;
    const values = listOf(request, name);
    if (values.length > routesMax) return `too many ${displayNameOf(name)}`;
    for (const value of values) {
      if (!isSoundAddress(value)) return `${displayNameOf(name)} is wrong`;
    }
  }
  return undefined;
}

const routeNames = ["route", "record-route"].map((name) => ({ name, id: nameIdOf(name) }));

function isSoundAddress(value: string): boolean {
  const uri = soundAddressUri(value);
  return uri !== undefined && !isBrokenSipUri(uri);
}

/**
 * Of a response: ours is the one tag that counts, and callees that put their tag behind one that is
 * there already are common.
 */
function isReadableAddress(value: string): boolean {
  const uri = uriIn(value);
  return uri !== undefined && uriScheme(uri) !== undefined && !isBrokenSipUri(uri);
}

/** Whether it says sip, sips or tel and is none, or is too long for any request. */
function isBrokenSipUri(uri: string): boolean {
  if (uri.length > uriBytesMax) return true; // it would not fit into a start line
  if (plainUri.test(uri)) return false;
  const scheme = uriScheme(uri);
  const isKnown = scheme === "sip" || scheme === "sips" || scheme === "tel";
  return isKnown && parseUri(uri) === undefined;
}

/**
 * What nearly every URI is: a user of few characters, a name or IPv4 address, four digits of port.
 */
const plainUri = /^sips?:(?:[\w.+-]+@)?[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,4})?$/i;

/** callid = word [ "@" word ]; only what would break a line or a list of ours is refused. */
function isCallId(text: string): boolean {
  return text.length > 0 && !text.includes(" ") && !text.includes("\t") && !text.includes(",");
}
