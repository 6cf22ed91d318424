import type { ApplicationObject, HostObject, LoginObjects, OptionSection } from "@tandem/cti";
import {
  readDesktopOptions,
  sectionOf,
  textOption,
  type DesktopOptions,
  type Profile,
} from "./desktop-options.ts";
import { hostInUrl, type LocalConfiguration, type LocalSite } from "./local-configuration.ts";

/**
 * R2: from the person's objects to the sites in order of preference, with the servers of each, the
 * Place and its DNs, and the options. Pure, so that the page's rules about levels and names are a
 * table of cases.
 */
export interface SitePlan {
  /** The preferred site first; one where only one is known. */
  readonly sites: readonly Site[];
  /** The Agent Login's code. */
  readonly agentID: string;
  readonly userName: string;
  readonly options: DesktopOptions;
  /** What is not as the guide wants it, in words for the user. */
  readonly warnings: readonly string[];
}

export interface Site {
  /** Its index in the local configuration; null where that does not know it. */
  readonly local: number | null;
  /** The site's name in the configuration, else its Application's. */
  readonly name: string;
  readonly applicationName: string;
  readonly configUrls: readonly string[];
  /** The SIP Server pair: `ws://127.0.1.10:7000/tlib`. */
  readonly tlibUrls: readonly string[];
  readonly placeName: string;
  readonly dns: readonly string[];
  /** Whether a Stat Server stands in the connections. */
  readonly hasStatServer: boolean;
}

export interface PlanOptions {
  readonly profile?: Profile;
  /** Where the person has several Agent Logins. */
  readonly agentID?: string;
}

export function planSites(
  local: LocalConfiguration,
  objects: LoginObjects,
  planOptions: PlanOptions = {},
): SitePlan {
  const chosen = chooseSites(local, objects);
  const sites = chosen.map((each) => describeSite(each, local, objects));
  const preferred = chosen[0]?.application;
  return {
    sites,
    agentID: planOptions.agentID ?? objects.person?.agentLogins[0] ?? "",
    userName: objects.person?.userName ?? "",
    options: readDesktopOptions(preferred, objects.person, planOptions.profile),
    warnings: sites.flatMap(warningsAbout),
  };
}

interface ChosenSite {
  readonly local: LocalSite | undefined;
  readonly applicationName: string;
  readonly application: ApplicationObject | undefined;
}

function chooseSites(local: LocalConfiguration, objects: LoginObjects): readonly ChosenSite[] {
  const names = preferredNames(objects);
  const first = names.first === undefined ? localSite(local.sites[0], objects) : null;
  const preferred = first ?? namedSite(names.first ?? "", 0, local, objects);
  if (preferred === null) return [];
  const isSame = names.second === undefined || names.second === names.first;
  const other = isSame
    ? localSite(
        local.sites.find((site) => site !== preferred.local),
        objects,
      )
    : namedSite(names.second ?? "", 1, local, objects);
  return other === null ? [preferred] : [preferred, other];
}

/** The first level that names a preferred site: Person, Agent Groups (last by name), Tenant. */
function preferredNames(objects: LoginObjects): {
  readonly first: string | undefined;
  readonly second: string | undefined;
} {
  const groups = [...objects.agentGroups].sort((a, b) => (a.name < b.name ? 1 : -1));
  const levels: OptionSection[] = [
    withAlias(sectionOf(objects.person?.annex)),
    ...groups.map((group) => sectionOf(group.annex)),
    sectionOf(objects.tenant?.annex),
  ];
  const level = levels.find((section) => textOption(section, "site-1") !== undefined) ?? {};
  return { first: textOption(level, "site-1"), second: textOption(level, "site-2") };
}

function withAlias(section: OptionSection): OptionSection {
  const alias = textOption(section, "disaster-recovery.preferred-site");
  const isNeeded = textOption(section, "site-1") === undefined && alias !== undefined;
  return isNeeded ? { ...section, "site-1": alias } : section;
}

function localSite(local: LocalSite | undefined, objects: LoginObjects): ChosenSite | null {
  if (local === undefined) return null;
  const { applicationName } = local;
  return { local, applicationName, application: applicationNamed(applicationName, objects) };
}

/**
 * A site that the configuration names by its Application. Where the local configuration uses one
 * Application for both sites, as the seed's sample does, position decides.
 */
function namedSite(
  applicationName: string,
  position: number,
  local: LocalConfiguration,
  objects: LoginObjects,
): ChosenSite {
  const matching = local.sites.filter((site) => site.applicationName === applicationName);
  const found = matching.length > 1 ? local.sites[position] : matching[0];
  return {
    local: found,
    applicationName,
    application: applicationNamed(applicationName, objects),
  };
}

function describeSite(
  chosen: ChosenSite,
  configuration: LocalConfiguration,
  objects: LoginObjects,
): Site {
  const { application, local } = chosen;
  const index = local === undefined ? -1 : configuration.sites.indexOf(local);
  const connected = (application?.connections ?? [])
    .map((name) => applicationNamed(name, objects))
    .filter((each) => each !== undefined);
  const urlsOf = (type: ApplicationObject["type"], path: string): readonly string[] =>
    connected
      .filter((each) => each.type === type)
      .slice(0, 1)
      .flatMap((primary) => [primary, applicationNamed(primary.backup, objects)])
      .flatMap((node) => urlOf(node, path, objects.hosts));
  const configured = urlsOf("ConfigurationServer", "config");
  const name = application?.site ?? chosen.applicationName;
  const placeName = local?.placeName ?? objects.person?.places[name] ?? "";
  return {
    local: index < 0 ? null : index,
    name,
    applicationName: chosen.applicationName,
    configUrls: configured.length > 0 ? configured : (local?.configUrls ?? []),
    tlibUrls: urlsOf("TServer", "tlib"),
    placeName,
    dns: objects.places.find((place) => place.name === placeName)?.dns ?? [],
    hasStatServer: connected.some((each) => each.type === "StatServer"),
  };
}

function applicationNamed(
  name: string | undefined,
  objects: LoginObjects,
): ApplicationObject | undefined {
  return objects.applications.find((application) => application.name === name);
}

function urlOf(
  application: ApplicationObject | undefined,
  path: string,
  hosts: readonly HostObject[],
): readonly string[] {
  if (application?.host === undefined || application.port === undefined) return [];
  const host = hosts.find((each) => each.name === application.host);
  const address = host?.address ?? application.host;
  return [`ws://${hostInUrl(address)}:${application.port}/${path}`];
}

function warningsAbout(site: Site): readonly string[] {
  const warnings: string[] = [];
  const at = `at ${site.name}`;
  if (site.tlibUrls.length === 0) {
    warnings.push(`Application ${site.applicationName} has no connection to a SIP Server (${at}).`);
  }
  if (site.placeName === "") warnings.push(`There is no Place for this person ${at}.`);
  else if (site.dns.length === 0) warnings.push(`Place ${site.placeName} has no DN (${at}).`);
  return warnings;
}
