/**
 * The closing line as a value: what a suite counted, read from its last line and summed over
 * stages.
 */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const emptyCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

const closingLine = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

export function countsText(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/** The counts of the last line that is a closing line, or undefined where no line is one. */
export function readCounts(output: string): Counts | undefined {
  const lines = output.split("\n").toReversed();
  for (const line of lines) {
    const match = closingLine.exec(line.trim());
    if (match === null) continue;
    const [, passed, failed, skipped] = match;
    return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped ?? 0) };
  }
  return undefined;
}

export function addCounts(sum: Counts, more: Counts): Counts {
  return {
    passed: sum.passed + more.passed,
    failed: sum.failed + more.failed,
    skipped: sum.skipped + more.skipped,
  };
}
