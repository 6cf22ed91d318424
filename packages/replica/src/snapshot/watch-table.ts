/**
 * Sees what is touched in a table while it is being sent: the Map gets own methods in place of its
 * prototype's, which do the same and note the row. A row is touched when its value is handed out
 * (it may be changed from then on), set, or deleted; a value that is no object cannot change. The
 * own methods go with the last watcher.
 */
export interface TableWatcher {
  /** The row's value has been handed out or replaced. */
  readonly touched: (key: unknown) => void;
  /** A row that was not there stands at the end of the table now. */
  readonly added: (key: unknown) => void;
  readonly removed: (key: unknown) => void;
}

export type Table = Map<unknown, unknown>;

/** A table that somebody watches knows who. */
const watchersKey = Symbol("watchers");

type Watched = Table & { [watchersKey]?: Set<TableWatcher> };

/** Begins to watch; what it gives ends that. */
export function watchTable(table: Table, watcher: TableWatcher): () => void {
  const watched: Watched = table;
  let watchers = watched[watchersKey];
  if (watchers === undefined) {
    watchers = new Set();
    watched[watchersKey] = watchers;
    addMethods(table, watchers);
  }
  watchers.add(watcher);
  return () => {
    const left = watched[watchersKey];
    if (left?.delete(watcher) !== true || left.size > 0) return;
    removeMethods(watched);
  };
}

const names = [
  "get",
  "set",
  "delete",
  "clear",
  "values",
  "entries",
  "forEach",
  Symbol.iterator,
] as const;

/** In reverse, so that the object is left as if it had never had them. */
function removeMethods(table: Watched): void {
  const own: Partial<Pick<Table, (typeof names)[number]>> = table; // its prototype's show again
  for (const name of names.toReversed()) delete own[name];
  delete table[watchersKey];
}

const plain = Map.prototype;

function addMethods(table: Table, watchers: ReadonlySet<TableWatcher>): void {
  const handOut = (key: unknown, value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const watcher of watchers) watcher.touched(key);
  };
  const methods: Record<(typeof names)[number], (...args: never[]) => unknown> = {
    get: (key: unknown) => {
      const value: unknown = plain.get.call(table, key);
      handOut(key, value);
      return value;
    },
    set: (key: unknown, value: unknown) => {
      const isNew = !plain.has.call(table, key);
      plain.set.call(table, key, value);
      for (const watcher of watchers) {
        if (isNew) watcher.added(key);
        else watcher.touched(key);
      }
      return table;
    },
    delete: (key: unknown) => {
      const isThere = plain.delete.call(table, key);
      if (isThere) for (const watcher of watchers) watcher.removed(key);
      return isThere;
    },
    clear: () => {
      const keys = [...plain.keys.call(table)];
      plain.clear.call(table);
      for (const watcher of watchers) for (const key of keys) watcher.removed(key);
    },
    values: () => iterate(table, handOut, (_key, value) => value),
    entries: () => iterate(table, handOut, (key, value) => [key, value]),
    forEach: (act: (value: unknown, key: unknown, map: Table) => void, receiver?: unknown) => {
      plain.forEach.call(table, (value: unknown, key: unknown) => {
        handOut(key, value);
        act.call(receiver, value, key, table);
      });
    },
    [Symbol.iterator]: () => iterate(table, handOut, (key, value) => [key, value]),
  };
  for (const name of names) {
    Object.defineProperty(table, name, {
      value: methods[name],
      configurable: true,
      enumerable: false,
    });
  }
}

/** Like a Map's own iterator, which goes on after a loop was left. */
function iterate<Item>(
  table: Table,
  handOut: (key: unknown, value: unknown) => void,
  itemOf: (key: unknown, value: unknown) => Item,
): IterableIterator<Item> {
  const rows = plain.entries.call(table);
  const iterator: unknown = Object.create(iteratorPrototype, {
    next: {
      value: (): IteratorResult<Item, undefined> => {
        const next = rows.next();
        if (next.done === true) return { done: true, value: undefined };
        const [key, row] = next.value;
        handOut(key, row);
        return { done: false, value: itemOf(key, row) };
      },
    },
  });
  return iterator as IterableIterator<Item>; // %IteratorPrototype% with a `next`
}

/** What every iterator of the language inherits from, and with it its methods. */
const iteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf(plain.entries.call(new Map())),
) as object; // there is one
