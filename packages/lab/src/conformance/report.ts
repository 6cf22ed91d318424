/** What a run found, in the words of `tandem conformance --json` (proof.md). */
export interface ConformanceReport {
  readonly suite: string;
  readonly cases: number;
  readonly failed: number;
  /** One sentence a failure, beginning with the case. */
  readonly failures: readonly string[];
  readonly passed: boolean;
}

/**
 * What is worth knowing beside the verdict, for people: deviations that the rules allow, figures.
 */
export interface ConformanceRun {
  readonly report: ConformanceReport;
  readonly notes: readonly string[];
}

/** A case fails once, however many sentences it has. */
export function reportOf(
  suite: string,
  cases: readonly CaseResult[],
  notes: readonly string[] = [],
): ConformanceRun {
  const wrong = cases.filter(({ failures }) => failures.length > 0);
  const failures = wrong.flatMap((each) => each.failures.map((text) => `${each.id}: ${text}`));
  // A folder in which nothing is found must not pass.
  if (cases.length === 0) failures.push(`${suite}: no cases found`);
  return {
    report: {
      suite,
      cases: cases.length,
      failed: wrong.length,
      failures,
      passed: failures.length === 0,
    },
    notes,
  };
}

export interface CaseResult {
  readonly id: string;
  readonly failures: readonly string[];
}

export function joinRuns(suite: string, runs: readonly ConformanceRun[]): ConformanceRun {
  const sum = (of: (run: ConformanceRun) => number): number =>
    runs.reduce((total, run) => total + of(run), 0);
  const failures = runs.flatMap(({ report }) => report.failures);
  return {
    report: {
      suite,
      cases: sum(({ report }) => report.cases),
      failed: sum(({ report }) => report.failed),
      failures: runs.length === 0 ? [`${suite}: no cases found`] : failures,
      passed: runs.length > 0 && runs.every(({ report }) => report.passed),
    },
    notes: runs.flatMap(({ notes }) => notes),
  };
}
