/**
 * Options by section: a known section knows its names, and what an `agent-desktop` section says of
 * the sites must hold (continuity R2): both named Applications exist, are a desktop's, and differ.
 */
import type { ConfigObjectType, OptionSection, Sections } from "@tandem/cti";
import type { Directory } from "./check-references.ts";
import { knownOptions } from "./known-options.ts";
import type { Path } from "./positioned-yaml.ts";
import { type FiledObject, hintFor } from "./read-objects.ts";

/** Where objects keep options, by type. */
const holders: ReadonlyMap<ConfigObjectType, readonly ("annex" | "options")[]> = new Map([
  ["Application", ["options", "annex"]],
  ["Dn", ["options", "annex"]],
  ["Tenant", ["annex"]],
  ["AgentGroup", ["annex"]],
  ["AgentLogin", ["annex"]],
  ["Person", ["annex"]],
]);
const siteOptions = ["site-1", "site-2", "disaster-recovery.preferred-site"];

export function checkOptions(objects: readonly FiledObject[], directory: Directory): void {
  for (const filed of objects) {
    for (const holder of holders.get(filed.type) ?? []) {
      const object: { annex?: Sections; options?: Sections } = filed.object;
      const sections = object[holder];
      for (const [name, section] of Object.entries(sections ?? {})) {
        const path = [...filed.path, holder, name];
        checkNames(filed, name, section, path, directory);
        if (name === "agent-desktop") checkSites(section, path, directory);
        if (name === "agent-desktop" || name === "TServer") checkValues(section, path, directory);
      }
    }
  }
}

function checkNames(
  { type, object }: FiledObject,
  section: string,
  options: OptionSection,
  path: Path,
  { report }: Directory,
): void {
  const dnType = type === "Dn" && "type" in object ? object.type : undefined;
  const known = knownOptions(type, section, dnType as never); // a DN's type, by the line above
  if (known === undefined) return;
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const say = `section ${section} of a ${type} has no option "${name}"; ${hintFor(name, known)}`;
    report("configuration-unknown-option", [...path, name], say, "key");
  }
}

function checkSites(options: OptionSection, path: Path, directory: Directory): void {
  const { need, report } = directory;
  for (const name of siteOptions) {
    const value = options[name];
    if (value === undefined) continue;
    const application = need("Application", String(value), [...path, name]);
    if (application === undefined || application.type === "ThirdPartyApplication") continue;
    const say = `${name} must name a desktop's Application (type ThirdPartyApplication)`;
    report("configuration-contradictory", [...path, name], say);
  }
  const first = options["site-1"];
  if (first !== undefined && first === options["site-2"]) {
    const say = `site-1 and site-2 are both ${String(first)}; name the other site's Application`;
    report("configuration-contradictory", [...path, "site-2"], say);
  }
}

/** Options that are durations, counts or rates are numbers that are not negative. */
const numeric =
  /(time|timeout|window|grace|spread|dwell|stable|keep|max|limit|check|failures|monitor|expires)$/;
const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ["dr-forward", ["off", "no-agent"]],
  ["auto-answer", ["none", "alert-info", "call-info", "notify-talk"]],
  ["dnd-response", ["480", "603"]],
  ["restore-state", ["always", "not-ready", "never"]],
]);

function checkValues(options: OptionSection, path: Path, { report }: Directory): void {
  for (const [name, value] of Object.entries(options)) {
    const allowed = choices.get(name);
    if (allowed !== undefined && !allowed.includes(String(value))) {
      const say = `${name} must be one of ${allowed.join(", ")}; ${hintFor(String(value), allowed)}`;
      report("configuration-wrong-value", [...path, name], say);
    }
    const isNumber = typeof value === "number" ? value : Number(value);
    if ((numeric.test(name) || /^sip-t[124]$/.test(name)) && !(isNumber >= 0)) {
      const say = `${name} must be a number that is not negative (seconds, where it is a time)`;
      report("configuration-wrong-value", [...path, name], say);
    }
  }
}
