/**
 * From a YAML file to objects that their schemas vouch for, each with its place. Beside the fields
 * of the objects the file may hold what is hashed at load and then forgotten: `password` of a
 * Person, `secret` of a DN and of an Application.
 */
import {
  type ConfigObjectType,
  type TandemObjects,
  configObjectSchemas,
  objectKeyOf,
  objectsMax,
} from "@tandem/cti";
import { closestName } from "@tandem/service";
import * as z from "zod";
import type { ConfigurationErrorCode, ConfigurationFault } from "./fault.ts";
import type { Path, PositionedYaml } from "./positioned-yaml.ts";

export interface FiledObject<Type extends ConfigObjectType = ConfigObjectType> {
  readonly type: Type;
  readonly object: TandemObjects[Type];
  /** Where it stands: `["persons", 3]`. */
  readonly path: Path;
  /** What the file gives in clear. */
  readonly secret?: string;
}

/** Lists of the file, and what they hold. */
export const listNames: ReadonlyMap<string, ConfigObjectType> = new Map([
  ["tenants", "Tenant"],
  ["hosts", "Host"],
  ["groups", "Group"],
  ["applications", "Application"],
  ["switches", "Switch"],
  ["dns", "Dn"],
  ["places", "Place"],
  ["agentLogins", "AgentLogin"],
  ["persons", "Person"],
  ["agentGroups", "AgentGroup"],
]);
/** The field that the file gives in clear, by type. */
const secretFields: ReadonlyMap<ConfigObjectType, string> = new Map([
  ["Person", "password"],
  ["Dn", "secret"],
  ["Application", "secret"],
]);
const fieldsByType = new Map([...listNames.values()].map((type) => [type, fieldsOf(type)]));

export type ReportFault = (
  code: ConfigurationErrorCode,
  path: Path,
  say: string,
  at?: "key" | "value",
) => void;

export function reporterFor(yaml: PositionedYaml, into: ConfigurationFault[]): ReportFault {
  return (code, path, say, at = "value") => {
    const place = at === "key" ? yaml.placeOfKey(path) : yaml.placeOf(path);
    into.push({ code, file: yaml.file, ...place, say });
  };
}

export function readObjects(yaml: PositionedYaml, report: ReportFault): readonly FiledObject[] {
  const { value } = yaml;
  if (!isRecord(value)) {
    const names = [...listNames.keys()].join(", ");
    report("configuration-wrong-value", [], `the file must hold the lists ${names}`);
    return [];
  }
  const objects: FiledObject[] = [];
  for (const [listName, list] of Object.entries(value)) {
    const type = listNames.get(listName);
    if (type === undefined) {
      const hint = hintFor(listName, listNames.keys());
      report("configuration-unknown-field", [listName], `no list "${listName}"; ${hint}`, "key");
    } else if (list === null) {
      continue; // an empty list, its items commented out
    } else if (!Array.isArray(list)) {
      report(
        "configuration-wrong-value",
        [listName],
        `${listName} must be a list: begin with "- "`,
      );
    } else if (list.length > objectsMax) {
      report("configuration-wrong-value", [listName], `more than ${objectsMax} objects`);
    } else {
      list.forEach((item: unknown, index) => {
        const object = readObject(yaml, type, [listName, index], item, report);
        if (object !== undefined) objects.push(object);
      });
    }
  }
  reportDuplicates(objects, report);
  return objects;
}

function readObject(
  yaml: PositionedYaml,
  type: ConfigObjectType,
  path: Path,
  item: unknown,
  report: ReportFault,
): FiledObject | undefined {
  if (!isRecord(item)) {
    report("configuration-wrong-value", path, `a ${type} has fields: write "name: value"`);
    return undefined;
  }
  const secretField = secretFields.get(type);
  const fields = { ...item };
  const secret = secretField === undefined ? undefined : fields[secretField];
  if (secretField !== undefined) delete fields[secretField];
  reportUnknownFields(type, path, fields, report);
  if (type === "Application") fields["connections"] ??= [];
  if (type === "Person") fields["agentLogins"] ??= [];
  const parsed = parseObject(yaml, type, path, fields);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const at = issue.path as (string | number)[]; // no symbols come out of YAML
      report("configuration-wrong-value", [...path, ...at], sayOf(type, at, issue));
    }
    return undefined;
  }
  const written =
    secret === undefined || secret === null
      ? undefined
      : typeof secret === "string"
        ? secret
        : yaml.writtenAt([...path, secretField ?? ""]);
  return { type, object: parsed.data, path, ...(written === undefined ? {} : { secret: written }) };
}

