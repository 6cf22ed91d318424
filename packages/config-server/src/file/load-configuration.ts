/**
 * The whole way from a file to a configuration: parse, check shapes, then what objects say of each
 * other, then options; only a file without a fault gets its credentials hashed and is returned.
 */
import { readFile } from "node:fs/promises";
import { type Result, fail, ok } from "@tandem/kernel";
import { checkOptions } from "./check-options.ts";
import { checkReferences, createDirectory } from "./check-references.ts";
import {
  type HashPassword,
  checkHashes,
  createRememberingHash,
  withCredentials,
} from "./credentials.ts";
import type { ConfigurationFault } from "./fault.ts";
import { parseYaml } from "./positioned-yaml.ts";
import { readObjects, reporterFor } from "./read-objects.ts";
import { type Configuration, configurationOf } from "../configuration.ts";

export async function loadConfiguration(
  file: string,
  hashOf: HashPassword = createRememberingHash(),
): Promise<Result<Configuration, readonly ConfigurationFault[]>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException; // readFile rejects with nothing else
    const say = `cannot be read (${code}); check the path in the server's settings ("file")`;
    return fail([{ code: "configuration-unreadable", file, line: 0, column: 0, say }]);
  }
  return readConfiguration(file, text, hashOf);
}

/** `file` is what faults name. */
export async function readConfiguration(
  file: string,
  text: string,
  hashOf: HashPassword = createRememberingHash(),
): Promise<Result<Configuration, readonly ConfigurationFault[]>> {
  const yaml = parseYaml(file, text);
  if (!yaml.ok) return yaml;
  const faults: ConfigurationFault[] = [];
  const report = reporterFor(yaml.value, faults);
  const objects = readObjects(yaml.value, report);
  // A name that is missing because its object has a fault would be told as a second fault.
  if (faults.length === 0) {
    const directory = createDirectory(objects, report);
    checkReferences(directory);
    checkOptions(objects, directory);
    checkHashes(objects, report);
    if (faults.length === 0) {
      return ok(configurationOf(await withCredentials(objects, directory, hashOf)));
    }
  }
  return fail(faults.toSorted((a, b) => a.line - b.line || a.column - b.column));
}
