import { execFileSync } from "node:child_process";
import { createRandom, nextInt } from "@tandem/kernel";

/**
 * Seeds of the tests: a fixed set, and a few drawn from the commit, so that each one explores anew.
 */
export function fixedSeeds(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

export function commitSeeds(count: number): readonly number[] {
  const random = createRandom(Number.parseInt(commitHash().slice(0, 8), 16));
  return Array.from({ length: count }, () => nextInt(random, 1_000, 999_999));
}

function commitHash(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "00000001"; // no repository: the seeds are those of no commit
  }
}
