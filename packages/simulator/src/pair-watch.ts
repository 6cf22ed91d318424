import type { Frame } from "@tandem/kernel";
import { digestOf, encode, lastIndexOf, leaseMs } from "@tandem/replica";
import type { Effect, Input } from "@tandem/switch";
import type { Pair, PairNode } from "./pair-node.ts";
import { fail, type World } from "./world.ts";

/**
 * What is watched of a pair all the time (replication's rules): frames of one epoch give the same
 * on both nodes, nobody but the view's primary releases anything, a lone one only with its lease,
 * and whoever serves next knows everything that has left.
 */
export interface PairWatch {
  /** The digest after each of the last frames, by history, epoch and index. */
  readonly frames: Map<string, string>;
  /** The same by node and index, of the machine it holds. */
  readonly held: Record<"a" | "b", Held>;
  /** The last that left. */
  released: { readonly history: string; readonly index: number; readonly digest: string } | null;
  /** More than one thing went wrong at once: a cold start is no failure before both are whole. */
  isExcused: boolean;
  coldStarts: number;
  takeovers: number;
  /** Calls that phones talk in, when their primary was struck; they must be served again. */
  talking: readonly string[];
}

interface Held {
  history: string;
  readonly digests: Map<number, string>;
}

const framesMax = 4_000;

export function createPairWatch(): PairWatch {
  return {
    frames: new Map(),
    held: {
      a: { history: "", digests: new Map() },
      b: { history: "", digests: new Map() },
    },
    released: null,
    isExcused: true, // until both have been whole once
    coldStarts: 0,
    takeovers: 0,
    talking: [],
  };
}

export function watchStep(
  world: World,
  { site, watch }: Pair,
  process: PairNode,
  frame: Frame<Input>,
): void {
  const { node } = process;
  if (node?.replica === null || node?.replica === undefined) return;
  const { replica, history } = node;
  const digest = digestOf(replica);
  const index = lastIndexOf(replica);
  const key = `${history} ${frame.epoch} ${index}`;
  const known = watch.frames.get(key);
  if (known === undefined) remember(watch.frames, key, digest);
  else if (known !== digest) fail(world, `${site}: the machines differ after ${key}`);
  const held = watch.held[process.name];
  if (held.history !== history) {
    held.history = history;
    held.digests.clear();
  }
  remember(held.digests, index, digest);
}

function remember<Key>(map: Map<Key, string>, key: Key, digest: string): void {
  map.set(key, digest);
  if (map.size <= framesMax) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

export function watchRelease(
  world: World,
  pair: Pair,
  process: PairNode,
  effects: readonly Effect[],
): void {
  const { node } = process;
  const { site, watch, store } = pair;
  if (node === null || effects.length === 0) return;
  const { incarnation } = node.setup;
  const who = `${site} ${process.name}`;
  if (store.view?.primary !== incarnation) fail(world, `${who} releases, and is not the primary`);
  const hasLease = store.holder === incarnation && world.nowMs < store.heldUntilMs;
  if (node.view?.members.length === 1 && !hasLease) {
    fail(world, `${who} is alone, and releases without its lease (${leaseMs} ms)`);
  }
  const { history, releasedIndex: index } = node;
  const digest = watch.held[process.name].digests.get(index);
  const standby = pair.nodes.find((each) => each !== process)?.node ?? null;
  const isListed = standby !== null && store.view?.members.includes(standby.setup.incarnation);
  if (isListed === true && standby?.replica !== null && standby?.replica !== undefined) {
    const known = lastIndexOf(standby.replica);
    if (known < index) fail(world, `${who} releases ${index}, its standby holds ${known}`);
  }
  if (watch.released !== null && watch.released.history === history) {
    if (index < watch.released.index) fail(world, `${who} releases ${index} a second time`);
  }
  if (digest !== undefined) watch.released = { history, index, digest };
}

/** Everything that left is known to whoever serves. */
export function watchServe(world: World, { site, watch }: Pair, process: PairNode): void {
  const { node } = process;
  const { released } = watch;
  const replica = node?.replica ?? null;
  if (node === null || replica === null || released === null) return;
  if (node.history !== released.history) {
    // A cold start: what was lost is lost, and was judged by its notice.
    watch.released = null;
    return;
  }
  const who = `${site} ${process.name}`;
  if (lastIndexOf(replica) < released.index) {
    fail(world, `${who} serves at ${lastIndexOf(replica)}, ${released.index} has left`);
    return;
  }
  const own = watch.held[process.name];
  const digest = own.history === node.history ? own.digests.get(released.index) : undefined;
  if (digest !== undefined && digest !== released.digest) {
    fail(world, `${who} serves, and has stepped something else than what left`);
  }
}

export function isWhole(pair: Pair): boolean {
  const { nodes, store } = pair;
  if (nodes.some(({ node, isPaused }) => node === null || isPaused)) return false;
  if (store.view?.members.length !== 2) return false;
  const roles = nodes.map(({ node }) => node?.role);
  const isServed = nodes.some(({ node }) => node?.role === "primary" && node.doors === "open");
  return isServed && roles.includes("standby");
}

/** After the last fault: two members, one primary, one standby. */
export function checkWhole(world: World, pair: Pair): void {
  if (isWhole(pair)) return;
  const roles = pair.nodes.map(({ name, node }) => `${name} ${node?.role ?? "dead"}`);
  fail(world, `${pair.site} is not whole long after the last fault: ${roles.join(", ")}`);
}

/** Both machines stand at the same place of the same history. */
export function isLevel({ nodes: [a, b] }: Pair): boolean {
  const [one, two] = [a.node?.replica ?? null, b.node?.replica ?? null];
  if (one === null || two === null || a.node?.history !== b.node?.history) return false;
  return lastIndexOf(one) === lastIndexOf(two);
}

/** At the same place the whole state is the same, text by text. */
export function checkSame(world: World, { site, nodes: [a, b] }: Pair): void {
  const one = encode(a.node?.replica?.state ?? null);
  const two = encode(b.node?.replica?.state ?? null);
  if (one === two) return;
  let at = 0;
  while (one[at] === two[at]) at += 1;
  const [left, right] = [one, two].map((text) => text.slice(Math.max(0, at - 80), at + 80));
  fail(world, `${site}: the states differ: ${left} / ${right}`);
}
