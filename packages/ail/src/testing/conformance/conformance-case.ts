import type { ContinuityEffect, ContinuityEvent } from "../../continuity/events.ts";

/**
 * The conformance table of SPEC.md: sequences of events and the effects that must come of each. It
 * runs against our machine, and through an adapter against another desktop's implementation.
 */
export interface ConformanceCase {
  /** Begins with the rule's number. */
  readonly name: string;
  readonly settings?: ConformanceSettings;
  readonly steps: readonly ConformanceStep[];
}

export interface ConformanceSettings {
  readonly siteTimeoutMs?: number;
  readonly sipRegisterTimeoutMs?: number;
  readonly restoreState?: "always" | "not-ready" | "never";
  readonly hasEndpoint?: boolean;
  /** Only one site is known. */
  readonly isAlone?: boolean;
}

export interface ConformanceStep {
  readonly event: ContinuityEvent;
  /** Epoch milliseconds of the event; the last one's if absent. */
  readonly at?: number;
  /**
   * The effects, each as a line of `describeEffect`, in order; absent: not looked at. Lines about
   * timers may come anywhere among the others.
   */
  readonly expect?: readonly string[];
}

/** An implementation, started anew for each case. */
export interface ContinuityUnderTest {
  readonly start: (settings: ConformanceSettings) => {
    /** The effects of one event, each as a line of `describeEffect`. */
    readonly take: (event: ContinuityEvent, atMs: number) => readonly string[];
  };
}

export interface ConformanceFinding {
  readonly name: string;
  readonly step: number;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** Runs cases against an implementation; no finding means that it conforms. */
export function runConformance(
  underTest: ContinuityUnderTest,
  cases: readonly ConformanceCase[],
): readonly ConformanceFinding[] {
  const findings: ConformanceFinding[] = [];
  for (const each of cases) {
    const run = underTest.start(each.settings ?? {});
    let atMs = startMs;
    each.steps.forEach((step, index) => {
      atMs = step.at ?? atMs;
      const actual = run.take(step.event, atMs);
      if (step.expect === undefined || isSame(step.expect, actual)) return;
      findings.push({ name: each.name, step: index, expected: step.expect, actual });
    });
  }
  return findings;
}

/** When a case begins, in epoch milliseconds. */
export const startMs = 1_000_000;

function isSame(expected: readonly string[], actual: readonly string[]): boolean {
  return JSON.stringify(split(expected)) === JSON.stringify(split(actual));
}

function split(lines: readonly string[]): readonly [readonly string[], readonly string[]] {
  const isTimer = (line: string): boolean => /^(arm|disarm) /.test(line);
  return [lines.filter((line) => !isTimer(line)), lines.filter(isTimer).toSorted()];
}

/** An effect as a line: what the table compares. */
export function describeEffect(effect: ContinuityEffect): string {
  switch (effect.kind) {
    case "openConfiguration":
      return `open configuration ${effect.configuration} ${effect.urls[0] ?? ""}`;
    case "closeConfiguration":
      return `close configuration ${effect.configuration}`;
    case "openSite":
      return `open site ${effect.site + 1} #${effect.number}`;
    case "closeSite":
      return `close #${effect.number}`;
    case "registerDns":
      return `register ${effect.dns.join(" ")} #${effect.number}`;
    case "logIn": {
      const state = effect.restore === null ? "" : ` as ${describeRestore(effect.restore)}`;
      return `log in ${effect.dn} above lease ${effect.leaseEpoch}${state} #${effect.number}`;
    }
    case "restoreState":
      return `restore ${effect.dn} ${describeRestore(effect.restore)} #${effect.number}`;
    case "arm":
      return `arm ${effect.key} ${effect.afterMs}`;
    case "disarm":
      return `disarm ${effect.key}`;
    case "endpoint":
      return `endpoint ${effect.order}`;
    case "warn":
      return `warn ${effect.warning.code}${effect.isAlarm ? " alarm" : ""}`;
    case "report": {
      const { from, to, cause, lost, restored } = effect.entry;
      const place = ({ state, site }: typeof from): string =>
        site === null ? state : `${state}@${site}`;
      const cost = lost.length === 0 ? "" : ` lost ${lost.length}`;
      const back = restored === null ? "" : ` restored ${restored.state}`;
      return `report ${place(from)} > ${place(to)}: ${cause.code}${cost}${back}`;
    }
  }
}

function describeRestore(
  restore: NonNullable<Extract<ContinuityEffect, { kind: "logIn" }>["restore"]>,
): string {
  const reason = restore.reasons?.["ReasonCode"];
  const lasts = restore.afterCallWorkMs;
  return [
    restore.state,
    reason === undefined ? "" : `(${reason})`,
    lasts === undefined ? "" : `for ${lasts}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}
