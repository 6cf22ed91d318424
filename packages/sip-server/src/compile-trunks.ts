import type { DnObject, OptionSection, SwitchObject } from "@tandem/cti";
import type { DialRule, NumberRule, Transport, TrunkConfig, TrunkPlace } from "@tandem/switch";
import { msOption, optionsOf } from "./compile-options.ts";

/**
 * Trunk DNs of a site, with their options:
 *
 *     contact            sip:HOST[:PORT][;transport=udp|tcp|tls], several in order, by commas
 *     sources            addresses its requests come from, when they are not its contact's
 *     prefix             numbers that go out over it;  replace-prefix: what stands there instead
 *     called-rules, caller-rules, caller-out-rules     `+49=0, +=00`: prefixes and replacements
 *     capacity, oos-check, failover-timeout, trusted
 *     auth-user, auth-realm (and its `secret`), register, register-expires
 */
export interface CompiledTrunk {
  readonly trunk: TrunkConfig;
  readonly rule: DialRule | null;
}

/** HA1 of the carrier's realm. */
export interface TrunkSecret {
  readonly user: string;
  readonly md5: string;
  readonly sha256: string;
}

interface TrunkObjects {
  readonly dns: readonly DnObject[];
}

export function compileTrunks(
  objects: TrunkObjects,
  served: SwitchObject,
  faults: string[],
): CompiledTrunk[] {
  const trunks: CompiledTrunk[] = [];
  for (const dn of trunksOf(objects, served)) {
    const options = optionsOf(dn);
    const [first, ...others] = placesOf(String(options["contact"] ?? ""));
    if (first === undefined) {
      const form = "sip:HOST[:PORT][;transport=udp|tcp|tls]";
      faults.push(`Trunk ${dn.number}: contact must be ${form}, several separated by commas`);
      continue;
    }
    const trunk = trunkOf(dn, options, first, others);
    if (typeof trunk === "string") faults.push(`Trunk ${dn.number}: ${trunk}`);
    else trunks.push({ trunk, rule: ruleOf(dn, options) });
  }
  return mergeRules(trunks);
}

function trunksOf({ dns }: TrunkObjects, served: SwitchObject): DnObject[] {
  return dns.filter(
    (dn) => dn.type === "Trunk" && (dn.switch === undefined || dn.switch === served.name),
  );
}

/** The trunk, or what is wrong with it. */
function trunkOf(
  dn: DnObject,
  options: OptionSection,
  first: TrunkPlace,
  others: readonly TrunkPlace[],
): TrunkConfig | string {
  const calledRules = rulesOf(options["called-rules"]);
  const callerRules = rulesOf(options["caller-rules"]);
  const callerOutRules = rulesOf(options["caller-out-rules"]);
  if (calledRules === null || callerRules === null || callerOutRules === null) {
    return "number rules must be PREFIX=REPLACEMENT, several separated by commas";
  }
  const realm = options["auth-realm"];
  const user = String(options["auth-user"] ?? dn.number);
  if (realm !== undefined && dn.ha1 === undefined) return "auth-realm needs a secret";
  const isRegistering = options["register"] === true || options["register"] === "true";
  const capacity = Number(options["capacity"]);
  const transport = first.transport ?? "UDP";
  return {
    name: dn.number,
    host: first.host,
    port: first.port ?? (transport === "TLS" ? sipsPort : sipPort),
    transport,
    isPortGiven: first.port !== null,
    ...(others.length === 0 ? {} : { others }),
    sources: String(options["sources"] ?? "")
      .split(/[ ,]+/)
      .filter((source) => source !== ""),
    monitorMs: msOption(options, "oos-check") ?? monitorPresetMs,
    failoverMs: msOption(options, "failover-timeout") ?? failoverPresetMs,
    ...(Number.isInteger(capacity) && capacity > 0 ? { capacity } : {}),
    isTrusted: options["trusted"] === true || options["trusted"] === "true",
    calledRules,
    callerRules,
    callerOutRules,
    ...(realm === undefined
      ? {}
      : { credentials: { user, realm: String(realm), hasSha256: true } }),
    ...(isRegistering
      ? {
          registration: {
            user,
            expiresSeconds: Number(options["register-expires"] ?? registerPresetSeconds),
          },
        }
      : {}),
  };
}

export function trunkSecretsOf(
  objects: TrunkObjects,
  served: SwitchObject,
): Map<string, TrunkSecret> {
  const secrets = new Map<string, TrunkSecret>();
  for (const dn of trunksOf(objects, served)) {
    const user = String(optionsOf(dn)["auth-user"] ?? dn.number);
    if (dn.ha1 !== undefined) secrets.set(dn.number, { user, ...dn.ha1 });
  }
  return secrets;
}

function placesOf(text: string): TrunkPlace[] {
  const places: TrunkPlace[] = [];
  for (const part of text.split(/\s*,\s*/)) {
    const contact = trunkContact.exec(part);
    if (contact === null) return [];
    const [, six, name, port, over] = contact;
    places.push({
      host: six ?? name ?? "",
      port: port === undefined ? null : Number(port),
      transport: transports[over ?? ""] ?? null,
    });
  }
  return places;
}

/** An IPv6 address in brackets, or a name or IPv4 address. */
const trunkContact =
  /^sip:(?:\[([0-9A-Fa-f:.]+)\]|([^;:[\]]+))(?::(\d+))?(?:;transport=(udp|tcp|tls))?$/;
const transports: Readonly<Record<string, Transport>> = { udp: "UDP", tcp: "TCP", tls: "TLS" };

/** Null for what is no list of rules. */
function rulesOf(value: string | number | boolean | undefined): NumberRule[] | null {
  const text = String(value ?? "").trim();
  if (text === "") return [];
  const rules = text.split(/\s*,\s*/).map((part) => /^([^=]*)=([^=]*)$/.exec(part));
  if (rules.includes(null)) return null;
  return rules.map((rule) => ({ prefix: rule?.[1] ?? "", replace: rule?.[2] ?? "" }));
}

function ruleOf(dn: DnObject, options: OptionSection): DialRule | null {
  const prefix = options["prefix"];
  if (prefix === undefined) return null;
  return {
    prefix: String(prefix),
    strip: String(prefix).length,
    prepend: String(options["replace-prefix"] ?? prefix),
    trunks: [dn.number],
  };
}

/** Trunks of one prefix are tried in the order in which they stand. */
function mergeRules(trunks: readonly CompiledTrunk[]): CompiledTrunk[] {
  const names = (prefix: string): string[] =>
    trunks.flatMap(({ trunk, rule }) => (rule?.prefix === prefix ? [trunk.name] : []));
  const seen = new Set<string>();
  return trunks.map(({ trunk, rule }) => {
    if (rule === null || seen.has(rule.prefix)) return { trunk, rule: null };
    seen.add(rule.prefix);
    return { trunk, rule: { ...rule, trunks: names(rule.prefix) } };
  });
}

const sipPort = 5060;
const sipsPort = 5061;
const monitorPresetMs = 30_000;
const failoverPresetMs = 4_000;
const registerPresetSeconds = 600;
