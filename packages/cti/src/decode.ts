import { fail, type Result } from "@tandem/kernel";
import {
  configEventSchemas,
  configRequestSchemas,
  type ConfigEvent,
  type ConfigRequest,
} from "./config/messages.ts";
import { checkObject, failureOf, parseObject, type FrameFailure } from "./parse-frame.ts";
import type { Schema } from "./schema.ts";
import { addpFrameSchema, type AddpFrame } from "./session/addp-frame.ts";
import {
  tlibEventSchemas,
  tlibRequestSchemas,
  type TlibEvent,
  type TlibRegisterClient,
  type TlibRequest,
} from "./tlib/messages.ts";

/**
 * Text frames of `/tlib` and `/config` as messages, for both sides. A server sends a failure back
 * as EventError; a client that meets an event it does not know (`unknown-request`) ignores it.
 *
 * @example
 * const decoded = decodeTlibRequest('{"request":"RequestQueryServer","referenceID":7}');
 * // { ok: true, value: { request: "RequestQueryServer", referenceID: 7 } }
 */
export function decodeTlibRequest(
  text: string,
): Result<TlibRegisterClient | TlibRequest | AddpFrame, FrameFailure> {
  return decode<TlibRegisterClient | TlibRequest>(text, "request", tlibRequestSchemas);
}

export function decodeTlibEvent(text: string): Result<TlibEvent | AddpFrame, FrameFailure> {
  return decode<TlibEvent>(text, "event", tlibEventSchemas);
}

export function decodeConfigRequest(text: string): Result<ConfigRequest | AddpFrame, FrameFailure> {
  return decode<ConfigRequest>(text, "request", configRequestSchemas);
}

export function decodeConfigEvent(text: string): Result<ConfigEvent | AddpFrame, FrameFailure> {
  return decode<ConfigEvent>(text, "event", configEventSchemas);
}

function decode<Message>(
  text: string,
  discriminant: "request" | "event",
  schemas: { readonly [name: string]: Schema<Message> },
): Result<Message | AddpFrame, FrameFailure> {
  const object = parseObject(text);
  if (!object.ok) return object;
  if (Object.hasOwn(object.value, "addp")) return checkObject(object.value, addpFrameSchema);
  const name = object.value[discriminant];
  const schema = typeof name === "string" && Object.hasOwn(schemas, name) ? schemas[name] : null;
  if (schema === null || schema === undefined) {
    return fail(failureOf("unknown-request", object.value));
  }
  return checkObject(object.value, schema);
}
