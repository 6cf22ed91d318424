/**
 * A process's settings: one JSON file, checked against a schema before anything is opened. What is
 * wrong is told all at once, each fault with the file, the key and what to do.
 */
import { readFileSync } from "node:fs";
import { type Result, fail, ok } from "@tandem/kernel";
import * as z from "zod";
import { closestName } from "./closest-name.ts";

export type SettingsErrorCode = "settings-unreadable" | "settings-not-json" | "settings-invalid";

export interface SettingsFault {
  readonly code: SettingsErrorCode;
  readonly file: string;
  /** `sites.0.port`; empty where the file as a whole is at fault. */
  readonly key: string;
  /** What is wrong and what to do, a sentence without the file and the key. */
  readonly say: string;
}

/** Settings larger than this are no settings. */
export const settingsBytesMax = 1_048_576;

/** Reads and checks a settings file. */
export function readSettings<T>(
  file: string,
  schema: z.ZodType<T>,
): Result<T, readonly SettingsFault[]> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException; // readFileSync throws nothing else
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    const say = `${why}; give the path of a settings file with --settings FILE`;
    return fail([{ code: "settings-unreadable", file, key: "", say }]);
  }
  return parseSettings(file, text, schema);
}

export function parseSettings<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
): Result<T, readonly SettingsFault[]> {
  if (Buffer.byteLength(text) > settingsBytesMax) {
    const say = `is larger than ${settingsBytesMax} bytes; is it the right file?`;
    return fail([{ code: "settings-invalid", file, key: "", say }]);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError; // JSON.parse throws nothing else
    return fail([
      { code: "settings-not-json", file, key: "", say: `is not JSON: ${message}; mend that place` },
    ]);
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return ok(parsed.data);
  const known = knownKeys(schema);
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(file, issue, known));
  return fail(faults);
}

/** One line a fault: `FILE: KEY SAY`. */
export function settingsFaultsText(faults: readonly SettingsFault[]): string {
  return faults
    .map(({ file, key, say }) => (key === "" ? `${file} ${say}` : `${file}: ${key} ${say}`))
    .join("\n");
}

function faultsOf(
  file: string,
  issue: z.core.$ZodIssue,
  known: readonly string[],
): readonly SettingsFault[] {
  const at = (steps: readonly PropertyKey[]): string => steps.map(String).join(".");
  const fault = (key: string, say: string): SettingsFault => ({
    code: "settings-invalid",
    file,
    key,
    say,
  });
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const near = closestName(key, known);
      const hint = near === undefined ? "remove it" : `did you mean ${near}?`;
      return fault(at([...issue.path, key]), `is no setting; ${hint}`);
    });
  }
  const isMissing = issue.code === "invalid_type" && issue.input === undefined;
  if (isMissing) return [fault(at(issue.path), `is missing; give ${describe(issue.expected)}`)];
  return [fault(at(issue.path), `is wrong: ${issue.message.toLowerCase()}; correct it`)];
}

function describe(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

/** Names of the settings at every depth, for "did you mean". */
function knownKeys(schema: z.ZodType): readonly string[] {
  const names = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties" && typeof value === "object" && value !== null) {
        for (const name of Object.keys(value)) names.add(name);
      }
      walk(value);
    }
  };
  walk(z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }));
  return [...names];
}
