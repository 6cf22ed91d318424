import { encode } from "./encode.ts";
import { watchTable, type Table } from "./watch-table.ts";

/**
 * One table on its way: every row once, in the table's order, then what was touched since. Nothing
 * is ever said of the order of keys: rows of the first pass and rows that are new go to the end of
 * the copy's table in the order in which they stand in this one; a row that was only touched keeps
 * its place.
 *
 *     a Map's iterator sees what is appended meanwhile and passes over what is deleted
 */
export interface TableSender {
  /** Rows that would have to be sent again, or were deleted. */
  readonly owed: () => number;
  readonly isPassed: () => boolean;
  /** So much text of the first pass, then of what is owed; null when nothing is left now. */
  readonly take: (bytesMax: number) => Taken | null;
  readonly close: () => void;
}

export interface Taken {
  /** `[number,[placed rows],[updated rows],[removed keys]]`. */
  readonly text: string;
}

/** `place`: at the end of the table; `update`: where it stands. */
type Owed = "place" | "update" | "remove";

export function sendTable(table: Table, number: number): TableSender {
  const keys = Map.prototype.keys.call(table);
  const sent = new Set<unknown>();
  const owed = new Map<unknown, Owed>();
  let isPassed = false;

  const close = watchTable(table, {
    touched(key) {
      if (sent.has(key) && !owed.has(key)) owed.set(key, "update");
    },
    added(key) {
      if (!isPassed) return; // the pass comes to it
      owed.delete(key);
      owed.set(key, "place");
    },
    removed(key) {
      owed.delete(key);
      if (sent.has(key)) owed.set(key, "remove");
    },
  });

  const valueOf = (key: unknown): unknown => Map.prototype.get.call(table, key);
  const isThere = (key: unknown): boolean => Map.prototype.has.call(table, key);
  const rowText = (key: unknown): string => `${encode(key)},${encode(valueOf(key))}`;

  function takePass(bytesMax: number): Taken | null {
    const placed: string[] = [];
    let bytes = 0;
    while (bytes < bytesMax) {
      const next = keys.next();
      if (next.done === true) {
        isPassed = true;
        break;
      }
      const key: unknown = next.value;
      const row = rowText(key);
      bytes += row.length;
      placed.push(row);
      owed.delete(key); // deleted and set again: this is its new place
      sent.add(key);
    }
    if (placed.length === 0) return null;
    return { text: `[${number},[${placed.join(",")}],[],[]]` };
  }

  function takeOwed(bytesMax: number): Taken | null {
    const texts: Record<Owed, string[]> = { place: [], update: [], remove: [] };
    let bytes = 0;
    let rows = 0;
    for (const [key, why] of owed) {
      if (bytes >= bytesMax) break;
      owed.delete(key);
      rows += 1;
      const row = why === "remove" ? encode(key) : rowText(key);
      bytes += row.length;
      texts[why].push(row);
      if (isThere(key)) sent.add(key);
      else sent.delete(key);
    }
    if (rows === 0) return null;
    const lists = [texts.place, texts.update, texts.remove].map((list) => `[${list.join(",")}]`);
    return { text: `[${number},${lists.join(",")}]` };
  }

  return {
    owed: () => owed.size,
    isPassed: () => isPassed,
    take(bytesMax) {
      if (isPassed) return takeOwed(bytesMax);
      return takePass(bytesMax) ?? takeOwed(bytesMax);
    },
    close,
  };
}
