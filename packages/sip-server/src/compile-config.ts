import { fail, ok, type Result } from "@tandem/kernel";
import type {
  AgentGroupObject,
  AgentLoginObject,
  ApplicationObject,
  DnObject,
  GroupObject,
  HostObject,
  OptionSection,
  PersonObject,
  PublicKey,
  SwitchObject,
} from "@tandem/cti";
import type { AgentLoginConfig, PeerConfig, SwitchConfig } from "@tandem/switch";
import { compileTrunks, trunkSecretsOf, type TrunkSecret } from "./compile-trunks.ts";
import { compileDns, extensionsOf, forwardOf, isOn } from "./compile-dns.ts";
import {
  compileOptions,
  msOption,
  optionSection,
  optionsOf,
  peerTimes,
} from "./compile-options.ts";
import type { Secrets } from "./signalling/edge.ts";

/**
 * Configuration objects → what one SIP Server's machine and edges need. Pure; what is missing or
 * contradictory is told as sentences, all at once, and then nothing is compiled.
 */
export interface ServerObjects {
  readonly applications: readonly ApplicationObject[];
  readonly hosts: readonly HostObject[];
  readonly groups: readonly GroupObject[];
  readonly switches: readonly SwitchObject[];
  readonly dns: readonly DnObject[];
  readonly persons: readonly PersonObject[];
  readonly agentGroups: readonly AgentGroupObject[];
  readonly agentLogins: readonly AgentLoginObject[];
}

export interface Compiled {
  readonly config: SwitchConfig;
  readonly secrets: Secrets;
  /** By trunk: what its carrier's challenges are answered with. */
  readonly trunkSecrets?: ReadonlyMap<string, TrunkSecret>;
  /** Of every Configuration Server: a token signed by any of them is good here. */
  readonly publicKeys: readonly PublicKey[];
  /** Where desktops reach this server. */
  readonly tlib: { readonly host: string; readonly port: number };
  readonly httpPort: number;
}

export function compileConfig(
  objects: ServerObjects,
  applicationName: string,
): Result<Compiled, readonly string[]> {
  const faults: string[] = [];
  const own = objects.applications.find(({ name }) => name === applicationName);
  if (own === undefined) return fail([`Application ${applicationName} does not exist`]);
  if (own.type !== "TServer") faults.push(`Application ${own.name} is no TServer but ${own.type}`);
  // Either node of the pair serves it: the one that the Switch names, and its backup.
  const pair = objects.applications.filter(
    ({ name, backup }) => name === own.name || name === own.backup || backup === own.name,
  );
  const served = objects.switches.find(({ tserver }) => pair.some(({ name }) => name === tserver));
  if (served === undefined) return fail([...faults, `no Switch names ${own.name} as its tserver`]);
  const group = objects.groups.find(({ name }) => name === served.group);
  if (group === undefined) return fail([...faults, `Group ${served.group} does not exist`]);
  const host = addressOf(objects, own, faults);
  const trunks = compileTrunks(objects, served, faults);
  const options = optionsOf(own);
  const dns = compileDns(objects, group, faults);
  if (faults.length > 0) return fail(faults);
  const config: SwitchConfig = {
    site: served.site,
    host: served.address ?? host,
    port: own.ports?.["sip"] ?? sipPort,
    realm: group.realm,
    host6: served.address6 ?? objects.hosts.find(({ name }) => name === own.host)?.address6 ?? null,
    ports: listenersOf(own),
    domains: [group.domain],
    options: compileOptions(options),
    peer: peerOf(objects, group, served, options),
    dns,
    trunks: trunks.map(({ trunk }) => trunk),
    dialPlan: trunks.flatMap(({ rule }) => (rule === null ? [] : [rule])),
    agentLogins: agentLoginsOf(objects),
  };
  return ok({
    config,
    secrets: secretsOf(objects, group),
    trunkSecrets: trunkSecretsOf(objects, served),
    publicKeys: objects.applications.flatMap(({ publicKeys }) => publicKeys ?? []),
    tlib: { host, port: own.port ?? tlibPort },
    httpPort: own.ports?.["http"] ?? httpPort,
  });
}

