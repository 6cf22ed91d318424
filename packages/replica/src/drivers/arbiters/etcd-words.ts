import type { Incarnation, View } from "../../view.ts";
import { isObject, parseObject, parseView, type PlainObject } from "./view-text.ts";

/**
 * What stands in etcd for a pair, and how the gateway writes it: bytes in base64, 64-bit numbers as
 * decimal text, zeros left out.
 *
 *     PREFIX/PAIR/view    the view, JSON
 *     PREFIX/PAIR/lease   { primary, lease }, attached to that lease: gone when it lapses
 */
export interface PairKeys {
  readonly view: string;
  readonly lease: string;
}

export interface PairState {
  readonly view: View | null;
  /** Of the view's key; "0" where there is none. */
  readonly revision: string;
  readonly holder: Holder | null;
}

export interface Holder {
  readonly primary: Incarnation;
  readonly leaseId: string;
}

export function keysOf(prefix: string, pair: string): PairKeys {
  const base = `${prefix.replace(/\/+$/, "")}/${pair}`;
  return { view: encode(`${base}/view`), lease: encode(`${base}/lease`) };
}

export function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** Reads both keys at one revision, through a quorum. */
export function readBoth(keys: PairKeys): readonly object[] {
  return [{ requestRange: { key: keys.view } }, { requestRange: { key: keys.lease } }];
}

/** The state that the two reads of a transaction tell; null where they tell none. */
export function stateOf(answer: PlainObject): PairState | null {
  const responses: unknown = answer["responses"];
  if (!Array.isArray(responses) || responses.length !== 2) return null;
  const [viewKey, leaseKey] = responses.map(keyOf);
  if (viewKey === undefined || leaseKey === undefined) return null;
  const holder = leaseKey === null ? null : holderOf(leaseKey);
  if (leaseKey !== null && holder === null) return null;
  if (viewKey === null) return { view: null, revision: "0", holder };
  const view = parseView(viewKey.text);
  return view === null ? null : { view, revision: viewKey.revision, holder };
}

export function writeHolder({ primary, leaseId }: Holder): string {
  return JSON.stringify({ primary, lease: leaseId });
}

/** The lease's id is the one that the key is attached to: the value's is for people. */
function holderOf({ text, leaseId }: Key): Holder | null {
  const { primary } = parseObject(text) ?? {};
  return typeof primary === "string" ? { primary, leaseId } : null;
}

interface Key {
  readonly text: string;
  readonly revision: string;
  readonly leaseId: string;
}

/** Null: the key is absent; undefined: this is no answer to a read. */
function keyOf(response: unknown): Key | null | undefined {
  const range = isObject(response) ? response["response_range"] : undefined;
  if (!isObject(range)) return undefined;
  const kvs: unknown = range["kvs"] ?? [];
  if (!Array.isArray(kvs)) return undefined;
  const kv: unknown = kvs[0];
  if (kv === undefined) return null;
  if (!isObject(kv) || typeof kv["value"] !== "string") return undefined;
  const revision = kv["mod_revision"];
  const lease = kv["lease"] ?? "0";
  if (typeof revision !== "string" || typeof lease !== "string") return undefined;
  return { text: Buffer.from(kv["value"], "base64").toString("utf8"), revision, leaseId: lease };
}
