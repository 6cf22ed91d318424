import * as z from "zod/mini";
import { membersMax, objectsMax } from "../limits.ts";
import {
  countField,
  listOf,
  nameField,
  referenceIDField,
  schemaFor,
  textField,
  timeField,
  type Schema,
} from "../schema.ts";
import { eventErrorSchema, tokenField, type EventError } from "../tlib/session-messages.ts";
import {
  configObjectSchemas,
  type ConfigObject,
  type ConfigObjectType,
  type TandemObjects,
} from "./objects.ts";

/**
 * ConfigLib (cti.md, ConfigLib): log in, read, and hear of changes.
 *
 *   RequestLogin        → EventLogin        a token for all servers, and the person's objects
 *   RequestReadObjects  → EventObjects
 *   RequestSubscribe    → EventSubscribed, then EventObjectChanged for each change
 */
export interface RequestLogin {
  readonly request: "RequestLogin";
  readonly referenceID: number;
  /** With `password`; or else `token`; or else `applicationSecret`, for a server. */
  readonly user?: string;
  readonly password?: string;
  /** One still good, of either site. */
  readonly token?: string;
  readonly applicationName: string;
  readonly applicationSecret?: string;
}

export interface RequestReadObjects {
  readonly request: "RequestReadObjects";
  readonly referenceID: number;
  readonly type: ConfigObjectType;
  /** Only objects whose fields equal all of these. */
  readonly filter?: ObjectFilter;
  /** The next page: objects whose key comes after this one (`EventObjects.next`). */
  readonly after?: string;
}

export interface ObjectFilter {
  readonly [field: string]: string | number | boolean;
}

export interface RequestSubscribe {
  readonly request: "RequestSubscribe";
  readonly referenceID: number;
  /** Changes after this one are sent; absent: from now on. */
  readonly revision?: number;
  /** Absent: all types. */
  readonly types?: readonly ConfigObjectType[];
}

export interface EventLogin {
  readonly event: "EventLogin";
  readonly referenceID: number;
  readonly token: string;
  /** Epoch milliseconds of the token's end. */
  readonly expires: number;
  /** Names of the sites of the person's group. */
  readonly sites: readonly string[];
  readonly objects: LoginObjects;
  readonly revision: number;
}

/** What a desktop needs to begin with, without secrets. A server's login has no person. */
export interface LoginObjects {
  readonly person?: TandemObjects["Person"];
  readonly tenant?: TandemObjects["Tenant"];
  readonly agentGroups: readonly TandemObjects["AgentGroup"][];
  readonly agentLogins: readonly TandemObjects["AgentLogin"][];
  readonly places: readonly TandemObjects["Place"][];
  readonly dns: readonly TandemObjects["Dn"][];
  readonly applications: readonly TandemObjects["Application"][];
  readonly hosts: readonly TandemObjects["Host"][];
  readonly groups: readonly TandemObjects["Group"][];
}

export interface EventObjects {
  readonly event: "EventObjects";
  readonly referenceID: number;
  readonly type: ConfigObjectType;
  readonly objects: readonly ConfigObject[];
  readonly revision: number;
  /** There are more, which did not fit into the frame: ask again with `after`. */
  readonly next?: string;
}

export interface EventSubscribed {
  readonly event: "EventSubscribed";
  readonly referenceID: number;
  readonly revision: number;
}

/** One change. Of a deleted object, what it was. */
export type EventObjectChanged = {
  readonly [Type in ConfigObjectType]: {
    readonly event: "EventObjectChanged";
    readonly revision: number;
    readonly change: ObjectChange;
    readonly type: Type;
    readonly object: TandemObjects[Type];
  };
}[ConfigObjectType];

export type ObjectChange = "created" | "updated" | "deleted";

export type ConfigRequest = RequestLogin | RequestReadObjects | RequestSubscribe;
export type ConfigEvent =
  | EventLogin
  | EventObjects
  | EventSubscribed
  | EventObjectChanged
  | EventError;

const typeField: Schema<ConfigObjectType> = z.enum([
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
]);
const secretField = z.string().check(z.maxLength(1_024));