/** `sip` is UDP and TCP; the others are there when they have a port. */
function listenersOf({ ports = {} }: ApplicationObject): SwitchConfig["ports"] {
  const { sips, ws, wss } = ports;
  return {
    ...(sips === undefined ? {} : { TLS: sips }),
    ...(ws === undefined ? {} : { WS: ws }),
    ...(wss === undefined ? {} : { WSS: wss }),
  };
}

const sipPort = 5060;
const tlibPort = 7000;
const httpPort = 7080;

function addressOf(objects: ServerObjects, own: ApplicationObject, faults: string[]): string {
  const host = objects.hosts.find(({ name }) => name === own.host);
  if (host === undefined) faults.push(`Host ${own.host ?? "(none)"} of ${own.name} does not exist`);
  return host?.address ?? "";
}

/** Both nodes of the pair at the other site of the group. */
function peerOf(
  objects: ServerObjects,
  group: GroupObject,
  served: SwitchObject,
  options: OptionSection,
): PeerConfig | null {
  const site = group.sites.find((name) => name !== served.site);
  const given = contactsOf(options["peer-contact"]);
  const other = objects.switches.find((each) => each.group === group.name && each.site === site);
  if (site === undefined || other === undefined) return null;
  const named = objects.applications.find(({ name }) => name === other.tserver);
  const names = objects.applications.filter(
    ({ name, backup }) =>
      name === other.tserver || backup === other.tserver || name === named?.backup,
  );
  if (other.address !== undefined && given.length === 0) {
    const port = names[0]?.ports?.["sip"] ?? sipPort;
    given.push({ host: other.address, port });
  }
  const hosts = names.flatMap((application) => {
    const host = objects.hosts.find(({ name }) => name === application.host);
    const port = application.ports?.["sip"] ?? sipPort;
    return host === undefined ? [] : [{ host: host.address, port }];
  });
  const addresses = given.length > 0 ? given : hosts;
  if (addresses.length === 0) return null;
  return {
    site,
    addresses,
    ...peerTimes(options),
    forward: forwardOf(options) ?? "off",
    isRedirecting: isOn(options["dr-redirect"]) === true,
  };
}

/** `peer-contact`: where the peer is reached when that is not its hosts' own addresses. */
function contactsOf(
  value: string | number | boolean | undefined,
): { host: string; port: number }[] {
  return String(value ?? "")
    .split(/[ ,]+/)
    .flatMap((text) => {
      const contact = /^(?:sip:)?([^;:]+)(?::(\d+))?$/.exec(text);
      return contact?.[1] === undefined
        ? []
        : [{ host: contact[1], port: Number(contact[2] ?? sipPort) }];
    });
}

/** A person's codes, with what each Agent Login says of its after-call work. */
function agentLoginsOf({ persons, agentLogins }: ServerObjects): AgentLoginConfig[] {
  const byCode = new Map(agentLogins.map((login) => [login.code, login]));
  return persons.flatMap(({ userName, agentLogins: codes }) =>
    codes.map((code) => {
      const annex = byCode.get(code)?.annex?.[optionSection] ?? {};
      const afterCallWorkMs = msOption(annex, "wrap-up-time");
      return { code, userName, ...(afterCallWorkMs === undefined ? {} : { afterCallWorkMs }) };
    }),
  );
}

function secretsOf(objects: ServerObjects, group: GroupObject): Secrets {
  const secrets = new Map<string, { md5: string; sha256: string }>();
  for (const { number, ha1 } of extensionsOf(objects, group)) {
    if (ha1 !== undefined) secrets.set(number, ha1);
  }
  return secrets;
}
