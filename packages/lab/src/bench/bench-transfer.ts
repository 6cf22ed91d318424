import { encode } from "@tandem/replica";
import { stateSnapshots } from "@tandem/sip-server/testing";
import { round } from "./bench-calls.ts";
import { createBenchState, type BenchState } from "./bench-state.ts";

/**
 * `tandem bench transfer`: the state of a node with registered DNs and calls goes to another one
 * (packages/replica/SPEC.md H5) while calls come in: a call every few slices. Times
 * are of the sender, whose calls must not notice; the process has transferred nothing before, as in
 * life.
 */
export interface TransferBench {
  readonly name: "transfer";
  readonly slices: number;
  /** The thread's work for a slice, of 99 in a hundred; the longest meet the collector. */
  readonly sliceP99Ms: number;
  /** By the clock: whatever else runs on the machine is in it. */
  readonly longestSliceMs: number;
  /** All that is done in one turn: the end of the transfer. */
  readonly pauseMs: number;
  readonly bytes: number;
  readonly restBytes: number;
  /** The receiver's time to put it together. */
  readonly assembleMs: number;
  readonly rows: Readonly<Record<"dns" | "calls" | "transactions" | "events" | "timers", number>>;
  /** H9: the pieces in which both nodes look at it, and the work for one, of 99 in a hundred. */
  readonly pieces: number;
  readonly pieceP99Ms: number;
  /** The copy's text is the source's, and its pieces are the source's. */
  readonly isEqual: boolean;
  readonly passed: boolean;
}

const dnCount = 10_000;
const callCount = 1_000;
/** 1,500 registrations a second, and 50 calls. */
const registrationsAFrame = 375;
const callsAFrame = 12;
const frameMs = 250;
/** A slice and its acknowledgement take a millisecond or two. */
const slicesACall = 8;
const sliceMsMax = 5;
const pauseMsMax = 150;

export function benchTransfer(say: (line: string) => void): TransferBench {
  const bench = createBenchState(dnCount);
  for (let order = 0; order < dnCount; order += 1) {
    if (order % registrationsAFrame === 0) bench.pass(frameMs);
    bench.register(order);
  }
  watchDns(bench);
  for (let order = 0; order < callCount; order += 1) {
    if (order % callsAFrame === 0) bench.pass(frameMs);
    bench.call(order);
  }
  const { state } = bench;
  const rows = {
    dns: state.dns.size,
    calls: state.calls.size,
    transactions: state.transactions.size,
    events: state.ring.entries.size,
    timers: state.timers.armed.size,
  };
  say(JSON.stringify(rows));
  const sent = send(bench);
  const bytes = sent.texts.reduce((sum, text) => sum + text.length, sent.rest.length);
  const before = performance.now();
  const assembly = stateSnapshots.assemble();
  const isTaken = sent.texts.every((text) => assembly.add(text));
  const copy = assembly.finish(sent.rest);
  const assembleMs = round(performance.now() - before);
  const ours = walk(state);
  const digests = copy === null ? "" : walk(copy).digests;
  const isEqual = isTaken && encode(copy) === encode(state) && digests === ours.digests;
  const sliceP99Ms = p99(sent.workMs);
  const pieceP99Ms = p99(ours.workMs);
  const { pauseMs } = sent;
  return {
    name: "transfer",
    slices: sent.texts.length,
    sliceP99Ms,
    longestSliceMs: round(Math.max(...sent.sliceMs)),
    pauseMs,
    bytes,
    restBytes: sent.rest.length,
    assembleMs,
    rows,
    pieces: ours.workMs.length,
    pieceP99Ms,
    isEqual,
    passed: isEqual && Math.max(sliceP99Ms, pieceP99Ms) <= sliceMsMax && pauseMs <= pauseMsMax,
  };
}

function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return round(sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN);
}

/** As the nodes of a pair compare it (H9). */
function walk(state: BenchState["state"]): {
  readonly digests: string;
  readonly workMs: readonly number[];
} {
  const walking = stateSnapshots.walk(state);
  const workMs: number[] = [];
  let digests = "";
  for (;;) {
    const used = process.threadCpuUsage();
    const piece = walking.next();
    const { user, system } = process.threadCpuUsage(used);
    if (piece === null) return { digests, workMs };
    workMs.push((user + system) / 1_000);
    digests += `${piece.digest} `;
  }
}

interface Sent {
  readonly texts: readonly string[];
  readonly rest: string;
  readonly sliceMs: readonly number[];
  readonly workMs: readonly number[];
  readonly pauseMs: number;
}

function send(bench: BenchState): Sent {
  const snapshot = stateSnapshots.open(bench.state);
  const texts: string[] = [];
  const sliceMs: number[] = [];
  const workMs: number[] = [];
  for (;;) {
    const before = performance.now();
    const used = process.threadCpuUsage();
    const slice = snapshot.next();
    const { user, system } = process.threadCpuUsage(used);
    workMs.push((user + system) / 1_000);
    sliceMs.push(performance.now() - before);
    if (slice === null) break;
    texts.push(slice);
    const order = callCount + texts.length;
    if (texts.length % slicesACall === 0) bench.call(order);
  }
  const before = performance.now();
  const rest = snapshot.finish();
  return {
    texts,
    rest,
    sliceMs,
    workMs,
    pauseMs: round(performance.now() - before),
  };
}

/** A desktop for each DN that is called, so that there are events to keep. */
function watchDns({ step, numbers }: BenchState): void {
  const called = numbers.slice(0, callCount * 2);
  for (const number of called) {
    const identity = {
      userName: `agent-${number}`,
      role: "agent",
      agentLogins: [number],
      dns: [number],
      isExpired: false,
    } as const;
    const connection = `1.${number}`;
    const request = { request: "RequestRegisterAddress", referenceID: 2, thisDN: number } as const;
    step([
      {
        kind: "ctiRegister",
        connection,
        referenceID: 1,
        identity,
        applicationName: "desktop",
        resume: null,
      },
      { kind: "ctiRequest", connection, request },
    ]);
  }
}
