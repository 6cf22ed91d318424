/**
 * In a process of its own, with the collector at hand: a switch with so many registered DNs, then
 * so many established calls whose transactions have run out, and what each cost in heap. Prints one
 * JSON line.
 */
import { createBenchState } from "./bench-state.ts";

const dnCount = Number(process.argv[2]);
const callCount = Number(process.argv[3]);

function heapBytes(): number {
  for (let round = 0; round < 4; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const bench = createBenchState(dnCount);
const empty = heapBytes();
for (let order = 0; order < dnCount; order += 1) bench.register(order);
bench.pass(40_000);
const withDns = heapBytes();
for (let order = 0; order < callCount; order += 1) bench.call(order);
const inSetUp = heapBytes();
bench.pass(40_000);
const withCalls = heapBytes();
const { calls } = bench.state;
if (calls.size !== callCount) throw new Error(`only ${calls.size} calls are up`);
process.stdout.write(
  `${JSON.stringify({
    bytesPerDn: Math.round((withDns - empty) / dnCount),
    bytesPerCall: Math.round((withCalls - withDns) / callCount),
    bytesPerFreshCall: Math.round((inSetUp - withDns) / callCount),
  })}\n`,
);
