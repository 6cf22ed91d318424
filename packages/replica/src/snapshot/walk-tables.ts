import { createDigest, digestText, feedDigest } from "@tandem/kernel";
import { encode } from "./encode.ts";
import type { StateWalk, WalkPiece } from "./snapshot.ts";
import type { Table } from "./watch-table.ts";

/**
 * The rows of a state's tables, in order, some at a time (`SPEC.md` H9). What is inserted meanwhile
 * is met at the end of its table, what is deleted is not met: on either node alike, since both take
 * the same steps at the same places of the history.
 */
export interface NamedTable {
  readonly name: string;
  readonly table: Table;
}

/** Characters of a piece: about a millisecond of work; a longer row makes a longer one. */
export const pieceBytes = 16_384;
const whereMax = 120;

export function walkTables(tables: readonly NamedTable[]): StateWalk {
  const rest = tables.map(({ name, table }) => ({ name, rows: Map.prototype.entries.call(table) }));

  function take({ name, rows }: (typeof rest)[number]): WalkPiece | null {
    const digest = createDigest();
    let where = "";
    let bytes = 0;
    while (bytes < pieceBytes) {
      const next = rows.next();
      if (next.done === true) break;
      const [key, value] = next.value as [unknown, unknown]; // of a Map's iterator
      const row = `${encode(key)},${encode(value)}\n`;
      if (bytes === 0) where = `${name} from ${encode(key)}`.slice(0, whereMax);
      feedDigest(digest, row);
      bytes += row.length;
    }
    return bytes === 0 ? null : { digest: digestText(digest), where };
  }

  return {
    next() {
      for (let first = rest[0]; first !== undefined; first = rest[0]) {
        const piece = take(first);
        if (piece !== null) return piece;
        rest.shift();
      }
      return null;
    },
  };
}
