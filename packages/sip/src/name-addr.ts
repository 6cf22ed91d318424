/**
 * name-addr and addr-spec with their parameters (RFC 3261 §20.10, §25.1): the form of From, To,
 * Contact, Route and Record-Route. The URI stays text.
 *
 *   "Display" <uri>;parameters      uri;parameters
 */
import { skipBlanks, skipQuoted, skipToken, trimBlanks, unquote } from "./characters.ts";
import { headerOf, type WithHeaders } from "./header-table.ts";
import {
  areParameters,
  isOnceAtMost,
  parameterOf,
  type Parameters,
  parseParameters,
  splitParameters,
} from "./list.ts";
import { uriScheme } from "./uri.ts";

export interface NameAddr {
  /** Without quotes and escapes. */
  readonly display?: string;
  /** As it stands between the brackets. */
  readonly uri: string;
  /** The header's parameters by lower-case name. */
  readonly params: Parameters;
  readonly tag?: string;
}

/**
 * Undefined for what is none: an unterminated quote, a display name that needs quotes, a missing or
 * spaced URI, parameters that are no list, two tags. `*` is none either.
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  const start = skipBlanks(text, 0);
  const bounds = boundsOf(text, start);
  if (bounds === undefined) return undefined;
  const uri = text.slice(bounds.uriStart, bounds.uriEnd);
  if (uriScheme(uri) === undefined || uri.includes(" ") || uri.includes("\t")) return undefined;
  const params = parseParameters(text.slice(bounds.paramsStart), true);
  if (params === undefined) return undefined;
  const tag = params.get("tag");
  if (params.has("tag") && tag === undefined) return undefined;
  const address: { -readonly [Key in keyof NameAddr]: NameAddr[Key] } = { uri, params };
  if (bounds.display !== undefined) address.display = bounds.display;
  if (tag !== undefined) address.tag = tag;
  return address;
}

/**
 * Whether `parseNameAddr` reads a value, without making anything but the URI, which comes back; the
 * uniqueness of parameters other than the tag is not looked at.
 */
export function soundAddressUri(value: string): string | undefined {
  const bounds = boundsOf(value, skipBlanks(value, 0));
  if (bounds === undefined) return undefined;
  const uri = value.slice(bounds.uriStart, bounds.uriEnd);
  if (uriScheme(uri) === undefined || uri.includes(" ") || uri.includes("\t")) return undefined;
  const params = value.slice(bounds.paramsStart);
  return areParameters(params) && isOnceAtMost(params, "tag") ? uri : undefined;
}

/** The tag of From or To, or undefined when there is none. Reads no more than it must. */
export function tagOf(message: WithHeaders, header: "from" | "to"): string | undefined {
  const value = headerOf(message, header);
  if (value === undefined) return undefined;
  const tag = parameterOf(value, "tag", paramsStartOf(value));
  return tag === "" ? undefined : tag;
}

/** The URI of From, To, the first Contact …, as it stands there; undefined when there is none. */
export function uriOf(message: WithHeaders, header: string): string | undefined {
  const value = headerOf(message, header);
  return value === undefined ? undefined : uriIn(value);
}

/** The URI of a name-addr or addr-spec, without looking at its parameters. */
export function uriIn(value: string): string | undefined {
  const bounds = boundsOf(value, skipBlanks(value, 0));
  return bounds === undefined ? undefined : value.slice(bounds.uriStart, bounds.uriEnd);
}

/** The value without its tag: the form in which a dialog keeps an address. */
export function withoutTag(value: string): string {
  const from = paramsStartOf(value);
  if (parameterOf(value, "tag", from) === undefined) return value;
  const parts = splitParameters(value, from);
  return value.slice(0, from).trimEnd() + parts.filter((part) => !isTagPart(part)).join("");
}

interface Bounds {
  readonly display: string | undefined;
  readonly uriStart: number;
  readonly uriEnd: number;
  readonly paramsStart: number;
}

function boundsOf(text: string, start: number): Bounds | undefined {
  if (text.charCodeAt(start) === 34) {
    const after = skipQuoted(text, start);
    if (after < 0) return undefined;
    const open = skipBlanks(text, after);
    if (text.charCodeAt(open) !== 60) return undefined;
    return bracketed(text, open, unquote(text.slice(start, after)));
  }
  const open = text.indexOf("<", start);
  if (open < 0) return bare(text, start);
  const displayEnd = trimBlanks(text, start, open);
  for (let index = start; index < displayEnd; index += 1) {
    // A display name without quotes is tokens only (§25.1). The world writes parentheses, slashes
    // and UTF-8 there, too; what could be a separator needs quotes (RFC 4475 §3.1.2.15).
    if (separators.includes(text.charAt(index))) return undefined;
  }
  return bracketed(text, open, displayEnd === start ? undefined : text.slice(start, displayEnd));
}

const separators = '",;:<>';

function bracketed(text: string, open: number, display: string | undefined): Bounds | undefined {
  const close = text.indexOf(">", open);
  if (close <= open + 1) return undefined;
  return { display, uriStart: open + 1, uriEnd: close, paramsStart: close + 1 };
}

/**
 * RFC 3261 §20.10: without brackets what follows `;` belongs to the header, and `,` `?` must not
 * be.
 */
function bare(text: string, start: number): Bounds | undefined {
  let end = text.indexOf(";", start);
  if (end < 0) end = text.length;
  const uriEnd = trimBlanks(text, start, end);
  const uri = text.slice(start, uriEnd);
  if (uriEnd === start || uri.includes("?") || uri.includes(",") || uri.includes(">")) {
    return undefined;
  }
  return { display: undefined, uriStart: start, uriEnd, paramsStart: end };
}

/** Where the header's own parameters begin. */
function paramsStartOf(value: string): number {
  let from = 0;
  if (value.charCodeAt(0) === 34) {
    const after = skipQuoted(value, 0);
    if (after < 0) return value.length;
    from = after;
  }
  const close = value.indexOf(">", from);
  if (close >= 0) return close + 1;
  const semicolon = value.indexOf(";", from);
  return semicolon < 0 ? value.length : semicolon;
}

/** `;tag…` */
function isTagPart(part: string): boolean {
  const start = skipBlanks(part, 1);
  return part.slice(start, skipToken(part, start)).toLowerCase() === "tag";
}
