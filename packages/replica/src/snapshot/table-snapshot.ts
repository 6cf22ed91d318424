import { encode, encodeBut } from "./encode.ts";
import type { Snapshot, SnapshotPort } from "./snapshot.ts";
import { assembleTables, type Migrations } from "./table-assembly.ts";
import { sendTable, type TableSender, type Taken } from "./table-sender.ts";
import { walkTables, type NamedTable } from "./walk-tables.ts";

/**
 * The state of any machine whose root is an object, on its way in slices (`SPEC.md` H5). The Maps
 * that the root holds, itself or in an object of its own, are tables and go row by row; so do the
 * long lists of what is frozen. Everything else goes with the end. A table's row is reached through
 * its table only, which is a rule for every machine (architecture.md, The machine).
 */
export interface TableSnapshotOptions {
  /** The number of the state's shape. */
  readonly schema: number;
  /** By the number of the shape that they take, each to the next. */
  readonly migrations: Migrations;
  /** Properties of the root whose value is only ever replaced as a whole. */
  readonly frozen?: readonly string[];
}

/** Characters of a slice: two milliseconds of work; a longer row makes a longer one. */
export const sliceBytes = 32_768;
/** What is owed at the end, at most, while rounds are left. */
export const restRowsMax = 64;
/** So many slices more than the first pass took; then the end takes whatever is owed. */
export const slicesAgainMax = 16;
/** A list of what is frozen that is no longer goes with the end. */
const shortList = 64;

export function tableSnapshots<State extends object>(
  options: TableSnapshotOptions,
): SnapshotPort<State> {
  return {
    open: (state) => openSnapshot(state, options),
    assemble: () => assembleTables<State>(options),
    walk: (state) => walkTables(tablesOfState(state, options.frozen ?? [])),
  };
}

interface Open {
  readonly senders: readonly Pick<TableSender, "owed" | "isPassed" | "take" | "close">[];
  /** What the senders send, by their number. */
  readonly numbers: ReadonlyMap<object, number>;
}

function openSnapshot(state: object, options: TableSnapshotOptions): Snapshot {
  const { senders, numbers } = openSenders(state, options.frozen ?? []);
  let passSlices = 0;
  let slicesAgain = 0;

  const close = (): void => {
    for (const sender of senders) sender.close();
  };
  const owed = (): number => senders.reduce((sum, sender) => sum + sender.owed(), 0);

  return {
    next() {
      const isPassed = senders.every((sender) => sender.isPassed());
      if (isPassed) {
        if (owed() < restRowsMax || slicesAgain >= passSlices + slicesAgainMax) return null;
        slicesAgain += 1;
      } else passSlices += 1;
      const taken = takeSlice(senders, isPassed ? null : "pass");
      if (taken.length === 0) return null; // the last passes found nothing
      return `[${taken.map(({ text }) => text).join(",")}]`;
    },
    finish() {
      const texts: string[] = [];
      for (const sender of senders) {
        for (;;) {
          const taken = sender.take(Infinity);
          if (taken === null) break;
          texts.push(taken.text);
        }
      }
      close();
      const root = encodeBut(state, (value) => numbers.get(value) ?? null);
      return `[${options.schema},[${texts.join(",")}],${root}]`;
    },
    abandon: close,
  };
}

/** First passes before anything is sent again. */
function takeSlice(senders: Open["senders"], only: "pass" | null): Taken[] {
  const taken: Taken[] = [];
  let left = sliceBytes;
  for (const sender of senders) {
    if (left <= 0) break;
    if (only === "pass" && sender.isPassed()) continue;
    const piece = sender.take(left);
    if (piece === null) continue;
    taken.push(piece);
    left -= piece.text.length;
  }
  return taken;
}

function tablesOfState(state: object, frozen: readonly string[]): NamedTable[] {
  return Object.entries<unknown>({ ...state }).flatMap(([name, value]) =>
    frozen.includes(name) ? [] : tablesOf(name, value),
  );
}

function openSenders(state: object, frozen: readonly string[]): Open {
  const numbers = new Map<object, number>();
  const senders: Open["senders"][number][] = [];
  for (const [name, value] of Object.entries<unknown>({ ...state })) {
    if (frozen.includes(name)) {
      for (const list of listsOf(value)) {
        senders.push(sendList(list, senders.length));
        numbers.set(list, numbers.size);
      }
      continue;
    }
    for (const { table } of tablesOf(name, value)) {
      senders.push(sendTable(table, senders.length));
      numbers.set(table, numbers.size);
    }
  }
  return { senders, numbers };
}

/** `calls`, or `timers.armed` of an object of the root's. */
function tablesOf(name: string, value: unknown): NamedTable[] {
  if (value instanceof Map) return [{ name, table: value }];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries<unknown>({ ...value }).flatMap(([inner, table]) =>
    table instanceof Map ? [{ name: `${name}.${inner}`, table }] : [],
  );
}

function listsOf(value: unknown): unknown[][] {
  if (typeof value !== "object" || value === null || value instanceof Map) return [];
  return Object.values(value).filter(
    (inner): inner is unknown[] => Array.isArray(inner) && inner.length > shortList,
  );
}

/** A list that never changes, item by item: `[number,[items]]`. */
function sendList(list: readonly unknown[], number: number): Open["senders"][number] {
  let at = 0;
  return {
    owed: () => 0,
    isPassed: () => at >= list.length,
    take(bytesMax) {
      const items: string[] = [];
      let bytes = 0;
      while (at < list.length && bytes < bytesMax) {
        const item = encode(list[at]);
        bytes += item.length;
        items.push(item);
        at += 1;
      }
      if (items.length === 0) return null;
      return { text: `[${number},[${items.join(",")}]]` };
    },
    close: () => undefined,
  };
}
