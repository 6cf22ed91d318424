import { readFileSync, readdirSync } from "node:fs";

/** CPU seconds of a process and its children, from the scheduler's own count (Linux). */
export function cpuSeconds(pid: number): number {
  return tree(pid).reduce((sum, each) => sum + ofProcess(each), 0);
}

function tree(pid: number): number[] {
  const found = [pid];
  for (let index = 0; index < found.length; index += 1) {
    const each = found[index] as number; // index < length
    for (const task of list(`/proc/${each}/task`)) {
      const children = read(`/proc/${each}/task/${task}/children`).split(" ");
      found.push(...children.filter((child) => child !== "").map(Number));
    }
  }
  return found;
}

function ofProcess(pid: number): number {
  const nanoseconds = list(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0]),
    0,
  );
  return nanoseconds / 1e9;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // it has ended meanwhile
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "0"; // it has ended meanwhile
  }
}
