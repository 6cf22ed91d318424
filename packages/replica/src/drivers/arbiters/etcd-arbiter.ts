import { leaseMs, type Arbiter, type ArbiterAnswer, type ArbiterRequest } from "../../arbiter.ts";
import type { Incarnation } from "../../view.ts";
import { type EtcdGateway, type EtcdTls, openEtcdGateway } from "./etcd-gateway.ts";
import {
  encode,
  type Holder,
  keysOf,
  type PairKeys,
  type PairState,
  readBoth,
  stateOf,
  writeHolder,
} from "./etcd-words.ts";
import { isObject, type PlainObject, writeView } from "./view-text.ts";

/**
 * etcd as the arbiter (decision 19). A change grants a lease of 3 s and puts the view and the
 * lease's key in one transaction, which compares the view's revision and, with `onlyWithoutLease`,
 * that there is no lease key. A renewal keeps the lease alive once and reads that the key is ours.
 */
export interface EtcdArbiterOptions {
  readonly endpoints: readonly string[];
  /** `/tandem` */
  readonly prefix: string;
  readonly pair: string;
  /** For a whole question, all members included. */
  readonly timeoutMs: number;
  readonly tls?: EtcdTls;
  /** What keeps it from answering, once each time that this changes. */
  readonly tell?: (sentence: string) => void;
}

interface Course {
  readonly gateway: EtcdGateway;
  readonly keys: PairKeys;
  /** By the clock of this process. */
  readonly endsAtMs: number;
  /** Notes why there is no answer. */
  readonly trouble: (sentence: string) => null;
}

type Change = Extract<ArbiterRequest, { kind: "change" }>;

const unknown: ArbiterAnswer = { kind: "unknown" };
/** gRPC's NotFound: the lease has lapsed. */
const notFound = 5;

export function openEtcdArbiter(options: EtcdArbiterOptions): Arbiter {
  const { endpoints, tls, prefix, pair, timeoutMs } = options;
  const gateway = openEtcdGateway({ endpoints, ...(tls !== undefined && { tls }) });
  const keys = keysOf(prefix, pair);
  let isClosed = false;
  let lastTold = "";
  const tell = (sentence: string): void => {
    if (sentence === lastTold) return;
    lastTold = sentence;
    if (sentence !== "") options.tell?.(`etcd: ${sentence}`);
  };
  /** The lease that was last seen as ours, so that a renewal is two calls side by side. */
  let known: Holder | null = null;
  const remember = (holder: Holder | null): void => {
    known = holder;
  };
  return {
    async ask(request) {
      if (isClosed) return unknown;
      let trouble = "";
      const course: Course = {
        gateway,
        keys,
        endsAtMs: performance.now() + timeoutMs,
        trouble(sentence) {
          trouble = sentence;
          return null;
        },
      };
      const answer = await answerTo(course, request, known, remember);
      tell(answer.kind === "unknown" ? trouble : "");
      return answer;
    },
    close() {
      isClosed = true;
      gateway.close();
      return Promise.resolve();
    },
  };
}

async function answerTo(
  course: Course,
  request: ArbiterRequest,
  known: Holder | null,
  remember: (holder: Holder | null) => void,
): Promise<ArbiterAnswer> {
  switch (request.kind) {
    case "read": {
      const state = await read(course);
      return state === null
        ? unknown
        : { kind: "read", view: state.view, hasLease: state.holder !== null };
    }
    case "renew":
      return renew(course, request.primary, known, remember);
    case "change":
      return change(course, request, remember);
  }
}

async function change(
  course: Course,
  request: Change,
  remember: (holder: Holder | null) => void,
): Promise<ArbiterAnswer> {
  const { keys } = course;
  const { view, onlyWithoutLease, expectedEpoch } = request;
  const [state, leaseId] = await Promise.all([read(course), grant(course)]);
  if (state === null) return unknown;
  const isFree = !onlyWithoutLease || state.holder === null;
  if ((state.view?.epoch ?? 0) !== expectedEpoch || !isFree) return notChanged(state);
  if (leaseId === null) return unknown;
  const holder = { primary: view.primary, leaseId };
  const compare: object[] = [{ key: keys.view, target: "MOD", modRevision: state.revision }];
  if (onlyWithoutLease) compare.push({ key: keys.lease, target: "VERSION", version: "0" });
  const said = await call(course, "/v3/kv/txn", {
    compare,
    success: [
      { requestPut: { key: keys.view, value: encode(writeView(view)) } },
      { requestPut: { key: keys.lease, value: encode(writeHolder(holder)), lease: leaseId } },
    ],
    failure: readBoth(keys),
  });
  if (said === null) return unknown;
  if (said["succeeded"] === true) {
    remember(holder);
    return { kind: "changed" };
  }
  const now = stateOf(said);
  return now === null ? unknown : notChanged(now);
}

function notChanged({ view, holder }: PairState): ArbiterAnswer {
  return { kind: "notChanged", view, hasLease: holder !== null };
}

/**
 * The read and the keeping go side by side where the lease is known from before. If the key is ours
 * when it is read and the lease lives when it is kept, no cold start came between the two: it needs
 * the key to be gone, which stays as long as its lease.
 */
async function renew(
  course: Course,
  primary: Incarnation,
  known: Holder | null,
  remember: (holder: Holder | null) => void,
): Promise<ArbiterAnswer> {
  const guess = known?.primary === primary ? known.leaseId : null;
  const [state, guessed] = await Promise.all([
    read(course),
    guess === null ? null : keepAlive(course, guess),
  ]);
  if (state === null) return unknown;
  const { holder } = state;
  const isOurs = holder !== null && holder.primary === primary;
  remember(isOurs ? holder : null);
  if (!isOurs) return { kind: "lapsed" };
  const kept = holder.leaseId === guess ? guessed : await keepAlive(course, holder.leaseId);
  if (kept === null) return unknown;
  return { kind: kept === "kept" ? "renewed" : "lapsed" };
}

async function read(course: Course): Promise<PairState | null> {
  const said = await call(course, "/v3/kv/txn", { success: readBoth(course.keys) });
  if (said === null) return null;
  return stateOf(said) ?? course.trouble("what stands under the pair's keys is no view");
}

async function grant(course: Course): Promise<string | null> {
  const said = await call(course, "/v3/lease/grant", { TTL: String(leaseMs / 1_000) });
  if (said === null) return null;
  const { ID: id } = said;
  if (typeof id === "string") return id;
  return course.trouble("the grant of a lease was answered without its number");
}

async function keepAlive(course: Course, id: string): Promise<"kept" | "gone" | null> {
  const answer = await course.gateway.call("/v3/lease/keepalive", { ID: id }, course.endsAtMs);
  if (answer.kind === "refused" && answer.code === notFound) return "gone";
  if (answer.kind !== "said") return course.trouble(answer.say);
  const { result } = answer.value;
  // A lease that has lapsed is answered with a time to live of zero, which is left out.
  const ttl = isObject(result) ? Number(result["TTL"] ?? 0) : Number.NaN;
  if (Number.isNaN(ttl)) return course.trouble("a lease was kept without a result");
  return ttl > 0 ? "kept" : "gone";
}

async function call(course: Course, path: string, body: object): Promise<PlainObject | null> {
  const answer = await course.gateway.call(path, body, course.endsAtMs);
  return answer.kind === "said" ? answer.value : course.trouble(answer.say);
}
