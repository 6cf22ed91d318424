/**
 * What the loss of a node cost, as one object (names stay as they are: other tools read them) and
 * as lines for people. Counts are sums over rounds; percentiles are by nearest rank. Pure.
 */
import { percentile } from "./measures.ts";

export type HaDrill = "ha-kill" | "ha-freeze" | "ha-host" | "ha-planned";

/** Nodes as processes of one host, or each on a host of its own (netns/). */
export type HaPlace = "process" | "host";

export interface HaRound {
  readonly stableCalls: number;
  readonly stableCallsKept: number;
  readonly setupCalls: number;
  readonly setupCallsCompleted: number;
  readonly placingCallsEnded: number;
  readonly switchoverMs: number | null;
  /** The longest silence in two seconds in which nothing happened. */
  readonly silenceBeforeMs: number | null;
  /** What phones said again in the two seconds after the fault. */
  readonly messagesRepeated: number;
  /** The pair was whole again at the end. */
  readonly isWhole: boolean;
  /** Of a host that was frozen and thawed. */
  readonly thawed?: ThawedHost;
}

export interface ThawedHost {
  /** Datagrams that left it from the freeze on, until it stood by. */
  readonly sent: number;
  /** Its node stands by. */
  readonly standsBy: boolean;
}

export interface HaMeasure {
  readonly rounds: readonly HaRound[];
  readonly eventsMissed: number;
  readonly eventsDuplicated: number;
  readonly mediaGapsMs: readonly number[];
  readonly packetsHeard: number;
  /** Of the calls that stayed to the end, and how many of them a BYE ended at both sides. */
  readonly lastCalls: number;
  readonly lastCallsEnded: number;
  /** Calls of which a node says that it ended them because a phone was placing them. */
  readonly placingCallsNoticed: number;
}

export interface HaReport {
  readonly drill: HaDrill;
  readonly as: HaPlace;
  readonly transport: "udp" | "tcp";
  readonly rounds: number;
  readonly stableCalls: number;
  readonly stableCallsKept: number;
  readonly setupCalls: number;
  readonly setupCallsCompleted: number;
  readonly placingCallsEnded: number;
  readonly eventsMissed: number;
  readonly eventsDuplicated: number;
  readonly mediaGapMs: { readonly p50: number; readonly max: number };
  readonly switchoverMs: { readonly p50: number; readonly max: number };
  /** The same measure before each fault: no switchover looks shorter on this machine. */
  readonly silenceBeforeMs: { readonly p50: number; readonly max: number };
  readonly byesAnswered: number;
  /** By phones, in the two seconds after each fault: what met the pause, or the dead node. */
  readonly messagesRepeated: number;
  /** Datagrams of thawed hosts before they stood by; null where none was frozen. */
  readonly sentByThawed: number | null;
  readonly passed: boolean;
  readonly failures: readonly string[];
}

/** Milliseconds until the site answers again. */
const limits: Readonly<Record<HaDrill, { readonly p50: number; readonly max: number }>> = {
  "ha-kill": { p50: 100, max: 300 },
  "ha-freeze": { p50: 1_500, max: 1_500 },
  "ha-host": { p50: 2_500, max: 2_500 },
  "ha-planned": { p50: 50, max: 50 },
};

