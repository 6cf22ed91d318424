import { fail, type Result } from "@tandem/kernel";
import { checkObject, failureOf, parseObject, type FrameFailure } from "../parse-frame.ts";
import type { Schema } from "../schema.ts";
import { addpFrameSchema, type AddpFrame } from "../session/addp-frame.ts";
import {
  tlibEventSchemas,
  tlibRequestSchemas,
  type TlibEvent,
  type TlibRegisterClient,
  type TlibRequest,
} from "./messages.ts";

/**
 * Reads a text frame of `/tlib`. A failure is ready to be sent back as EventError.
 *
 * @example
 * const decoded = decodeTlibRequest('{"request":"RequestQueryServer","referenceID":7}');
 * // { ok: true, value: { request: "RequestQueryServer", referenceID: 7 } }
 */
export function decodeTlibRequest(
  text: string,
): Result<TlibRegisterClient | TlibRequest | AddpFrame, FrameFailure> {
  const object = parseObject(text);
  if (!object.ok) return object;
  if (Object.hasOwn(object.value, "addp")) return checkObject(object.value, addpFrameSchema);
  const { request } = object.value;
  const schema = lookUp<TlibRegisterClient | TlibRequest>(tlibRequestSchemas, request);
  if (schema === undefined) return fail(failureOf("unknown-request", object.value));
  return checkObject(object.value, schema);
}

/**
 * The client's side: an event, an ADDP frame, or a failure that says what the server sent. An event
 * whose name this version does not know fails with `unknown-request`; a client ignores it.
 */
export function decodeTlibEvent(text: string): Result<TlibEvent | AddpFrame, FrameFailure> {
  const object = parseObject(text);
  if (!object.ok) return object;
  if (Object.hasOwn(object.value, "addp")) return checkObject(object.value, addpFrameSchema);
  const schema = lookUp<TlibEvent>(tlibEventSchemas, object.value.event);
  if (schema === undefined) return fail(failureOf("unknown-request", object.value));
  return checkObject(object.value, schema);
}

function lookUp<T>(
  schemas: { readonly [name: string]: Schema<T> },
  name: unknown,
): Schema<T> | undefined {
  return typeof name === "string" && Object.hasOwn(schemas, name) ? schemas[name] : undefined;
}
