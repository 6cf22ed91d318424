import { fail, ok, type Result } from "@tandem/kernel";
import { getProperties } from "properties-file";

/**
 * What a desktop must know before it can ask (seed, Desktop Local Configuration): for each site the
 * addresses of its Configuration Server Proxies, the name of its Application, and its Place.
 */
export interface LocalConfiguration {
  /** One or two; the order counts only until the person's preferred site is known. */
  readonly sites: readonly LocalSite[];
}

export interface LocalSite {
  readonly applicationName: string;
  /** Absent: the Person's Place at that site. */
  readonly placeName?: string;
  /** The primary's, then the backup's: `ws://127.0.1.10:7010/config`. */
  readonly configUrls: readonly string[];
}

/** What a `bc.properties` file holds beside the sites. */
export interface BcProperties {
  readonly local: LocalConfiguration;
  readonly userName: string;
  /** Empty where the file leaves it to a login banner. */
  readonly password: string;
}

export interface BcPropertiesFailure {
  readonly key: string;
  readonly sentence: string;
}

/**
 * The text of a `bc.properties` file, keys as in the seed's sample: `PrimaryHost1`, `PrimaryPort1`,
 * `BackupHost1`, `BackupPort1`, `ApplicationName1`, `PlaceName1`, the same with 2, `UserName`,
 * `UserPass`. A site without `PrimaryHost` is left out; backups may be left out.
 *
 * @example
 * const read = parseBcProperties(readFileSync("bc.properties", "utf8"));
 * if (!read.ok) throw new Error(read.failure.sentence);
 * const desktop = connectDesktop({ ...read.value });
 */
export function parseBcProperties(text: string): Result<BcProperties, BcPropertiesFailure> {
  const properties = getProperties(text);
  const valueOf = (key: string): string => (properties[key] ?? "").trim();
  const sites: LocalSite[] = [];
  for (const number of ["1", "2"]) {
    if (valueOf(`PrimaryHost${number}`) === "") continue;
    const applicationName = valueOf(`ApplicationName${number}`);
    if (applicationName === "") return missing(`ApplicationName${number}`);
    const configUrls: string[] = [];
    for (const node of ["Primary", "Backup"]) {
      const host = valueOf(`${node}Host${number}`);
      if (host === "") continue;
      const port = valueOf(`${node}Port${number}`);
      if (!/^\d{1,5}$/.test(port)) return missing(`${node}Port${number}`);
      configUrls.push(`ws://${hostInUrl(host)}:${port}/config`);
    }
    const placeName = valueOf(`PlaceName${number}`);
    sites.push({ applicationName, configUrls, ...(placeName === "" ? {} : { placeName }) });
  }
  if (sites.length === 0) return missing("PrimaryHost1");
  const userName = valueOf("UserName");
  if (userName === "") return missing("UserName");
  return ok({ local: { sites }, userName, password: valueOf("UserPass") });
}

function missing(key: string): Result<BcProperties, BcPropertiesFailure> {
  return fail({ key, sentence: `bc.properties: ${key} is missing or has a wrong value.` });
}

/** An IPv6 address stands in brackets in a URL. */
export function hostInUrl(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
