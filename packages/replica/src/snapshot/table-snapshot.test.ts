import { createRandom, nextInt, pick, type Random } from "@tandem/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "./encode.ts";
import type { Snapshot } from "./snapshot.ts";
import { sliceBytes, tableSnapshots } from "./table-snapshot.ts";

interface Toy {
  count: number;
  config: { readonly list: readonly number[] };
  readonly rows: Map<string, { value: number; readonly inner: Map<string, number> }>;
  readonly order: Map<number, string>;
  readonly deep: { readonly sets: Map<string, Set<string>>; heap: number[] };
}

function createToy(rows: number): Toy {
  const toy: Toy = {
    count: 0,
    config: { list: Array.from({ length: 5_000 }, (_, at) => at) },
    rows: new Map(),
    order: new Map(),
    deep: { sets: new Map(), heap: [] },
  };
  for (let at = 0; at < rows; at += 1) {
    toy.rows.set(`row ${at} ${"x".repeat(60)}`, { value: at, inner: new Map() });
    toy.order.set(at, `text ${at}`);
  }
  return toy;
}

/** Everything that a machine may do with its tables. */
function stepToy(toy: Toy, random: Random): void {
  const { rows, order, deep } = toy;
  toy.count += 1;
  const key = pick(random, [...rows.keys(), "none"]);
  const number = nextInt(random, 0, 3_000);
  switch (nextInt(random, 0, 15)) {
    case 0:
      rows.delete(key);
      return;
    case 1: {
      const row = rows.get(key);
      rows.delete(key);
      rows.set(key, row ?? { value: toy.count, inner: new Map() });
      return;
    }
    case 2:
    case 3:
      rows.set(`new ${toy.count}`, { value: 0, inner: new Map([["a", 1]]) });
      return;
    case 4:
    case 5: {
      const row = rows.get(key);
      if (row !== undefined) row.value += 1;
      row?.inner.set(String(toy.count), 1);
      return;
    }
    case 6:
      for (const [name, row] of rows) {
        row.value -= 1;
        if (name === key || nextInt(random, 0, 40) === 0) break;
      }
      return;
    case 7: {
      const [first, second] = rows.values();
      for (const row of [first, second]) if (row !== undefined) row.value += 7;
      return;
    }
    case 8:
      if (nextInt(random, 0, 9) === 0) rows.forEach((row) => (row.value += 2));
      return;
    case 9:
      order.set(number, `set ${toy.count}`);
      return;
    case 10:
      order.delete(number);
      return;
    case 11:
      if (nextInt(random, 0, 30) === 0) order.clear();
      return;
    case 12: {
      const set = deep.sets.get("one");
      if (set === undefined) deep.sets.set("one", new Set(["first"]));
      else set.add(String(toy.count));
      return;
    }
    case 13:
      deep.heap.push(toy.count);
      return;
    case 14:
      if (nextInt(random, 0, 20) === 0) toy.config = { list: [1, 2, 3] };
      return;
    default:
      for (const [name, row] of rows.entries()) {
        row.value += name.length;
        if (row.value % 3 === 0) return;
      }
  }
}

const port = tableSnapshots<Toy>({ schema: 1, migrations: {}, frozen: ["config"] });

/** The state as it arrives, and how many slices it took. */
function transfer(
  toy: Toy,
  between: () => void,
  snapshot: Snapshot = port.open(toy),
): { readonly copy: Toy | null; readonly slices: number; readonly rest: number } {
  const assembly = port.assemble();
  let slices = 0;
  for (;;) {
    const slice = snapshot.next();
    if (slice === null) break;
    slices += 1;
    expect(assembly.add(slice)).toBe(true);
    between();
  }
  const rest = snapshot.finish();
  return { copy: assembly.finish(rest), slices, rest: rest.length };
}

function ownKeys(value: object): readonly (string | symbol)[] {
  return [...Object.getOwnPropertyNames(value), ...Object.getOwnPropertySymbols(value)];
}

