import { describeFault, planFaults, type PlannedFault } from "./fault-plan.ts";
import { simulate, type SimulationChoice, type SimulationReport } from "./simulate.ts";

/**
 * A failing history made small: run again to its failure and no further, with fewer and fewer
 * faults, as long as it fails in the same way (delta debugging: halves, quarters, … of the list).
 * The same seed without a fault is another history, so that the result is small, not the smallest.
 */
export interface Shrunk {
  readonly choice: SimulationChoice;
  readonly report: SimulationReport;
  /** Those that are left, a line each. */
  readonly faults: readonly string[];
  readonly runs: number;
}

const runsMax = 60;
const hourMs = 3_600_000;

export function shrink(
  choice: SimulationChoice,
  failed: SimulationReport,
  say: (line: string) => void = () => undefined,
): Shrunk {
  const course = { runs: 0, say };
  const whole = choice.faults ?? planFaults(choice.seed, Math.round(choice.hours * hourMs));
  let best: Attempt = { choice: { ...choice, faults: whole }, report: failed };
  best = cutShort(course, best);
  best = fewerFaults(course, best);
  return {
    ...best,
    faults: (best.choice.faults ?? []).map(describeFault),
    runs: course.runs,
  };
}

interface Attempt {
  readonly choice: SimulationChoice;
  readonly report: SimulationReport;
}

interface ShrinkCourse {
  runs: number;
  readonly say: (line: string) => void;
}

/** The same failure again, or null. */
function attempt(course: ShrinkCourse, best: Attempt, choice: SimulationChoice): Attempt | null {
  if (course.runs >= runsMax) return null;
  course.runs += 1;
  const report = simulate(choice);
  if (kindOf(report) !== kindOf(best.report)) return null;
  course.say(`fails with ${choice.faults?.length ?? 0} faults, ${hours(choice)}`);
  return { choice, report };
}

function hours(choice: SimulationChoice): string {
  return `${Math.round(choice.hours * 3_600)} s`;
}

/** What went wrong, whoever it befell and when. */
function kindOf({ failures }: SimulationReport): string {
  const [first = ""] = failures;
  return first.replace(/^at .*?: /, "").replace(/[0-9a-f]*\d[0-9a-f]*/g, "#");
}

/** What comes after the failure is no part of it; a check at the end may come earlier. */
function cutShort(course: ShrinkCourse, best: Attempt): Attempt {
  const atMs = Number(/^at (\d+) ms/.exec(best.report.failures[0] ?? "")?.[1] ?? Infinity);
  const { choice } = best;
  const ends: readonly number[] =
    atMs < choice.hours * hourMs
      ? [(atMs + 1_000) / hourMs]
      : [choice.hours / 8, choice.hours / 4, choice.hours / 2];
  for (const end of ends) {
    const faults = (choice.faults ?? []).filter((fault) => fault.atMs < end * hourMs);
    const shorter = attempt(course, best, { ...choice, hours: end, faults });
    if (shorter !== null) return shorter;
  }
  return best;
}

function fewerFaults(course: ShrinkCourse, from: Attempt): Attempt {
  let best = from;
  let parts = 2;
  for (;;) {
    const faults = best.choice.faults ?? [];
    if (faults.length === 0 || course.runs >= runsMax) return best;
    const smaller = withoutOnePart(course, best, faults, parts);
    if (smaller !== null) {
      best = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= faults.length) {
      return best;
    } else {
      parts = Math.min(faults.length, 2 * parts);
    }
  }
}

function withoutOnePart(
  course: ShrinkCourse,
  best: Attempt,
  faults: readonly PlannedFault[],
  parts: number,
): Attempt | null {
  const size = Math.ceil(faults.length / parts);
  for (let from = 0; from < faults.length; from += size) {
    const left = faults.filter((_, index) => index < from || index >= from + size);
    const smaller = attempt(course, best, { ...best.choice, faults: left });
    if (smaller !== null) return smaller;
  }
  return null;
}
