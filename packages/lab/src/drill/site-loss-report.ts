/**
 * What a site loss cost, as one object (names stay as they are: other tools read them) and as lines
 * for people. Counts are sums over rounds; percentiles are by nearest rank over all agents of all
 * rounds. Pure.
 */
import type { Profile } from "../topology.ts";
import { type Spread, spreadOf } from "./measures.ts";

/** What was measured of one agent; milliseconds since the kill, null where it never came. */
export interface AgentMeasure {
  readonly dn: string;
  readonly round: number;
  readonly detectMs: number | null;
  readonly connectMs: number | null;
  readonly loginMs: number | null;
  /** The restored state confirmed at the new site. */
  readonly recoveredMs: number | null;
  /** The first call answered, with audio both ways. */
  readonly firstCallMs: number | null;
  readonly hadCall: boolean;
  /** What the state was to be at the new site (continuity R17), and what it was. */
  readonly expectedState: string;
  readonly state: string;
}

export interface RoundMeasure {
  readonly agents: readonly AgentMeasure[];
  readonly stableCalls: number;
  readonly stableCallsKept: number;
  readonly setupCalls: number;
  readonly setupCallsCompleted: number;
  readonly newCalls: number;
  readonly newCallsLost: number;
  /** Longest gap in what each talking party heard, in milliseconds. */
  readonly mediaGapsMs: readonly number[];
}

export interface SiteLossReport {
  readonly drill: "site-loss";
  readonly profile: Profile;
  readonly rounds: number;
  readonly agents: number;
  readonly agentsRecovered: number;
  readonly recoverySeconds: Spread;
  readonly phases: {
    readonly detect: Spread;
    readonly connect: Spread;
    readonly login: Spread;
    readonly firstCall: Spread;
  };
  readonly statesRestored: number;
  readonly firstCallsAnswered: number;
  readonly stableCalls: number;
  readonly stableCallsKept: number;
  readonly setupCalls: number;
  readonly setupCallsCompleted: number;
  readonly newCalls: number;
  readonly newCallsLost: number;
  readonly mediaGapMs: { readonly p50: number; readonly max: number };
  readonly passed: boolean;
  readonly failures: readonly string[];
}

/**
 * How long the slowest may take: with `fast` the 95th percentile, with the guide's timers everyone.
 */
const limits = { fast: { p95: 6 }, seed: { max: 60 } } as const;

export function siteLossReport(profile: Profile, rounds: readonly RoundMeasure[]): SiteLossReport {
  const agents = rounds.flatMap((round) => round.agents);
  const sum = (count: (round: RoundMeasure) => number): number =>
    rounds.reduce((total, round) => total + count(round), 0);
  const spread = (of: (agent: AgentMeasure) => number | null): Spread =>
    spreadOf(
      agents.flatMap((agent) => of(agent) ?? []).map((ms) => ms / 1_000),
      2,
    );
  const gaps = spreadOf(
    rounds.flatMap(({ mediaGapsMs }) => mediaGapsMs),
    0,
  );
  const recoverySeconds = spread(({ recoveredMs }) => recoveredMs);
  const failures = [
    ...agents.flatMap(complaintsAbout),
    ...complaintsAboutTime(profile, recoverySeconds),
  ];
  return {
    drill: "site-loss",
    profile,
    rounds: rounds.length,
    agents: agents.length,
    agentsRecovered: agents.filter(({ recoveredMs }) => recoveredMs !== null).length,
    recoverySeconds,
    phases: {
      detect: spread(({ detectMs }) => detectMs),
      connect: spread(({ connectMs }) => connectMs),
      login: spread(({ loginMs }) => loginMs),
      firstCall: spread(({ firstCallMs }) => firstCallMs),
    },
    statesRestored: agents.filter(isRestored).length,
    firstCallsAnswered: agents.filter(({ firstCallMs }) => firstCallMs !== null).length,
    stableCalls: sum((round) => round.stableCalls),
    stableCallsKept: sum((round) => round.stableCallsKept),
    setupCalls: sum((round) => round.setupCalls),
    setupCallsCompleted: sum((round) => round.setupCallsCompleted),
    newCalls: sum((round) => round.newCalls),
    newCallsLost: sum((round) => round.newCallsLost),
    mediaGapMs: { p50: gaps.p50, max: gaps.max },
    passed: agents.length > 0 && failures.length === 0,
    failures,
  };
}

function isRestored({ recoveredMs, state, expectedState }: AgentMeasure): boolean {
  return recoveredMs !== null && state === expectedState;
}

function complaintsAbout(agent: AgentMeasure): readonly string[] {
  const who = `round ${agent.round}: ${agent.dn}`;
  if (agent.recoveredMs === null) return [`${who} is not back in service (${agent.state})`];
  const complaints: string[] = [];
  if (!isRestored(agent)) {
    complaints.push(`${who} is ${agent.state}, not ${agent.expectedState}`);
  }
  if (agent.firstCallMs === null) complaints.push(`${who}: no first call with audio both ways`);
  return complaints;
}

function complaintsAboutTime(profile: Profile, spread: Spread): readonly string[] {
  const [name, value, limit] =
    profile === "fast"
      ? (["p95", spread.p95, limits.fast.p95] as const)
      : (["max", spread.max, limits.seed.max] as const);
  return value <= limit ? [] : [`recoverySeconds.${name} is ${value}, more than ${limit}`];
}

/** The same for people. */
export function siteLossText(report: SiteLossReport): string {
  const line = (name: string, { p50, p95, max }: Spread): string =>
    `  ${name.padEnd(12)} ${seconds(p50)}  ${seconds(p95)}  ${seconds(max)}`;
  const { phases } = report;
  return [
    `site-loss, profile ${report.profile}: ${report.agentsRecovered} of ${report.agents} agents back in service, ` +
      `${report.statesRestored} in the state they had`,
    `  since the kill    p50      p95      max   (the guide: 60 s)`,
    line("noticed", phases.detect),
    line("connected", phases.connect),
    line("logged in", phases.login),
    line("in service", report.recoverySeconds),
    line("first call", phases.firstCall),
    `  stable calls ${report.stableCalls}, control kept ${report.stableCallsKept}, longest silence ${report.mediaGapMs.max} ms`,
    `  in set-up ${report.setupCalls}, completed ${report.setupCallsCompleted}; ` +
      `new calls ${report.newCalls}, lost ${report.newCallsLost}`,
    report.passed ? "passed" : `FAILED\n  ${report.failures.join("\n  ")}`,
  ].join("\n");
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`.padStart(7);
}