const requestLoginSchema = schemaFor<RequestLogin>()(
  z.object({
    request: z.literal("RequestLogin"),
    referenceID: referenceIDField,
    user: z.exactOptional(nameField),
    password: z.exactOptional(secretField),
    token: z.exactOptional(tokenField),
    applicationName: nameField,
    applicationSecret: z.exactOptional(secretField),
  }),
);
const requestReadObjectsSchema = schemaFor<RequestReadObjects>()(
  z.object({
    request: z.literal("RequestReadObjects"),
    referenceID: referenceIDField,
    type: typeField,
    filter: z.exactOptional(z.record(nameField, z.union([textField, z.number(), z.boolean()]))),
    after: z.exactOptional(nameField),
  }),
);
const requestSubscribeSchema = schemaFor<RequestSubscribe>()(
  z.object({
    request: z.literal("RequestSubscribe"),
    referenceID: referenceIDField,
    revision: z.exactOptional(countField),
    types: z.exactOptional(listOf(typeField, 10)),
  }),
);

const loginObjectsSchema = schemaFor<LoginObjects>()(
  z.object({
    person: z.exactOptional(configObjectSchemas.Person),
    tenant: z.exactOptional(configObjectSchemas.Tenant),
    agentGroups: listOf(configObjectSchemas.AgentGroup, objectsMax),
    agentLogins: listOf(configObjectSchemas.AgentLogin, objectsMax),
    places: listOf(configObjectSchemas.Place, objectsMax),
    dns: listOf(configObjectSchemas.Dn, objectsMax),
    applications: listOf(configObjectSchemas.Application, objectsMax),
    hosts: listOf(configObjectSchemas.Host, objectsMax),
    groups: listOf(configObjectSchemas.Group, objectsMax),
  }),
);
const eventLoginSchema = schemaFor<EventLogin>()(
  z.object({
    event: z.literal("EventLogin"),
    referenceID: referenceIDField,
    token: tokenField,
    expires: timeField,
    sites: listOf(nameField, membersMax),
    objects: loginObjectsSchema,
    revision: countField,
  }),
);

function objectsOf<Type extends ConfigObjectType>(type: Type) {
  return z.object({
    event: z.literal("EventObjects"),
    referenceID: referenceIDField,
    type: z.literal(type),
    objects: listOf(configObjectSchemas[type], objectsMax),
    revision: countField,
    next: z.exactOptional(nameField),
  });
}
function changeOf<Type extends ConfigObjectType>(type: Type) {
  return z.object({
    event: z.literal("EventObjectChanged"),
    revision: countField,
    change: z.enum(["created", "updated", "deleted"]),
    type: z.literal(type),
    object: configObjectSchemas[type],
  });
}

const eventObjectsSchema: Schema<EventObjects> = z.discriminatedUnion("type", [
  objectsOf("Tenant"),
  objectsOf("AgentGroup"),
  objectsOf("Person"),
  objectsOf("AgentLogin"),
  objectsOf("Place"),
  objectsOf("Application"),
  objectsOf("Host"),
  objectsOf("Group"),
  objectsOf("Switch"),
  objectsOf("Dn"),
]);
const eventObjectChangedSchema: Schema<EventObjectChanged> = z.discriminatedUnion("type", [
  changeOf("Tenant"),
  changeOf("AgentGroup"),
  changeOf("Person"),
  changeOf("AgentLogin"),
  changeOf("Place"),
  changeOf("Application"),
  changeOf("Host"),
  changeOf("Group"),
  changeOf("Switch"),
  changeOf("Dn"),
]);
const eventSubscribedSchema = schemaFor<EventSubscribed>()(
  z.object({
    event: z.literal("EventSubscribed"),
    referenceID: referenceIDField,
    revision: countField,
  }),
);

export const configRequestSchemas: {
  readonly [Name in ConfigRequest["request"]]: Schema<Extract<ConfigRequest, { request: Name }>>;
} = {
  RequestLogin: requestLoginSchema,
  RequestReadObjects: requestReadObjectsSchema,
  RequestSubscribe: requestSubscribeSchema,
};

export const configEventSchemas: {
  readonly [Name in ConfigEvent["event"]]: Schema<Extract<ConfigEvent, { event: Name }>>;
} = {
  EventLogin: eventLoginSchema,
  EventObjects: eventObjectsSchema,
  EventSubscribed: eventSubscribedSchema,
  EventObjectChanged: eventObjectChangedSchema,
  EventError: eventErrorSchema,
};
