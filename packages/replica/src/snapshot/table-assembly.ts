import { decode, decodeKnowing } from "./encode.ts";
import type { Assembly } from "./snapshot.ts";
import type { Table } from "./watch-table.ts";

/**
 * The receiver's side of a state in slices: tables grow row by row as they come, and the end names
 * where each of them belongs. An older state is brought to this version's shape; of a newer one
 * nothing is known.
 */
export type Migrations = Readonly<Record<number, (state: unknown) => unknown>>;

export interface AssemblyOptions {
  readonly schema: number;
  readonly migrations: Migrations;
}

/** More tables than any state has. */
const tablesMax = 10_000;

export function assembleTables<State extends object>({
  schema,
  migrations,
}: AssemblyOptions): Assembly<State> {
  const parts = new Map<number, object>();

  function addAll(slices: unknown): boolean {
    return Array.isArray(slices) && slices.every((slice) => addPiece(parts, slice));
  }

  return {
    add(slice) {
      const decoded = decode(slice);
      return decoded !== null && addAll(decoded.value);
    },
    finish(rest) {
      const decoded = decodeKnowing(rest, (number) => partOf(parts, number, newTable));
      if (decoded === null || !Array.isArray(decoded.value)) return null;
      const [version, slices, root] = decoded.value as unknown[]; // an array of what is not known
      if (typeof version !== "number" || version > schema || !addAll(slices)) return null;
      if (typeof root !== "object" || root === null) return null;
      const state = migrate(root, version, schema, migrations);
      return state as State | null; // of this schema, as whoever sent it says
    },
  };
}

function newTable(): Table {
  return new Map();
}

function partOf<Part extends object>(
  parts: Map<number, object>,
  number: number,
  create: () => Part,
): object | undefined {
  const part = parts.get(number);
  if (part !== undefined) return part;
  if (!Number.isInteger(number) || number < 0 || parts.size >= tablesMax) return undefined;
  const created = create();
  parts.set(number, created);
  return created;
}

/** `[number,[items]]` of a list, `[number,[placed],[updated],[removed]]` of a table. */
function addPiece(parts: Map<number, object>, piece: unknown): boolean {
  if (!Array.isArray(piece)) return false;
  const [number, ...lists] = piece as unknown[]; // an array of what is not known
  if (typeof number !== "number" || !lists.every((list) => Array.isArray(list))) return false;
  const [first = [], updated = [], removed = []] = lists as unknown[][]; // every one is an array
  if (lists.length === 1) {
    const list = partOf(parts, number, (): unknown[] => []);
    if (!Array.isArray(list)) return false;
    for (const item of first) list.push(item);
    return true;
  }
  const table = lists.length === 3 ? partOf(parts, number, newTable) : undefined;
  if (!(table instanceof Map) || first.length % 2 !== 0 || updated.length % 2 !== 0) return false;
  for (let at = 0; at < first.length; at += 2) {
    table.delete(first[at]); // its place is at the end now
    table.set(first[at], first[at + 1]);
  }
  for (let at = 0; at < updated.length; at += 2) {
    if (!table.has(updated[at])) return false;
    table.set(updated[at], updated[at + 1]);
  }
  for (const key of removed) table.delete(key);
  return true;
}

function migrate(
  root: object,
  version: number,
  schema: number,
  migrations: Migrations,
): object | null {
  let state: unknown = root;
  for (let number = version; number < schema; number += 1) {
    const migration = migrations[number];
    if (migration === undefined) return null;
    state = migration(state);
  }
  return typeof state === "object" ? state : null;
}