export function haReport(
  drill: HaDrill,
  transport: "udp" | "tcp",
  measure: HaMeasure,
  as: HaPlace = "process",
): HaReport {
  const { rounds } = measure;
  const sum = (of: (round: HaRound) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const thawed = rounds.flatMap((round) => round.thawed ?? []);
  const middleAndMost = (times: readonly number[]): { p50: number; max: number } => ({
    p50: Math.round(percentile(times, 50)),
    max: Math.round(percentile(times, 100)),
  });
  const report = {
    drill,
    as,
    transport,
    rounds: rounds.length,
    stableCalls: sum((round) => round.stableCalls),
    stableCallsKept: sum((round) => round.stableCallsKept),
    setupCalls: sum((round) => round.setupCalls),
    setupCallsCompleted: sum((round) => round.setupCallsCompleted),
    placingCallsEnded: sum((round) => round.placingCallsEnded),
    eventsMissed: measure.eventsMissed,
    eventsDuplicated: measure.eventsDuplicated,
    mediaGapMs: {
      p50: percentile(measure.mediaGapsMs, 50),
      max: percentile(measure.mediaGapsMs, 100),
    },
    switchoverMs: middleAndMost(rounds.flatMap(({ switchoverMs }) => switchoverMs ?? [])),
    silenceBeforeMs: middleAndMost(rounds.flatMap(({ silenceBeforeMs }) => silenceBeforeMs ?? [])),
    byesAnswered: measure.lastCallsEnded,
    messagesRepeated: sum((round) => round.messagesRepeated),
    sentByThawed: thawed.length === 0 ? null : thawed.reduce((total, { sent }) => total + sent, 0),
  };
  const failures = complaints(drill, report, measure);
  return { ...report, passed: failures.length === 0, failures };
}

function complaints(
  drill: HaDrill,
  report: Omit<HaReport, "passed" | "failures">,
  measure: HaMeasure,
): readonly string[] {
  const limit = limits[drill];
  const { p50, max } = report.switchoverMs;
  const said: string[] = [];
  const must = (isSo: boolean, sentence: string): void => {
    if (!isSo) said.push(sentence);
  };
  must(report.stableCalls > 0, "there were no stable calls");
  must(
    report.stableCallsKept === report.stableCalls,
    `${report.stableCalls - report.stableCallsKept} stable calls were lost`,
  );
  must(
    report.setupCallsCompleted + report.placingCallsEnded === report.setupCalls,
    `${report.setupCalls - report.setupCallsCompleted - report.placingCallsEnded} calls in set-up were lost`,
  );
  const noticed = measure.placingCallsNoticed;
  must(
    noticed <= report.placingCallsEnded,
    `${noticed} calls ended as being placed, ${report.placingCallsEnded} were given up by their phones`,
  );
  must(report.eventsMissed === 0, `${report.eventsMissed} events were missed`);
  must(report.eventsDuplicated === 0, `${report.eventsDuplicated} events came twice`);
  must(report.mediaGapMs.max === 0, `a call had a gap of ${report.mediaGapMs.max} ms`);
  must(measure.packetsHeard > 0, "no sound was heard at all");
  must(
    measure.lastCallsEnded === measure.lastCalls,
    `${measure.lastCalls - measure.lastCallsEnded} calls did not end with their BYE`,
  );
  for (const [index, round] of measure.rounds.entries()) {
    must(round.switchoverMs !== null, `round ${index + 1}: the site did not answer again`);
    must(round.isWhole, `round ${index + 1}: the pair was not whole again`);
    must(round.thawed?.standsBy !== false, `round ${index + 1}: the thawed node does not stand by`);
  }
  const sent = report.sentByThawed ?? 0;
  must(sent === 0, `${sent} datagrams left a thawed host before its node stood by`);
  must(
    report.as === "process" || report.sentByThawed !== null,
    "nothing was counted at a frozen host",
  );
  must(p50 <= limit.p50, `switchoverMs.p50 is ${p50}, more than ${limit.p50}`);
  must(max <= limit.max, `switchoverMs.max is ${max}, more than ${limit.max}`);
  return said;
}

/** The same for people. */
export function haText(report: HaReport): string {
  const { switchoverMs, silenceBeforeMs, mediaGapMs, sentByThawed } = report;
  const as = report.as === "host" ? " as a host" : "";
  return [
    `${report.drill}${as} over ${report.transport.toUpperCase()}, ${report.rounds} rounds`,
    `  the site answers again after ${switchoverMs.p50} ms (median), ${switchoverMs.max} ms at most`,
    `  its longest silence in two seconds without a fault: ${silenceBeforeMs.p50} ms (median), ${silenceBeforeMs.max} ms at most`,
    `  stable calls ${report.stableCalls}, kept ${report.stableCallsKept}; ended by their BYE at last ${report.byesAnswered}`,
    `  in set-up ${report.setupCalls}, completed ${report.setupCallsCompleted}, ended while being placed ${report.placingCallsEnded}`,
    `  messages that phones said again within two seconds of the fault: ${report.messagesRepeated}`,
    `  events missed ${report.eventsMissed}, twice ${report.eventsDuplicated}; longest gap in sound ${mediaGapMs.max} ms`,
    ...(sentByThawed === null ? [] : [`  datagrams of thawed hosts ${sentByThawed}`]),
    report.passed ? "passed" : `FAILED\n  ${report.failures.join("\n  ")}`,
  ].join("\n");
}
