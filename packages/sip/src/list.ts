/**
 * Splitting values at a separator outside quoted strings and angle brackets: comma lists (RFC 3261
 * §7.3.1) and semicolon parameters. One pass, no regular expression, total for any input: an
 * unterminated quote or bracket takes the rest of the value with it.
 */
import {
  equalsIgnoringCase,
  skipBlanks,
  skipQuoted,
  skipToken,
  trimBlanks,
  unquote,
} from "./characters.ts";
import { listElementsMax } from "./limits.ts";

const comma = 44;
const quoteMark = 34;
const less = 60;
const greater = 62;
const semicolon = 59;
const equals = 61;

/**
 * The elements of a comma list, trimmed; none for an empty value, empty texts for empty elements.
 * Beyond `listElementsMax` it stops: a header of commas must not cost more than one of names.
 */
export function splitList(value: string): readonly string[] {
  if (!value.includes(",")) return value.length === 0 ? [] : [value];
  const elements: string[] = [];
  let start = 0;
  for (;;) {
    const end = elementEnd(value, start);
    const from = skipBlanks(value, start, end);
    elements.push(value.slice(from, trimBlanks(value, from, end)));
    if (end >= value.length || elements.length >= listElementsMax) return elements;
    start = end + 1;
  }
}

/** The index of the comma that ends the element beginning at `from`, or the value's length. */
export function elementEnd(value: string, from: number): number {
  let isBracketed = false;
  for (let index = from; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code === comma && !isBracketed) return index;
    if (code === less) isBracketed = true;
    else if (code === greater) isBracketed = false;
    else if (code === quoteMark && !isBracketed) {
      const after = skipQuoted(value, index);
      if (after < 0) return value.length;
      index = after - 1;
    }
  }
  return value.length;
}

/** A parameter list by lower-case name; undefined stands for a name without a value. */
export type Parameters = ReadonlyMap<string, string | undefined>;

/** Shared by all that have none. */
export const noParameters: Parameters = new Map();

/**
 * Parses `;name=value;name…` (generic-param of RFC 3261 §25.1; blanks around `;` and `=` allowed).
 * Quoted values are unquoted. Undefined when the text is no such list. The first of two equal names
 * wins, unless the caller forbids it with `isUnique`.
 */
export function parseParameters(text: string, isUnique = false): Parameters | undefined {
  let index = skipBlanks(text, 0);
  if (index >= text.length) return noParameters;
  const parameters = new Map<string, string | undefined>();
  while (index < text.length) {
    if (text.charCodeAt(index) !== semicolon) return undefined;
    index = skipBlanks(text, index + 1);
    const nameEnd = skipToken(text, index);
    if (nameEnd === index) return undefined;
    const name = text.slice(index, nameEnd).toLowerCase();
    index = skipBlanks(text, nameEnd);
    let value: string | undefined;
    if (text.charCodeAt(index) === equals) {
      index = skipBlanks(text, index + 1);
      const end = valueEnd(text, index);
      if (end < 0 || end === index) return undefined;
      const raw = text.slice(index, end);
      value = raw.charCodeAt(0) === quoteMark ? unquote(raw) : raw;
      index = skipBlanks(text, end);
    }
    if (!parameters.has(name)) parameters.set(name, value);
    else if (isUnique) return undefined;
  }
  return parameters;
}

/** Whether a text is a parameter list as `parseParameters` reads it; makes nothing. */
export function areParameters(text: string): boolean {
  let index = skipBlanks(text, 0);
  while (index < text.length) {
    if (text.charCodeAt(index) !== semicolon) return false;
    index = skipBlanks(text, index + 1);
    const nameEnd = skipToken(text, index);
    if (nameEnd === index) return false;
    index = skipBlanks(text, nameEnd);
    if (text.charCodeAt(index) !== equals) continue;
    index = skipBlanks(text, index + 1);
    const end = valueEnd(text, index);
    if (end < 0 || end === index) return false;
    index = skipBlanks(text, end);
  }
  return true;
}

/**
 * The value of one parameter in `;name=value…` from `from` on, without making a table of all:
 * undefined when it is missing, an empty text when it has no value.
 */
export function parameterOf(text: string, name: string, from = 0): string | undefined {
  let index = from;
  for (;;) {
    index = nextSemicolon(text, index);
    if (index < 0) return undefined;
    index = skipBlanks(text, index + 1);
    const end = skipToken(text, index);
    if (end - index !== name.length || !equalsIgnoringCase(text, index, name)) continue;
    index = skipBlanks(text, end);
    if (text.charCodeAt(index) !== equals) return "";
    index = skipBlanks(text, index + 1);
    const after = valueEnd(text, index);
    if (after < 0) return undefined;
    const raw = text.slice(index, after);
    return raw.charCodeAt(0) === quoteMark ? unquote(raw) : raw;
  }
}

/** Whether a parameter stands once in a sound list, with a value, or not at all. */
export function isOnceAtMost(text: string, name: string): boolean {
  let isSeen = false;
  for (let index = nextSemicolon(text, 0); index >= 0; index = nextSemicolon(text, index)) {
    index = skipBlanks(text, index + 1);
    const end = skipToken(text, index);
    if (end - index !== name.length || !equalsIgnoringCase(text, index, name)) continue;
    index = skipBlanks(text, end);
    if (isSeen || text.charCodeAt(index) !== equals) return false;
    isSeen = true;
  }
  return true;
}

/** The parameters as pieces that each begin with `;`. */
export function splitParameters(value: string, from: number): string[] {
  const parts: string[] = [];
  let start = value.indexOf(";", from);
  while (start >= 0 && start < value.length) {
    let end = start + 1;
    while (end < value.length && value.charCodeAt(end) !== semicolon) {
      if (value.charCodeAt(end) === quoteMark) {
        const after = skipQuoted(value, end);
        end = after < 0 ? value.length : after;
      } else end += 1;
    }
    parts.push(value.slice(start, trimBlanks(value, start, end)));
    start = end;
  }
  return parts;
}

function nextSemicolon(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === semicolon) return index;
    if (code !== quoteMark) continue;
    const after = skipQuoted(text, index);
    if (after < 0) return -1;
    index = after - 1;
  }
  return -1;
}

/** The end of a parameter's value: a quoted string, or everything up to a blank or `;`. */
function valueEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === quoteMark) return skipQuoted(text, from);
  let index = from;
  while (index < text.length && isPlainValueCode(text.charCodeAt(index))) index += 1;
  return index;
}

/**
 * token, host and IPv6 reference, and what the world also writes there (`=`); no other separator.
 */
function isPlainValueCode(code: number): boolean {
  if (code <= 32 || code === 127) return false;
  return (
    code !== semicolon && code !== comma && code !== quoteMark && code !== less && code !== greater
  );
}
