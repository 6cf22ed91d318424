import { randomFromEntropy, nextInt } from "@tandem/kernel";
import { expect, test } from "vitest";
import { tableSnapshots } from "./table-snapshot.ts";
import type { WalkPiece } from "./snapshot.ts";

interface Rows {
  readonly calls: Map<string, { text: string }>;
  readonly timers: { readonly armed: Map<string, number>; readonly heap: readonly number[] };
  readonly config: { readonly names: Map<string, string> };
}

const port = tableSnapshots<Rows>({ schema: 1, migrations: {}, frozen: ["config"] });

function newRows(count: number): Rows {
  const rows = Array.from({ length: count }, (_, at) => [`c${at}`, { text: "x".repeat(200) }]);
  return {
    calls: new Map(rows as [string, { text: string }][]), // pairs of the line above
    timers: { armed: new Map([["t", 1]]), heap: [1] },
    config: { names: new Map([["n", "v"]]) },
  };
}

/** A copy as the other node has it: the same rows in the same order, in Maps of its own. */
function copyOf(rows: Rows): Rows {
  return structuredClone(rows);
}

function change(rows: Rows, seed: string): void {
  const random = randomFromEntropy(seed);
  for (let turn = 0; turn < 20; turn += 1) {
    const key = `c${nextInt(random, 0, 400)}`;
    const dice = nextInt(random, 0, 2);
    if (dice === 0) rows.calls.delete(key);
    else rows.calls.set(key, { text: `${dice}`.repeat(nextInt(random, 1, 300)) });
  }
}

test("H9 two copies that change alike between the pieces look alike in all of them", () => {
  const ours = newRows(300);
  const theirs = copyOf(ours);
  const [a, b] = [port.walk(ours), port.walk(theirs)];
  const seen: WalkPiece[] = [];
  for (let turn = 0; turn < 200; turn += 1) {
    const [left, right] = [a.next(), b.next()];
    expect(right).toEqual(left);
    if (left === null) break;
    seen.push(left);
    const seed = String(turn).padStart(32, "0");
    change(ours, seed);
    change(theirs, seed);
  }
  expect(seen.length).toBeGreaterThan(4);
  expect(seen.at(-1)?.where).toBe('timers.armed from "t"');
  expect(seen.some(({ where }) => where.startsWith("config"))).toBe(false);
});

test("H9 one letter in one row is another digest, and the place is named", () => {
  const ours = newRows(300);
  const theirs = copyOf(ours);
  const row = theirs.calls.get("c200");
  if (row === undefined) throw new Error("no row");
  row.text = `y${row.text.slice(1)}`;
  const [a, b] = [port.walk(ours), port.walk(theirs)];
  const differing: string[] = [];
  for (let left = a.next(); left !== null; left = a.next()) {
    if (b.next()?.digest !== left.digest) differing.push(left.where);
  }
  expect(differing).toHaveLength(1);
  expect(differing[0]).toMatch(/^calls from "c1\d\d"$/);
});
