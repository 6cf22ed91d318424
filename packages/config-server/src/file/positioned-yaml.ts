/**
 * A YAML file whose values know where they stand, so that an error can name line and column.
 * Anchors and aliases may be used; each alias is told of at the place where it is used.
 */
import { type Result, fail, ok } from "@tandem/kernel";
import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
} from "yaml";
import type { ConfigurationFault } from "./fault.ts";

export type Path = readonly (string | number)[];

export interface PositionedYaml {
  readonly file: string;
  /** The whole as plain values. */
  readonly value: unknown;
  /** Where the value at `path` stands, or the nearest thing around it that exists. */
  readonly placeOf: (path: Path) => Place;
  /** Where the key at the end of `path` stands. */
  readonly placeOfKey: (path: Path) => Place;
  /** How a number, a boolean or a date at `path` is written: `0123` is a name, not 123. */
  readonly writtenAt: (path: Path) => string | undefined;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export const fileBytesMax = 67_108_864;
/** Aliases within aliases may not make more values than this (a "billion laughs" file). */
const aliasesMax = 10_000;

export function parseYaml(
  file: string,
  text: string,
): Result<PositionedYaml, readonly ConfigurationFault[]> {
  const fault = (say: string, line = 0, column = 0): ConfigurationFault => ({
    code: "configuration-not-yaml",
    file,
    line,
    column,
    say,
  });
  if (text.length > fileBytesMax) return fail([fault(`larger than ${fileBytesMax} bytes`)]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return fail(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return fault(`${error.message}; mend the YAML here`, line, col);
      }),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error; // what yaml throws at too many aliases
    return fail([fault(`${error.message}; write the values out`)]);
  }
  const place = (node: Node | null | undefined): Place => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    return { line, column: col };
  };
  return ok({
    file,
    value,
    placeOf: (path) => place(nearest(document, path).node),
    placeOfKey: (path) => {
      const holder = nearest(document, path.slice(0, -1)).node;
      return place(keyIn(holder, path.at(-1)) ?? holder);
    },
    writtenAt: (path) => {
      const { node, isExact } = nearest(document, path);
      return isExact && isScalar(node) ? node.source : undefined;
    },
  });
}

interface Found {
  readonly node: Node | null;
  readonly isExact: boolean;
}

/** The node at `path`, else the deepest one on the way. */
function nearest(document: Document.Parsed, path: Path): Found {
  let node: Node | null = document.contents;
  for (const step of path) {
    const holder = resolved(document, node);
    const next = isMap(holder)
      ? pairIn(holder.items, step)?.value
      : isSeq(holder)
        ? holder.items[Number(step)]
        : undefined;
    if (next === undefined || next === null) return { node, isExact: false };
    node = next as Node; // what a parsed document holds are nodes
  }
  return { node: isAlias(node) ? (resolved(document, node) ?? node) : node, isExact: true };
}

function resolved(document: Document.Parsed, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function pairIn(pairs: readonly Pair[], key: string | number): Pair | undefined {
  return pairs.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function keyIn(holder: Node | null, key: string | number | undefined): Node | undefined {
  if (!isMap(holder) || key === undefined) return undefined;
  const found = pairIn(holder.items, key)?.key;
  return isScalar(found) ? found : undefined;
}