/** A number where a name is due is the name as it is written: `number: 0123`. */
function parseObject(
  yaml: PositionedYaml,
  type: ConfigObjectType,
  path: Path,
  fields: Record<string, unknown>,
): z.core.util.SafeParseResult<TandemObjects[ConfigObjectType]> {
  const schema = configObjectSchemas[type];
  const parsed = schema.safeParse(fields, { reportInput: true });
  if (parsed.success) return parsed;
  const copy: unknown = structuredClone(fields);
  let isMended = false;
  for (const issue of parsed.error.issues) {
    const isName = issue.code === "invalid_type" && issue.expected === "string";
    if (!isName || !["number", "bigint", "boolean"].includes(typeof issue.input)) continue;
    const at = issue.path as (string | number)[]; // no symbols come out of YAML
    const written = yaml.writtenAt([...path, ...at]);
    if (written === undefined) continue;
    setAt(copy, at, written);
    isMended = true;
  }
  return isMended ? schema.safeParse(copy, { reportInput: true }) : parsed;
}

function setAt(root: unknown, path: Path, value: string): void {
  let holder = root;
  for (const step of path.slice(0, -1)) {
    if (typeof holder !== "object" || holder === null) return;
    holder = (holder as Record<string | number, unknown>)[step]; // an object, seen above
  }
  const last = path.at(-1);
  if (typeof holder !== "object" || holder === null || last === undefined) return;
  (holder as Record<string | number, unknown>)[last] = value; // an object, seen above
}

function reportUnknownFields(
  type: ConfigObjectType,
  path: Path,
  fields: Record<string, unknown>,
  report: ReportFault,
): void {
  const known = fieldsByType.get(type) ?? [];
  for (const name of Object.keys(fields)) {
    if (known.includes(name)) continue;
    const hint = hintFor(name, known);
    report(
      "configuration-unknown-field",
      [...path, name],
      `a ${type} has no "${name}"; ${hint}`,
      "key",
    );
  }
}

function reportDuplicates(objects: readonly FiledObject[], report: ReportFault): void {
  const seen = new Set<string>();
  for (const { type, object, path } of objects) {
    const key = objectKeyOf(type, object);
    const name = `${type} ${key}`;
    if (seen.has(name)) {
      report("configuration-duplicate", path, `${name} stands twice; rename or remove one`);
    }
    seen.add(name);
  }
}

function fieldsOf(type: ConfigObjectType): readonly string[] {
  const { properties } = z.toJSONSchema(configObjectSchemas[type], { io: "input" });
  const secretField = secretFields.get(type);
  return [...Object.keys(properties ?? {}), ...(secretField === undefined ? [] : [secretField])];
}

function sayOf(type: ConfigObjectType, at: Path, issue: z.core.$ZodIssue): string {
  const field = at.length === 0 ? `this ${type}` : `${type}.${at.join(".")}`;
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return `${field} is missing; give a ${issue.expected === "array" ? "list" : issue.expected}`;
  }
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    return `${field} must be one of ${values.join(", ")}; ${hintFor(String(issue.input), values)}`;
  }
  if (issue.code === "invalid_format" && issue.pattern !== undefined) {
    return `${field} must match ${issue.pattern}`;
  }
  return `${field}: ${issue.message.toLowerCase() || "has a wrong value"}`;
}

export function hintFor(name: string, known: Iterable<string>): string {
  const near = closestName(name, known);
  return near === undefined ? "remove it" : `did you mean ${near}?`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
