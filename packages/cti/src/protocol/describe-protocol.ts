import * as z from "zod/mini";
import { configEventSchemas, configRequestSchemas } from "../config/messages.ts";
import { configObjectSchemas } from "../config/objects.ts";
import type { Schema } from "../schema.ts";
import { addpFrameSchema } from "../session/addp-frame.ts";
import { tlibEventSchemas, tlibRequestSchemas } from "../tlib/messages.ts";

/**
 * The protocols as documents, made from the schemas that the servers validate with: JSON Schema
 * (2020-12) of every message, and one AsyncAPI 3.0 document over both channels. `docs/protocol`
 * holds what this prints; a test says when it is out of date.
 */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** By file name. */
export function describeProtocol(): Readonly<Record<string, JsonObject>> {
  return {
    "tlib.schema.json": schemaDocument("Tandem T-Library", {
      ...tlibRequestSchemas,
      ...tlibEventSchemas,
      AddpFrame: addpFrameSchema,
    }),
    "config.schema.json": schemaDocument("Tandem ConfigLib", {
      ...configRequestSchemas,
      ...configEventSchemas,
      ...configObjectSchemas,
      AddpFrame: addpFrameSchema,
    }),
    "asyncapi.json": asyncApi(),
  };
}

/** The text of one of the documents' files. */
export function protocolText(document: JsonObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

type Schemas = Readonly<Record<string, Schema<unknown>>>;

function schemaDocument(title: string, schemas: Schemas): JsonObject {
  const definitions = Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema)]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    $defs: Object.fromEntries(definitions) as JsonObject, // each value is an object of JSON
  };
}

function jsonSchema(schema: Schema<unknown>): JsonObject {
  const made = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const { $schema: _, ...rest } = made;
  return rest as JsonObject; // a JSON Schema is an object of JSON
}

function asyncApi(): JsonObject {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Tandem",
      version: "1",
      description: "JSON text frames on a WebSocket; one protocol a path.",
    },
    channels: {
      tlib: channel("/tlib", "tandem.tlib.1", [tlibRequestSchemas, tlibEventSchemas]),
      config: channel("/config", "tandem.config.1", [configRequestSchemas, configEventSchemas]),
    },
    operations: {
      ...operations("tlib", tlibRequestSchemas, tlibEventSchemas),
      ...operations("config", configRequestSchemas, configEventSchemas),
    },
  };
}

function channel(address: string, subprotocol: string, schemas: readonly Schemas[]): JsonObject {
  const file = `${subprotocol.split(".")[1] ?? ""}.schema.json`;
  const names = schemas.flatMap((each) => Object.keys(each));
  return {
    address,
    bindings: {
      ws: {
        headers: {
          type: "object",
          properties: { "Sec-WebSocket-Protocol": { type: "string", const: subprotocol } },
        },
      },
    },
    messages: Object.fromEntries(
      names.map((name) => [name, { name, payload: { $ref: `./${file}#/$defs/${name}` } }]),
    ),
  };
}

/** Seen from the server, as AsyncAPI 3 asks: it receives requests and sends events. */
function operations(name: string, requests: Schemas, events: Schemas): JsonObject {
  const reference = (message: string): JsonObject => ({
    $ref: `#/channels/${name}/messages/${message}`,
  });
  return {
    [`${name}Requests`]: {
      action: "receive",
      channel: { $ref: `#/channels/${name}` },
      messages: Object.keys(requests).map(reference),
    },
    [`${name}Events`]: {
      action: "send",
      channel: { $ref: `#/channels/${name}` },
      messages: Object.keys(events).map(reference),
    },
  };
}