describe("H5: a state in slices", () => {
  test("is the source's at the end, whatever the machine does between slices", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 3_000 }), (seed, rows) => {
        const random = createRandom(seed);
        const toy = createToy(rows);
        const same = createToy(rows);
        const other = createRandom(seed);
        const play = (state: Toy, by: Random): void => {
          const steps = nextInt(by, 0, 200);
          for (let step = 0; step < steps; step += 1) stepToy(state, by);
        };
        play(toy, random);
        play(same, other);
        const { copy } = transfer(toy, () => {
          play(toy, random);
          play(same, other);
        });
        expect(encode(copy)).toBe(encode(toy));
        expect(encode(toy)).toBe(encode(same)); // being watched changes nothing
      }),
      { numRuns: 15 },
    );
  });

  test("two transfers at once do not disturb each other, nor does one that is abandoned", () => {
    const random = createRandom(5);
    const toy = createToy(2_000);
    const first = port.open(toy);
    const assembly = port.assemble();
    assembly.add(first.next() ?? "");
    const { copy } = transfer(toy, () => {
      for (let step = 0; step < 50; step += 1) stepToy(toy, random);
      const slice = first.next();
      if (slice !== null) assembly.add(slice);
    });
    port.open(toy).abandon();
    expect(encode(copy)).toBe(encode(toy));
    for (let step = 0; step < 50; step += 1) stepToy(toy, random);
    expect(encode(assembly.finish(first.finish()))).toBe(encode(toy));
  });

  test("leaves no trace on the tables", () => {
    const toy = createToy(100);
    const snapshot = port.open(toy);
    expect(ownKeys(toy.rows)).toHaveLength(9);
    snapshot.finish();
    expect(ownKeys(toy.rows)).toEqual([]);
    port.open(toy).abandon();
    expect(ownKeys(toy.order)).toEqual([]);
  });

  test("is cut in slices, and the end is small", () => {
    const toy = createToy(10_000);
    const { slices, rest, copy } = transfer(toy, () => toy.rows.get("none"));
    expect(slices).toBeGreaterThan(10);
    expect(rest).toBeLessThan(500);
    expect(encode(copy)).toBe(encode(toy));
  });

  test("ends though everything is touched all the time", () => {
    const toy = createToy(2_000);
    const { copy, slices } = transfer(toy, () => toy.rows.forEach((row) => (row.value += 1)));
    expect(encode(copy)).toBe(encode(toy));
    expect(slices).toBeLessThan(100);
  });

  test("no slice is much longer than it may be", () => {
    const snapshot = port.open(createToy(5_000));
    for (let slice = snapshot.next(); slice !== null; slice = snapshot.next()) {
      expect(slice.length).toBeLessThan(sliceBytes * 1.1);
    }
    snapshot.abandon();
  });
});

describe("H10: another version's state", () => {
  const text = '[1,[],{"count":3}]';
  test("an older one is brought to this shape, step by step", () => {
    const migrations = {
      1: (state: unknown) => ({ ...(state as object), second: true }),
      2: (state: unknown) => ({ ...(state as object), third: true }),
    };
    const newer = tableSnapshots<object>({ schema: 3, migrations });
    expect(newer.assemble().finish(text)).toEqual({ count: 3, second: true, third: true });
    const incomplete = tableSnapshots<object>({ schema: 4, migrations });
    expect(incomplete.assemble().finish(text)).toBeNull();
  });

  test("a newer one is none", () => {
    expect(port.assemble().finish('[2,[],{"count":3}]')).toBeNull();
  });
});

test("what is no slice and no end is refused", () => {
  for (const bad of [
    "",
    "x",
    "{}",
    "[1]",
    "[[1]]",
    '[["a",[]]]',
    "[[0,[1],[],[]]]",
    "[[0,[],[1,2],[]]]",
  ]) {
    expect(port.assemble().add(bad)).toBe(false);
  }
  for (const bad of [
    "",
    "[]",
    "[1]",
    "[1,[],null]",
    '["1",[],{}]',
    "[1,[[1]],{}]",
    '[1,[],{"a":{"~t":-1}}]',
  ]) {
    expect(port.assemble().finish(bad)).toBeNull();
  }
});
