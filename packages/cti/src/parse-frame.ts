import { fail, ok, type Result } from "@tandem/kernel";
import type { core } from "zod/mini";
import { errorSentence, type ErrorCode } from "./error-codes.ts";
import { frameBytesMax, referenceIDMax, utf8Length } from "./limits.ts";
import type { Schema } from "./schema.ts";

/**
 * From a text frame to a value that its schema vouches for (cti.md, Wire). Whatever is wrong is a
 * value that can be sent back as EventError. Unknown fields are dropped. A machine's state may hold
 * neither lone surrogates nor -0 (architecture.md, The machine), and neither gets past here.
 */
export interface FrameFailure {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  /** The field at fault, as a path: `restore.state`. */
  readonly field?: string;
  /** The request's own, where it could be read: the EventError carries it. */
  readonly referenceID?: number;
}

export type FrameObject = { readonly [key: string]: unknown };

/** A frame's text as a JSON object. */
export function parseObject(text: string): Result<FrameObject, FrameFailure> {
  if (isTooLarge(text)) return fail(failureOf("frame-too-large"));
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail(failureOf("not-json"));
  }
  return ok(value as FrameObject); // checked in the line above
}

/** An object against a schema. */
export function checkObject<T>(object: FrameObject, schema: Schema<T>): Result<T, FrameFailure> {
  const parsed = schema.safeParse(object);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const field = issue === undefined ? "" : issue.path.map(String).join(".");
  const wrong = issue === undefined ? "is not valid" : describeIssue(issue, valueAt(object, issue));
  return fail({
    errorCode: "invalid-field",
    errorMessage: `${field === "" ? "The frame" : field} ${wrong}.`,
    ...(field === "" ? {} : { field }),
    ...referenceOf(object),
  });
}

export function failureOf(errorCode: ErrorCode, object?: FrameObject): FrameFailure {
  return {
    errorCode,
    errorMessage: errorSentence(errorCode),
    ...(object === undefined ? {} : referenceOf(object)),
  };
}

function referenceOf(object: FrameObject): { readonly referenceID?: number } {
  const { referenceID } = object;
  const isReference =
    typeof referenceID === "number" &&
    Number.isInteger(referenceID) &&
    referenceID >= 1 &&
    referenceID <= referenceIDMax;
  return isReference ? { referenceID } : {};
}

function isTooLarge(text: string): boolean {
  if (text.length > frameBytesMax) return true;
  if (text.length * 3 <= frameBytesMax) return false; // no unit takes more than three bytes
  return utf8Length(text) > frameBytesMax;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return needsCare.test(text) ? careFor(value) : value;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** An escaped surrogate, a negative zero, or a key that means something to JavaScript. */
const needsCare = /\\u[dD]|-[0.]*0|-[0-9.]*[eE]|__proto__/;

function careFor(value: unknown): unknown {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(careFor);
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key !== "__proto__") kept[wellFormed(key)] = careFor(inner);
  }
  return kept;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd"); // with `u`, a pair is no surrogate
}

function valueAt(object: FrameObject, issue: core.$ZodIssue): unknown {
  let value: unknown = object;
  for (const step of issue.path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step]; // an issue's path leads there
  }
  return value;
}

function describeIssue(issue: core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.path.length > 0) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${withArticle(issue.expected)}`;
    case "invalid_value":
      return `must be one of ${issue.values.map((each) => JSON.stringify(each)).join(", ")}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "too_small":
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.pattern === undefined ? "has a wrong form" : `must match ${issue.pattern}`;
    case "custom":
      return `must be ${String(issue.params?.["limit"] ?? "valid")}`;
    default:
      return "has a wrong value";
  }
}

function withArticle(expected: string): string {
  if (expected === "int") return "a whole number";
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters long";
  return origin === "array" ? " items long" : "";
}
