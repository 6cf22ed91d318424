/**
 * Canonical text of a tree of plain data, and back. JSON with tags: a Map is `{"~m":[key,value,…]}`
 * and a Set `{"~s":[…]}`, each in its order, which is part of the state; a number that JSON has no
 * word for, and `undefined`, is `{"~v":"NaN"}`. A property that begins with `~` gets one more. So
 * equal trees have equal texts, and a text is read by any version.
 */

/** Deeper than any state; a text that goes deeper is none of ours. */
export const depthMax = 100;

/** What stands in the text for an object that is sent by another way; null: it is written here. */
export type Elsewhere = (value: object) => number | null;
/** What a number in the text stands for; undefined: nothing that is known. */
export type Known = (number: number) => object | undefined;

export function encode(value: unknown): string {
  return write(value, nothingElsewhere, 0);
}

/** Null when the text is none of a tree. */
export function decode(text: string): { readonly value: unknown } | null {
  return decodeKnowing(text, () => undefined);
}

export function encodeBut(value: unknown, elsewhere: Elsewhere): string {
  return write(value, elsewhere, 0);
}

export function decodeKnowing(text: string, known: Known): { readonly value: unknown } | null {
  try {
    return { value: read(JSON.parse(text), known, 0) };
  } catch (error) {
    // JSON.parse and `read` say in this way that the text is bad; whoever asked hears null.
    if (error instanceof SyntaxError || error instanceof BadText) return null;
    throw error;
  }
}

class BadText extends Error {}

const nothingElsewhere: Elsewhere = () => null;

function write(value: unknown, elsewhere: Elsewhere, depth: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? `${value}` : writeOdd(value);
    case "object":
      return value === null ? "null" : writeObject(value, elsewhere, depth + 1);
    case "undefined":
      return '{"~v":"undefined"}';
    default:
      throw new Error(`a ${typeof value} is no plain data`);
  }
}

function writeOdd(value: number): string {
  return Object.is(value, -0) ? '{"~v":"-0"}' : `{"~v":"${value}"}`;
}

function writeObject(value: object, elsewhere: Elsewhere, depth: number): string {
  if (depth > depthMax) throw new Error("the tree is too deep, or none");
  const number = elsewhere(value);
  if (number !== null) return `{"~t":${number}}`;
  if (isJson(value, elsewhere, depth)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${writeAll(value, elsewhere, depth)}]`;
  if (value instanceof Map) return `{"~m":[${writeEntries(value, elsewhere, depth)}]}`;
  if (value instanceof Set) return `{"~s":[${writeAll(value, elsewhere, depth)}]}`;
  const record = value as Readonly<Record<string, unknown>>; // read by its own keys
  let text = "";
  for (const key of Object.keys(record)) {
    const name = key.startsWith("~") ? `~${key}` : key;
    text += `${text === "" ? "" : ","}${JSON.stringify(name)}:`;
    text += write(record[key], elsewhere, depth);
  }
  return `{${text}}`;
}

/** Nothing in it needs a tag: the runtime writes the same text, ten times as fast. */
function isJson(value: unknown, elsewhere: Elsewhere, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || isJsonObject(value, elsewhere, depth);
    default:
      return false;
  }
}

function isJsonObject(value: object, elsewhere: Elsewhere, depth: number): boolean {
  if (depth > depthMax || value instanceof Map || value instanceof Set) return false;
  if (elsewhere !== nothingElsewhere && elsewhere(value) !== null) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isJson(item, elsewhere, depth + 1)) return false;
    return true;
  }
  const record = value as Readonly<Record<string, unknown>>; // read by its own keys
  for (const key in record) {
    if (key.startsWith("~") || !isJson(record[key], elsewhere, depth + 1)) return false;
  }
  return true;
}

function writeAll(values: Iterable<unknown>, elsewhere: Elsewhere, depth: number): string {
  let text = "";
  for (const value of values) text += `${text === "" ? "" : ","}${write(value, elsewhere, depth)}`;
  return text;
}

/** By `Map.prototype`: reading a state for its text touches no row of it. */
function writeEntries(
  map: ReadonlyMap<unknown, unknown>,
  elsewhere: Elsewhere,
  depth: number,
): string {
  let text = "";
  Map.prototype.forEach.call(map, (value: unknown, key: unknown) => {
    const entry = `${write(key, elsewhere, depth)},${write(value, elsewhere, depth)}`;
    text += text === "" ? entry : `,${entry}`;
  });
  return text;
}

/** In place, for what the parser gives is ours alone. */
function read(value: unknown, known: Known, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= depthMax) throw new BadText();
  if (Array.isArray(value)) return readAll(value, known, depth + 1);
  const keys = Object.keys(value);
  let isPlain = true;
  for (const key of keys) {
    if (key.startsWith("~")) isPlain = false;
  }
  if (!isPlain) return readTagged(value, keys, known, depth + 1);
  const record = value as Record<string, unknown>; // written by its own keys
  for (const key of keys) {
    const property = record[key];
    if (typeof property === "object") record[key] = read(property, known, depth + 1);
  }
  return record;
}

function readAll(values: unknown[], known: Known, depth: number): unknown[] {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (typeof value === "object") values[at] = read(value, known, depth);
  }
  return values;
}

/** An own property, whatever it is called: `__proto__` is a name like any other. */
function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function readTagged(value: object, keys: readonly string[], known: Known, depth: number): unknown {
  const record = value as Readonly<Record<string, unknown>>; // read by its own keys
  const [first = ""] = keys;
  if (first.startsWith("~") && !first.startsWith("~~")) {
    if (keys.length !== 1) throw new BadText();
    return readTag(first, record[first], known, depth);
  }
  const plain = {};
  for (const key of keys) {
    if (key.startsWith("~") && !key.startsWith("~~")) throw new BadText();
    const name = key.startsWith("~") ? key.slice(1) : key;
    put(plain, name, read(record[key], known, depth));
  }
  return plain;
}

function readTag(tag: string, inner: unknown, known: Known, depth: number): unknown {
  switch (tag) {
    case "~m":
      return readMap(inner, known, depth);
    case "~s": {
      if (!Array.isArray(inner)) throw new BadText();
      const set = new Set(readAll(inner, known, depth));
      if (set.size !== inner.length) throw new BadText();
      return set;
    }
    case "~v":
      if (typeof inner !== "string" || !oddValues.has(inner)) throw new BadText();
      return oddValues.get(inner);
    case "~t": {
      const value = typeof inner === "number" ? known(inner) : undefined;
      if (value === undefined) throw new BadText();
      return value;
    }
    default:
      throw new BadText();
  }
}

function readMap(inner: unknown, known: Known, depth: number): Map<unknown, unknown> {
  if (!Array.isArray(inner) || inner.length % 2 !== 0) throw new BadText();
  const flat = readAll(inner, known, depth);
  const map = new Map<unknown, unknown>();
  for (let at = 0; at < flat.length; at += 2) map.set(flat[at], flat[at + 1]);
  if (map.size * 2 !== flat.length) throw new BadText();
  return map;
}

const oddValues: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
  ["undefined", undefined],
]);
