/**
 * What objects say of each other: every name that is named exists and is of the right kind, and
 * nothing contradicts (a preferred site equal to the other one, an Agent Login of two persons).
 */
import {
  type ConfigObjectType,
  type OptionSection,
  type TandemObjects,
  objectKeyOf,
} from "@tandem/cti";
import type { Path } from "./positioned-yaml.ts";
import { type FiledObject, type ReportFault, hintFor } from "./read-objects.ts";

type Filed<Type extends ConfigObjectType> = FiledObject<Type>;
type Names = ReadonlyMap<string, Filed<ConfigObjectType>>;

/** All objects by type and key, and the check of one reference. */
export interface Directory {
  readonly all: <Type extends ConfigObjectType>(type: Type) => readonly Filed<Type>[];
  readonly find: <Type extends ConfigObjectType>(
    type: Type,
    key: string,
  ) => TandemObjects[Type] | undefined;
  /** Reports where there is no such object; returns it where there is. */
  readonly need: <Type extends ConfigObjectType>(
    type: Type,
    key: string | undefined,
    path: Path,
  ) => TandemObjects[Type] | undefined;
  readonly report: ReportFault;
}

export function createDirectory(objects: readonly FiledObject[], report: ReportFault): Directory {
  const byType = new Map<ConfigObjectType, Map<string, FiledObject>>();
  for (const filed of objects) {
    const names = byType.get(filed.type) ?? new Map<string, FiledObject>();
    names.set(objectKeyOf(filed.type, filed.object), filed);
    byType.set(filed.type, names);
  }
  const namesOf = (type: ConfigObjectType): Names => byType.get(type) ?? new Map();
  const find = <Type extends ConfigObjectType>(type: Type, key: string) =>
    namesOf(type).get(key)?.object as TandemObjects[Type] | undefined; // filed under its own type
  return {
    all: (type) => [...namesOf(type).values()] as never, // filed under its own type
    find,
    need: (type, key, path) => {
      if (key === undefined) return undefined;
      const object = find(type, key);
      if (object === undefined) {
        const hint = hintFor(key, namesOf(type).keys());
        report("configuration-dangling", path, `there is no ${type} "${key}"; ${hint}`);
      }
      return object;
    },
    report,
  };
}

export function checkReferences(directory: Directory): void {
  checkGroups(directory);
  checkSwitches(directory);
  checkApplications(directory);
  checkDns(directory);
  checkPlaces(directory);
  checkPersons(directory);
  checkAgentLogins(directory);
}

function checkGroups({ all, report }: Directory): void {
  for (const { object, path } of all("Group")) {
    const [first, second] = object.sites;
    if (object.sites.length !== 2) {
      const say = `Group ${object.name} has ${object.sites.length} sites; give two`;
      report("configuration-contradictory", [...path, "sites"], say);
    } else if (first === second) {
      const say = `both sites of Group ${object.name} are ${first}; give the other one`;
      report("configuration-contradictory", [...path, "sites", 1], say);
    }
  }
}

function checkSwitches({ all, need, report }: Directory): void {
  for (const { object, path } of all("Switch")) {
    const group = need("Group", object.group, [...path, "group"]);
    if (group !== undefined && !group.sites.includes(object.site)) {
      const hint = hintFor(object.site, group.sites);
      const say = `Group ${group.name} has no site "${object.site}"; ${hint}`;
      report("configuration-dangling", [...path, "site"], say);
    }
    const server = need("Application", object.tserver, [...path, "tserver"]);
    if (server === undefined) continue;
    if (server.type !== "TServer") {
      const say = `${server.name} is a ${server.type}; name an Application of type TServer`;
      report("configuration-contradictory", [...path, "tserver"], say);
    } else if (server.site !== undefined && server.site !== object.site) {
      const say = `${server.name} is at ${server.site}, the Switch at ${object.site}; correct one`;
      report("configuration-contradictory", [...path, "tserver"], say);
    }
  }
}

function checkApplications({ all, need, find, report }: Directory): void {
  const kids = new Map<string, string>();
  const sites = all("Group").flatMap(({ object }) => object.sites);
  for (const { object, path } of all("Application")) {
    need("Host", object.host, [...path, "host"]);
    if (object.site !== undefined && sites.length > 0 && !sites.includes(object.site)) {
      const say = `no Group has a site "${object.site}"; ${hintFor(object.site, sites)}`;
      report("configuration-dangling", [...path, "site"], say);
    }
    object.connections.forEach((name, index) => {
      need("Application", name, [...path, "connections", index]);
    });
    const backup = need("Application", object.backup, [...path, "backup"]);
    if (
      backup !== undefined &&
      (backup.type !== object.type || backup === find("Application", object.name))
    ) {
      const say = `the backup of ${object.name} must be another ${object.type}`;
      report("configuration-contradictory", [...path, "backup"], say);
    }
    (object.publicKeys ?? []).forEach(({ kid }, index) => {
      const owner = kids.get(kid);
      if (owner !== undefined) {
        const say = `key "${kid}" is ${owner}'s too; each key has a name of its own`;
        report("configuration-duplicate", [...path, "publicKeys", index, "kid"], say);
      }
      kids.set(kid, object.name);
    });
  }
}

