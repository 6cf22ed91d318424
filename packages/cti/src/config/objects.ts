import type { Schema } from "../schema.ts";
import * as deployment from "./deployment-objects.ts";
import * as person from "./person-objects.ts";

/** All types of configuration objects: the map of types, the table of schemas, and their keys. */
export interface TandemObjects {
  readonly Tenant: person.TenantObject;
  readonly AgentGroup: person.AgentGroupObject;
  readonly Person: person.PersonObject;
  readonly AgentLogin: person.AgentLoginObject;
  readonly Place: person.PlaceObject;
  readonly Application: deployment.ApplicationObject;
  readonly Host: deployment.HostObject;
  readonly Group: deployment.GroupObject;
  readonly Switch: deployment.SwitchObject;
  readonly Dn: deployment.DnObject;
}

export type ConfigObjectType = keyof TandemObjects;
export type ConfigObject = TandemObjects[ConfigObjectType];

export const configObjectSchemas: {
  readonly [Type in ConfigObjectType]: Schema<TandemObjects[Type]>;
} = {
  Tenant: person.tenantSchema,
  AgentGroup: person.agentGroupSchema,
  Person: person.personSchema,
  AgentLogin: person.agentLoginSchema,
  Place: person.placeSchema,
  Application: deployment.applicationSchema,
  Host: deployment.hostSchema,
  Group: deployment.groupSchema,
  Switch: deployment.switchSchema,
  Dn: deployment.dnSchema,
};

export const configObjectTypes: readonly ConfigObjectType[] = [
  "Tenant",
  "AgentGroup",
  "Person",
  "AgentLogin",
  "Place",
  "Application",
  "Host",
  "Group",
  "Switch",
  "Dn",
];

const keyFields: { readonly [Type in ConfigObjectType]: keyof TandemObjects[Type] & string } = {
  Tenant: "name",
  AgentGroup: "name",
  Person: "userName",
  AgentLogin: "code",
  Place: "name",
  Application: "name",
  Host: "name",
  Group: "name",
  Switch: "name",
  Dn: "number",
};

/** What names an object among those of its type: a Person's user name, a DN's number. */
export function objectKeyOf<Type extends ConfigObjectType>(
  type: Type,
  object: TandemObjects[Type],
): string {
  return String(object[keyFields[type] as keyof TandemObjects[Type]]); // a key field is text
}

/** The field that holds the key: a filter of ReadObjects by it finds one object. */
export function objectKeyField(type: ConfigObjectType): string {
  return keyFields[type];
}
