import * as z from "zod/mini";
import { membersMax } from "../limits.ts";
import { listOf, nameField, schemaFor, textField, type Schema } from "../schema.ts";
import { sectionsSchema, type Sections } from "./sections.ts";

/**
 * What runs where: Applications with their connections, Hosts, the Group of two sites, Switches and
 * the DNs of the group. A desktop's own Application is a ThirdPartyApplication whose connections
 * name the servers of one site (seed, Configuration Data).
 */
export type ApplicationType =
  | "TServer"
  | "ConfigurationServer"
  | "StatServer"
  | "ThirdPartyApplication";

export interface ApplicationObject {
  readonly name: string;
  readonly type: ApplicationType;
  readonly site?: string;
  /** A Host's name; absent for an application that does not listen. */
  readonly host?: string;
  /** Where its own protocol is served: T-Library, ConfigLib, StatLib. */
  readonly port?: number;
  /** Further ports by name: `http`; of a SIP Server `sip` (UDP, TCP), `sips`, `ws`, `wss`. */
  readonly ports?: { readonly [name: string]: number };
  /** Names of the Applications it connects to. */
  readonly connections: readonly string[];
  /** The Application that is the other node of its pair. */
  readonly backup?: string;
  /** A server's: hash of the secret it logs in with. Read by servers only. */
  readonly secretHash?: string;
  /** A server's: the public halves of the keys it signs tokens with. */
  readonly publicKeys?: readonly PublicKey[];
  readonly options?: Sections;
  readonly annex?: Sections;
}

/** Ed25519, named by the `kid` of the tokens it verifies. */
export interface PublicKey {
  readonly kid: string;
  /** base64url of the 32 bytes: `x` of the JWK. */
  readonly x: string;
}

export interface HostObject {
  readonly name: string;
  readonly address: string;
  /** Its IPv6 address, where SIP is served there too: without brackets. */
  readonly address6?: string;
  readonly annex?: Sections;
}

/** Two pairs of SIP Servers that serve the same DNs. */
export interface GroupObject {
  readonly name: string;
  /** Both sites' names. */
  readonly sites: readonly string[];
  /** The digest realm, equal at both sites. */
  readonly realm: string;
  readonly domain: string;
  readonly annex?: Sections;
}

export interface SwitchObject {
  readonly name: string;
  readonly site: string;
  readonly group: string;
  /** The SIP Server Application that serves it. */
  readonly tserver: string;
  /**
   * The site's virtual address, which moves to whichever node of the pair serves; without it the
   * address of the tserver's host.
   */
  readonly address?: string;
  /** Its IPv6 address, without brackets. */
  readonly address6?: string;
  readonly annex?: Sections;
}

export type DnType = "Extension" | "AcdQueue" | "Trunk";

export interface DnObject {
  readonly number: string;
  readonly type: DnType;
  readonly switch?: string;
  readonly group: string;
  /** Read by servers only. */
  readonly ha1?: Ha1;
  readonly options?: Sections;
  readonly annex?: Sections;
}

/** H(user:realm:secret) in hexadecimal (RFC 7616 §3.4.2); never the secret itself. */
export interface Ha1 {
  readonly md5: string;
  readonly sha256: string;
}

const annex = z.exactOptional(sectionsSchema);
const options = z.exactOptional(sectionsSchema);
const portField = z.int().check(z.gte(1), z.lte(65_535));
const publicKeySchema = schemaFor<PublicKey>()(
  z.object({ kid: nameField, x: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)) }),
);

export const applicationSchema: Schema<ApplicationObject> = schemaFor<ApplicationObject>()(
  z.object({
    name: nameField,
    type: z.enum(["TServer", "ConfigurationServer", "StatServer", "ThirdPartyApplication"]),
    site: z.exactOptional(nameField),
    host: z.exactOptional(nameField),
    port: z.exactOptional(portField),
    ports: z.exactOptional(z.record(nameField, portField)),
    connections: listOf(nameField, membersMax),
    backup: z.exactOptional(nameField),
    secretHash: z.exactOptional(textField),
    publicKeys: z.exactOptional(listOf(publicKeySchema, 16)),
    options,
    annex,
  }),
);
export const hostSchema: Schema<HostObject> = schemaFor<HostObject>()(
  z.object({
    name: nameField,
    address: nameField,
    address6: z.exactOptional(nameField),
    annex,
  }),
);
export const groupSchema: Schema<GroupObject> = schemaFor<GroupObject>()(
  z.object({
    name: nameField,
    sites: listOf(nameField, 2),
    realm: nameField,
    domain: nameField,
    annex,
  }),
);
export const switchSchema: Schema<SwitchObject> = schemaFor<SwitchObject>()(
  z.object({
    name: nameField,
    site: nameField,
    group: nameField,
    tserver: nameField,
    address: z.exactOptional(nameField),
    address6: z.exactOptional(nameField),
    annex,
  }),
);
const ha1Schema = schemaFor<Ha1>()(
  z.object({
    md5: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  }),
);
export const dnSchema: Schema<DnObject> = schemaFor<DnObject>()(
  z.object({
    number: nameField,
    type: z.enum(["Extension", "AcdQueue", "Trunk"]),
    switch: z.exactOptional(nameField),
    group: nameField,
    ha1: z.exactOptional(ha1Schema),
    options,
    annex,
  }),
);