function checkDns({ all, need, report }: Directory): void {
  for (const { object, path, secret } of all("Dn")) {
    const group = need("Group", object.group, [...path, "group"]);
    const served = need("Switch", object.switch, [...path, "switch"]);
    if (group !== undefined && served !== undefined && served.group !== group.name) {
      const say = `Switch ${served.name} is of Group ${served.group}, the DN of ${group.name}`;
      report("configuration-contradictory", [...path, "switch"], say);
    }
    if (secret !== undefined && object.ha1 !== undefined) {
      const say = `DN ${object.number} has a secret and its ha1; keep one`;
      report("configuration-contradictory", [...path, "secret"], say);
    }
    const options = object.options?.["TServer"] ?? {};
    for (const name of ["peer-dn", "announcement-dn"]) {
      const number = options[name];
      const at = [...path, "options", "TServer", name];
      if (number !== undefined) need("Dn", String(number), at);
    }
    if (object.type === "AcdQueue") checkQueue(options, path, need);
  }
}

/** Which Agent Groups serve a queue; its overflow may be a number beyond a trunk. */
function checkQueue(options: OptionSection, path: Path, need: Directory["need"]): void {
  const at = [...path, "options", "TServer", "agent-groups"];
  for (const name of String(options["agent-groups"] ?? "").split(",")) {
    if (name.trim() !== "") need("AgentGroup", name.trim(), at);
  }
}

function checkPlaces({ all, need, report }: Directory): void {
  const sites = all("Group").flatMap(({ object }) => object.sites);
  for (const { object, path } of all("Place")) {
    object.dns.forEach((number, index) => {
      const at = [...path, "dns", index];
      const dn = need("Dn", number, at);
      if (dn === undefined || dn.type === "Extension") return;
      report(
        "configuration-contradictory",
        at,
        `DN ${number} is a ${dn.type}; a Place has Extensions`,
      );
    });
    if (object.site !== undefined && sites.length > 0 && !sites.includes(object.site)) {
      const say = `no Group has a site "${object.site}"; ${hintFor(object.site, sites)}`;
      report("configuration-dangling", [...path, "site"], say);
    }
  }
}

function checkPersons({ all, need, report }: Directory): void {
  for (const { object, path, secret } of all("Person")) {
    object.agentLogins.forEach((code, index) => {
      need("AgentLogin", code, [...path, "agentLogins", index]);
    });
    for (const [site, name] of Object.entries(object.places)) {
      const place = need("Place", name, [...path, "places", site]);
      if (place?.site !== undefined && place.site !== site) {
        const say = `Place ${name} is at ${place.site}, not at ${site}; name one at ${site}`;
        report("configuration-contradictory", [...path, "places", site], say);
      }
    }
    if (secret === undefined && object.passwordHash === undefined && object.isDisabled !== true) {
      const say = `${object.userName} cannot log in; give password, passwordHash or isDisabled: true`;
      report("configuration-contradictory", path, say);
    } else if (secret !== undefined && object.passwordHash !== undefined) {
      const say = `${object.userName} has a password and its hash; keep one`;
      report("configuration-contradictory", [...path, "password"], say);
    }
  }
  for (const { object, path } of all("AgentGroup")) {
    object.agents.forEach((name, index) => need("Person", name, [...path, "agents", index]));
  }
}

function checkAgentLogins({ all, report }: Directory): void {
  const owners = new Map<string, string[]>();
  for (const { object } of all("Person")) {
    for (const code of object.agentLogins) {
      owners.set(code, [...(owners.get(code) ?? []), object.userName]);
    }
  }
  for (const { object, path } of all("AgentLogin")) {
    const names = owners.get(object.code) ?? [];
    if (names.length === 0) {
      const say = `Agent Login ${object.code} is no Person's; name it in a Person's agentLogins`;
      report("configuration-dangling", path, say);
    } else if (names.length > 1) {
      const say = `Agent Login ${object.code} is of ${names.join(" and ")}; leave it to one`;
      report("configuration-contradictory", path, say);
    }
  }
}
