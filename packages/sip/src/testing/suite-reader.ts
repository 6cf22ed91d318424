/**
 * Outside test material (proof.md level 2): every message of a suite folder as bytes in latin1 text.
 * Node code, for tests only.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

export interface SuiteCase {
  /** The file's path inside the suite. */
  readonly name: string;
  /** The file's bytes, one character each. */
  readonly text: string;
  readonly bytes: Buffer;
}

/** The folder that holds the suites, or undefined when `TANDEM_SUITES` is not set. */
export function suitesFolder(): string | undefined {
  const folder = process.env["TANDEM_SUITES"];
  return folder === undefined || folder === "" ? undefined : folder;
}

const messageEnding = /\.(?:dat|sip|raw|txt|bin)$/;
const caseBytesMax = 1_048_576;

/** Every message file below a folder, in the order of their names. */
export function readSuite(folder: string): readonly SuiteCase[] {
  return filesBelow(folder)
    .filter((path) => messageEnding.test(path) && !/(?:FORMAT|README|LICENSE)/i.test(path))
    .filter((path) => statSync(path).size <= caseBytesMax)
    .map((path) => {
      const bytes = readFileSync(path);
      return { name: relative(folder, path), text: bytes.toString("latin1"), bytes };
    });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
