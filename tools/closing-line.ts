/**
 * A vitest reporter whose line is the last one printed: `N passed, N failed[, N skipped]`. It
 * counts when the run ends and prints when the process does, because what other reporters and late
 * errors print would come after it. A file that does not load and an error outside any test count
 * as failed.
 */
import type { Reporter, TestModule } from "vitest/node";
import { type Counts, countsText, emptyCounts } from "./counts.ts";

/** The part of a test module that is counted; small enough for a test to plant. */
export interface CountedModule {
  readonly states: readonly ("passed" | "failed" | "skipped" | "pending")[];
  readonly errors: number;
}

export default class ClosingLine implements Reporter {
  private counts: Counts | undefined;

  onInit(): void {
    process.on("exit", () => {
      process.stdout.write(`${countsText(this.counts ?? { ...emptyCounts, failed: 1 })}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.counts = countModules(modules.map(factsOf), unhandledErrors.length);
  }
}

export function countModules(modules: readonly CountedModule[], unhandledErrors: number): Counts {
  const counts = { ...emptyCounts, failed: unhandledErrors };
  for (const module of modules) {
    counts.failed += module.errors;
    for (const state of module.states) {
      if (state === "passed") counts.passed += 1;
      else if (state === "skipped") counts.skipped += 1;
      else counts.failed += 1; // a test that never ended has not passed
    }
  }
  return counts;
}

function factsOf(module: TestModule): CountedModule {
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const suites = [...module.children.allSuites()];
  const errors = suites.reduce((sum, suite) => sum + suite.errors().length, module.errors().length);
  return { states, errors };
}
