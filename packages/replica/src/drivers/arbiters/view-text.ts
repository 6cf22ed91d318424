import type { ArbiterRequest } from "../../arbiter.ts";
import type { Incarnation, View } from "../../view.ts";

/**
 * A view and a request as text, and back: what comes from outside is looked at field by field, and
 * nothing else of it is kept. Null is "that is none".
 */
export const membersMax = 8;
export const incarnationMax = 128;

export function writeView({ epoch, primary, members, fallback }: View): string {
  return JSON.stringify({ epoch, primary, members, fallback });
}

export function parseView(text: string): View | null {
  const value = parseObject(text);
  return value === null ? null : readView(value);
}

export function readView(value: unknown): View | null {
  if (!isObject(value)) return null;
  const { epoch, primary, members, fallback } = value;
  if (!isWhole(epoch) || epoch < 1 || !isIncarnation(primary)) return null;
  if (!Array.isArray(members) || members.length > membersMax) return null;
  const list: readonly unknown[] = members;
  if (!list.every(isIncarnation)) return null;
  if (fallback !== null && !isIncarnation(fallback)) return null;
  return { epoch, primary, members: [...list], fallback };
}

export function readRequest(value: unknown): ArbiterRequest | null {
  if (!isObject(value)) return null;
  const { kind, expectedEpoch, onlyWithoutLease, primary } = value;
  if (kind === "read") return { kind };
  if (kind === "renew") return isIncarnation(primary) ? { kind, primary } : null;
  if (kind !== "change" || !isWhole(expectedEpoch)) return null;
  if (typeof onlyWithoutLease !== "boolean") return null;
  const view = readView(value["view"]);
  return view === null ? null : { kind, expectedEpoch, view, onlyWithoutLease };
}

export type PlainObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseObject(text: string): PlainObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null; // no JSON: the caller says so
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isIncarnation(value: unknown): value is Incarnation {
  return typeof value === "string" && value !== "" && value.length <= incarnationMax;
}
