import type { Play } from "./stage.ts";
import { attribute, field } from "./stage.ts";

/**
 * A play as a table: one row an event, in the order of the sequence numbers. The first column says
 * what was done; empty cells below it belong to the same act. ConnIDs have letters.
 */
const columns = [
  "what is done",
  "site",
  "event",
  "thisDN",
  "role",
  "otherDN",
  "its role",
  "callState",
  "connID",
  "previous",
  "also",
] as const;

export function writeTable({ rows, names }: Play): string {
  const all = rows.map(({ what, event, answers, site }) => [
    what,
    site === undefined ? "" : String(site),
    event?.event ?? "(none)",
    field(event, "thisDN"),
    field(event, "thisDNRole"),
    field(event, "otherDN"),
    field(event, "otherDNRole"),
    field(event, "callState"),
    names.get(field(event, "connID")) ?? "",
    names.get(field(event, "previousConnID")) ?? "",
    alsoOf(event, answers),
  ]);
  const isAtSites = rows.some(({ site }) => site !== undefined);
  const isKept = (_: string, index: number): boolean => index !== siteColumn || isAtSites;
  const shown = columns.filter(isKept);
  const cells = all.map((row) => row.filter(isKept));
  const widths = shown.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => (row[index] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(shown), rule, ...cells.map(line)].join("\n");
}

const siteColumn = 1;

/** Attributes that only some events have. */
function alsoOf(event: Play["rows"][number]["event"], answers: string): string {
  if (event === null) return "";
  const said: string[] = [];
  for (const name of [
    "thirdPartyDN",
    "thirdPartyDNRole",
    "thisQueue",
    "dtmfDigits",
    "forwardMode",
  ]) {
    const value = field(event, name);
    if (value !== "") said.push(`${name} ${value}`);
  }
  const callType = field(event, "callType");
  if (callType === "Consult") said.push("callType Consult");
  for (const name of ["reasons", "extensions", "userData"]) {
    const pairs: unknown = attribute(event, name);
    const entries = typeof pairs === "object" && pairs !== null ? Object.entries(pairs) : [];
    const text = entries.map(([key, value]) => `${key}=${String(value)}`).join(" ");
    if (text !== "") said.push(`${name} ${text}`);
  }
  if (answers !== "") said.push(`answers ${answers}`);
  return said.join(", ");
}
