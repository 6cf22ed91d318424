import { createWriteStream, mkdirSync, readdirSync, rmSync, type WriteStream } from "node:fs";
import { join } from "node:path";

/**
 * Files of one node in a folder: `NODE-TIME-NUMBER.jsonl`, by name oldest first. Only its owner may
 * read one: it holds what people said to each other's phones.
 */
export interface RecordingFile {
  readonly path: string;
  readonly write: (text: string) => void;
  readonly bytes: () => number;
  /** What the disk has not taken yet. */
  readonly backlog: () => number;
  readonly close: () => Promise<void>;
}

export function openRecordingFile(path: string, onFailure: (error: Error) => void): RecordingFile {
  const stream = createWriteStream(path, { mode: 0o600, flags: "wx" });
  let bytes = 0;
  stream.on("error", onFailure);
  return {
    path,
    write(text) {
      bytes += text.length;
      stream.write(text);
    },
    bytes: () => bytes,
    backlog: () => stream.writableLength,
    close: () => ended(stream),
  };
}

function ended(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    stream.once("close", resolve);
    stream.end();
  });
}

export function fileNameOf(node: string, startedMs: number, number: number): string {
  return `${safeName(node)}-${startedMs}-${String(number).padStart(6, "0")}.jsonl`;
}

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** The node's oldest files go, until so many are left. */
export function keepNewest(folder: string, node: string, files: number): void {
  const own = new RegExp(`^${safeName(node).replaceAll(".", "\\.")}-\\d+-\\d+\\.jsonl$`, "v");
  const names = readdirSync(folder).filter((name) => own.test(name));
  const oldestFirst = names.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  for (const name of oldestFirst.slice(0, -files)) rmSync(join(folder, name), { force: true });
}

/** Time and number, of which the one always has the same length. */
function orderOf(name: string): string {
  const [, time = "", number = ""] = /-(\d+)-(\d+)\.jsonl$/v.exec(name) ?? [];
  return `${time.padStart(16, "0")}-${number.padStart(16, "0")}`;
}

function safeName(node: string): string {
  return node.replaceAll(/[^\w.]/gv, "_");
}
