import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * `tandem bench memory`: heap of a node per registered DN and per established call, after a full
 * collection. `bytesPerFreshCall` is that of a call whose transactions still stand.
 */
export interface MemoryBench {
  readonly name: "memory";
  readonly bytesPerDn: number;
  readonly bytesPerCall: number;
  readonly bytesPerFreshCall: number;
  readonly passed: boolean;
}

const dnCount = 10_000;
const callCount = 1_000;
export const bytesPerDnMax = 4_096;
export const bytesPerCallMax = 16_384;

const probe = fileURLToPath(new URL("./memory-probe.ts", import.meta.url));

export async function benchMemory(say: (line: string) => void): Promise<MemoryBench> {
  say(`${dnCount} DNs, then ${callCount} calls`);
  const options = ["--expose-gc", "--conditions=@tandem/source", probe];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...options,
    String(dnCount),
    String(callCount),
  ]);
  const read = JSON.parse(stdout) as Omit<MemoryBench, "name" | "passed">; // its own line
  const passed =
    read.bytesPerDn <= bytesPerDnMax &&
    read.bytesPerCall <= bytesPerCallMax &&
    read.bytesPerFreshCall <= bytesPerCallMax;
  return { name: "memory", ...read, passed };
}
