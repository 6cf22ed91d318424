/**
 * Outside test material (proof.md level 2): every message of a suite folder as bytes and as latin1
 * text, whatever form the folder keeps them in: one file a message, or the archive of PROTOS.
 * Node code, for tests only.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fillProtos, type ProtosTags } from "./protos.ts";

export interface SuiteCase {
  /** The file's path inside the suite. */
  readonly name: string;
  /** The bytes, one character each. */
  readonly text: string;
  readonly bytes: Buffer;
}

/** The folder that holds the suites, or undefined when `TANDEM_SUITES` is not set. */
export function suitesFolder(): string | undefined {
  const folder = process.env["TANDEM_SUITES"];
  return folder === undefined || folder === "" ? undefined : folder;
}

/** Endings of files that hold one SIP message each. */
const messageEnding = /\.(?:dat|sip|raw)$/;
const unpackedBytesMax = 256 * 1_048_576;

/** Every SIP message below a folder, in the order of the files' names. */
export function readSuite(folder: string, ending: RegExp = messageEnding): readonly SuiteCase[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => caseFrom(relative(folder, path), readFileSync(path)));
}

/**
 * The messages of a PROTOS folder (`testcases.tar.xz`, FORMAT.md): of each test case the INVITE,
 * its CANCEL and its ACK, filled in for one sender. Undefined when the archive is not there; throws
 * when `xz` cannot be run.
 */
export function readProtos(folder: string, tags: ProtosTags): readonly SuiteCase[] | undefined {
  const archive = join(folder, "testcases.tar.xz");
  if (!existsSync(archive)) return undefined;
  const tar = execFileSync("xz", ["-dc", archive], { maxBuffer: unpackedBytesMax });
  return filesOfTar(tar).flatMap(({ name, content }) =>
    fillProtos(content.toString("latin1"), tags).map((text, index) =>
      caseFrom(
        `${name}/${["INVITE", "CANCEL", "ACK"][index] ?? index}`,
        Buffer.from(text, "latin1"),
      ),
    ),
  );
}

function caseFrom(name: string, bytes: Buffer): SuiteCase {
  return { name, bytes, text: bytes.toString("latin1") };
}

/** The regular files of a tar archive: heads of 512 bytes, contents padded to 512. */
function filesOfTar(tar: Buffer): { readonly name: string; readonly content: Buffer }[] {
  const files: { name: string; content: Buffer }[] = [];
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = tar.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    if (name === "") break;
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 136), 8);
    const kind = tar.toString("latin1", at + 156, at + 157);
    if (kind === "0" || kind === "\0") {
      files.push({ name, content: tar.subarray(at + 512, at + 512 + size) });
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
