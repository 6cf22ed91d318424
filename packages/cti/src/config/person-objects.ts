import * as z from "zod/mini";
import { membersMax } from "../limits.ts";
import { listOf, nameField, schemaFor, textField, type Schema } from "../schema.ts";
import { sectionsSchema, type Sections } from "./sections.ts";

/**
 * Who works here: Tenant, Agent Group, Person, Agent Login, and the Places where they sit. Their
 * `annex` holds the section `agent-desktop` with the preferred site (continuity R2).
 */
export interface TenantObject {
  readonly name: string;
  /** An IANA zone, `Europe/Paris`. */
  readonly timeZone?: string;
  readonly annex?: Sections;
}

export interface AgentGroupObject {
  readonly name: string;
  /** User names. */
  readonly agents: readonly string[];
  readonly annex?: Sections;
}

export type PersonRole = "agent" | "supervisor" | "administrator";

export interface PersonObject {
  readonly userName: string;
  readonly employeeId: string;
  readonly role: PersonRole;
  /** Read by servers only. */
  readonly passwordHash?: string;
  /** Codes of Agent Logins. */
  readonly agentLogins: readonly string[];
  /** Site → Place: a phone with a DN at each site has a Place for each (seed, Note). */
  readonly places: { readonly [site: string]: string };
  readonly isDisabled?: boolean;
  readonly annex?: Sections;
}

export interface AgentLoginObject {
  readonly code: string;
  readonly annex?: Sections;
}

export interface PlaceObject {
  readonly name: string;
  readonly site?: string;
  /** Numbers of DNs. */
  readonly dns: readonly string[];
  readonly annex?: Sections;
}

const annex = z.exactOptional(sectionsSchema);

export const tenantSchema: Schema<TenantObject> = schemaFor<TenantObject>()(
  z.object({ name: nameField, timeZone: z.exactOptional(nameField), annex }),
);
export const agentGroupSchema: Schema<AgentGroupObject> = schemaFor<AgentGroupObject>()(
  z.object({ name: nameField, agents: listOf(nameField, membersMax), annex }),
);
export const personSchema: Schema<PersonObject> = schemaFor<PersonObject>()(
  z.object({
    userName: nameField,
    employeeId: nameField,
    role: z.enum(["agent", "supervisor", "administrator"]),
    passwordHash: z.exactOptional(textField),
    agentLogins: listOf(nameField, membersMax),
    places: z.record(nameField, nameField),
    isDisabled: z.exactOptional(z.boolean()),
    annex,
  }),
);
export const agentLoginSchema: Schema<AgentLoginObject> = schemaFor<AgentLoginObject>()(
  z.object({ code: nameField, annex }),
);
export const placeSchema: Schema<PlaceObject> = schemaFor<PlaceObject>()(
  z.object({
    name: nameField,
    site: z.exactOptional(nameField),
    dns: listOf(nameField, membersMax),
    annex,
  }),
);
