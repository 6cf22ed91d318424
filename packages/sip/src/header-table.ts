/**
 * The headers of one message as offsets into its text: four numbers a line, made in one pass by the
 * parser; values become strings only when somebody asks for them.
 *
 *   entries: [ name id, name start, value start, value end ] × lines
 *
 * Values are trimmed; folded ones (RFC 3261 §7.3.1) are unfolded on access.
 */
import { trimBlanks } from "./characters.ts";
import { canonicalNameOf, nameIdOf, unknownNameId } from "./header-names.ts";
import { listElementsMax } from "./limits.ts";
import { splitList } from "./list.ts";
import type { Via } from "./via.ts";

export interface HeaderTable {
  /** The whole message. */
  readonly text: string;
  readonly entries: readonly number[];
  /** Whether any value is folded. */
  readonly hasFolds: boolean;
  /** What `viaOf` has read already: undefined before, null for none that can be read. */
  topVia: Via | null | undefined;
}

/** One header line. */
export interface HeaderLine {
  /** Canonical: lower case, long form. */
  readonly name: string;
  readonly value: string;
}

/** Numbers that an entry takes. */
export const entryWidth = 4;

/** What carries headers: a request or a response. */
export interface WithHeaders {
  readonly headers: HeaderTable;
}

/**
 * The first value of a header, unfolded and trimmed, or undefined when there is none. The name is
 * canonical: lower case and in its long form (`call-id`, also where the message says `i`).
 */
export function headerOf(message: WithHeaders, name: string): string | undefined {
  const table = message.headers;
  const id = nameIdOf(name);
  if (id !== unknownNameId) return firstValueById(table, id);
  for (let at = 0; at < table.entries.length; at += entryWidth) {
    if (table.entries[at] === unknownNameId && nameAt(table, at) === name) {
      return valueAt(table, at);
    }
  }
  return undefined;
}

/** The values of every line of a header, in order, not split at commas. */
export function headersOf(message: WithHeaders, name: string): readonly string[] {
  const table = message.headers;
  const id = nameIdOf(name);
  const values: string[] = [];
  for (let at = 0; at < table.entries.length; at += entryWidth) {
    if (table.entries[at] !== id) continue;
    if (id === unknownNameId && nameAt(table, at) !== name) continue;
    values.push(valueAt(table, at));
  }
  return values;
}

/**
 * The values of a header that is a list (Via, Route, Contact, Allow …), all lines joined and split
 * at the commas outside quotes and angle brackets. An empty header gives none; an empty element
 * between two commas is kept as an empty text, for its reader to refuse.
 */
export function listOf(message: WithHeaders, name: string): readonly string[] {
  const lines = headersOf(message, name);
  if (lines.length === 1) return splitList(lines[0] as string); // length is 1
  const values: string[] = [];
  for (const line of lines) {
    if (values.length >= listElementsMax) break;
    values.push(...splitList(line));
  }
  return values;
}

/** Every header line in the order of the message. */
export function headerLines(message: WithHeaders): readonly HeaderLine[] {
  const table = message.headers;
  const lines: HeaderLine[] = [];
  for (let at = 0; at < table.entries.length; at += entryWidth) {
    lines.push({ name: nameAt(table, at), value: valueAt(table, at) });
  }
  return lines;
}

/** How many lines a header has. */
export function countLines(table: HeaderTable, id: number): number {
  let count = 0;
  for (let at = 0; at < table.entries.length; at += entryWidth) {
    if (table.entries[at] === id) count += 1;
  }
  return count;
}

/** The first value of a header known by number. */
export function firstValueById(table: HeaderTable, id: number): string | undefined {
  const entries = table.entries;
  for (let at = 0; at < entries.length; at += entryWidth) {
    if (entries[at] === id) return valueAt(table, at);
  }
  return undefined;
}

/** Where the first line of a header stands in `entries`, or -1. */
export function entryOf(table: HeaderTable, id: number): number {
  const entries = table.entries;
  for (let at = 0; at < entries.length; at += entryWidth) if (entries[at] === id) return at;
  return -1;
}

/** The canonical name of the line at `at`. */
function nameAt(table: HeaderTable, at: number): string {
  const id = table.entries[at] as number; // `at` is an entry's start
  if (id !== unknownNameId) return canonicalNameOf(id);
  const start = table.entries[at + 1] as number; // as above
  const colon = table.text.indexOf(":", start);
  return table.text.slice(start, trimBlanks(table.text, start, colon)).toLowerCase();
}

/** The value of the line at `at`, unfolded. */
export function valueAt(table: HeaderTable, at: number): string {
  // `at` is an entry's start, so both numbers are there.
  const value = table.text.slice(table.entries[at + 2], table.entries[at + 3]);
  return table.hasFolds && value.includes("\r") ? unfold(value) : value;
}

/** Each fold, with the blanks around it, is one space (RFC 3261 §7.3.1). */
function unfold(value: string): string {
  let text = "";
  let start = 0;
  for (;;) {
    const fold = value.indexOf("\r\n", start);
    if (fold < 0) return text + value.slice(start);
    text += value.slice(start, trimBlanks(value, start, fold));
    start = fold + 2;
    while (
      start < value.length &&
      (value.charCodeAt(start) === 32 || value.charCodeAt(start) === 9)
    )
      start += 1;
    text += " ";
  }
}
