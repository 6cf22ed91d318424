/**
 * What a suite's `expected.json` wants of one message, and whether what was seen is that. The words
 * are the suites' own (`enums` in RFC 4475's file): `status` first, `also_ok` and the tolerant ones
 * beside it, a policy such as `any-final-except-400-and-5xx`, or an action of a role that answers
 * nothing.
 */
import type { Sent } from "../subject.ts";

export type StatusWord = number | "no-response";

export interface RoleExpectation {
  readonly status?: readonly StatusWord[];
  readonly also_ok?: readonly StatusWord[];
  readonly also_ok_archive_bytes?: readonly StatusWord[];
  readonly tolerant_status?: readonly StatusWord[];
  readonly status_policy?: string;
  readonly tolerant_policy?: string;
  readonly action?: string;
  readonly require_header?: readonly string[];
  readonly require_header_if?: Readonly<Record<string, string>>;
  readonly unsupported?: readonly string[];
  readonly bindings_added?: number;
}

export interface MessageExpectation {
  readonly id: string;
  readonly file: string;
  readonly kind?: "request" | "response";
  readonly parser?: "must-accept" | "should-accept" | "must-reject" | "may-reject";
  readonly roles?: Readonly<Record<string, RoleExpectation>>;
  /** The shape of known-cve: one expectation, whatever the role. */
  readonly expected?: RoleExpectation;
  readonly transport?: readonly string[];
  readonly top_via?: { readonly transport?: string };
  readonly asserts?: readonly (readonly [path: string, expected: unknown])[];
  readonly must_not?: readonly string[];
  readonly tcp?: { readonly action?: string; readonly messages?: number };
}

/** What one message brought about. */
export interface Seen {
  /** Responses to the sender, oldest first. */
  readonly responses: readonly Sent[];
  /** Requests to anybody. */
  readonly requests: readonly Sent[];
  readonly bindingsAdded: number;
  readonly callsMade: number;
}

/** What is wrong, as a sentence; null when all is as expected. */
export function compare(expected: RoleExpectation, seen: Seen): string | null {
  const finals = seen.responses.filter((each) => statusOf(each) >= 200);
  if (finals.length > 1) return `${finals.length} final responses`;
  const final = finals[0];
  const status = final === undefined ? 0 : statusOf(final);
  if (!isAnswerExpected(expected)) {
    return seen.responses.length === 0 ? null : `answered ${status}, expected silence`;
  }
  if (!isAllowed(expected, status)) {
    return `${status === 0 ? "no answer" : `answered ${status}`}, expected ${wanted(expected)}`;
  }
  return final === undefined ? null : (faultOfHeaders(expected, final) ?? faultOfBindings());

  function faultOfBindings(): string | null {
    const count = expected.bindings_added;
    if (count === undefined || status !== 200 || seen.bindingsAdded === count) return null;
    return `${seen.bindingsAdded} bindings added, expected ${count}`;
  }
}

export function statusOf({ message }: Sent): number {
  return message.kind === "response" ? message.status : 0;
}

function isAnswerExpected({ status, status_policy: policy, action }: RoleExpectation): boolean {
  return status !== undefined || policy !== undefined || action === undefined;
}

function isAllowed(expected: RoleExpectation, status: number): boolean {
  const words = [
    ...(expected.status ?? []),
    ...(expected.also_ok ?? []),
    ...(expected.also_ok_archive_bytes ?? []),
    ...(expected.tolerant_status ?? []),
  ];
  if (status === 0) return words.includes("no-response");
  if (words.includes(status)) return true;
  return [expected.status_policy, expected.tolerant_policy].some(
    (policy) => policy !== undefined && isWithin(policy, status),
  );
}

/** `any-final-except-400-and-5xx`; a policy of another form allows nothing. */
function isWithin(policy: string, status: number): boolean {
  const match = /^any-final(?:-except-(.+))?$/.exec(policy);
  if (match === null) return false;
  const but = match[1]?.split("-and-") ?? [];
  return !but.some((word) => word === String(status) || word === `${Math.floor(status / 100)}xx`);
}

function wanted(expected: RoleExpectation): string {
  const { status, also_ok: also, status_policy: policy } = expected;
  return [...(status ?? []), ...(also ?? []), ...(policy === undefined ? [] : [policy])].join(", ");
}

function faultOfHeaders(expected: RoleExpectation, { text, message }: Sent): string | null {
  const status = message.kind === "response" ? String(message.status) : "";
  const isPrimary = expected.status?.map(String).includes(status) === true;
  const own = expected.require_header_if?.[status];
  const names = [
    ...(isPrimary ? (expected.require_header ?? []) : []),
    ...(own === undefined ? [] : [own]),
  ];
  const missing = names.find((name) => !new RegExp(`^${name}:`, "im").test(text));
  if (missing !== undefined) return `${status} without ${missing}`;
  const unsupported = isPrimary ? (expected.unsupported ?? []) : [];
  const unnamed = unsupported.find((option) => !text.includes(option));
  return unnamed === undefined ? null : `${status} does not name ${unnamed} as unsupported`;
}

/** The `must_not` sentences that can be checked from outside; others are about the inside. */
const prohibitions: readonly (readonly [RegExp, (seen: Seen) => boolean])[] = [
  [/^answer (\d{3})\b/, () => false],
  [
    /^send any packet in answer/,
    ({ responses, requests }) => responses.length + requests.length > 0,
  ],
  [/^forward$|^forward with|^put a Route header/, ({ requests }) => requests.some(isStrange)],
  [/^create a (?:dialog|call)|^create a dialog or call/, ({ callsMade }) => callsMade > 0],
  [/^create a binding|^no binding/, ({ bindingsAdded }) => bindingsAdded > 0],
  [/^send anything to 255/, ({ requests }) => requests.length > 0],
  [/^open a connection to|^route on/, ({ requests }) => requests.length > 0],
];

export function forbidden(sentences: readonly string[], seen: Seen): string | null {
  for (const sentence of sentences) {
    const status = /^answer (\d{3})\b/.exec(sentence)?.[1];
    if (status !== undefined && seen.responses.some((each) => statusOf(each) === Number(status))) {
      return `must not ${sentence}`;
    }
    const broken = prohibitions.some(([form, isDone]) => form.test(sentence) && isDone(seen));
    if (broken) return `must not ${sentence}`;
  }
  return null;
}

/** A request of ours that carries what only the sender wrote: a route, a bracket, URI headers. */
function isStrange({ text, message }: Sent): boolean {
  if (message.kind === "response") return false;
  return /^Route:/im.test(text) || /[<>?]/.test(message.uri) || message.method !== "INVITE";
}
