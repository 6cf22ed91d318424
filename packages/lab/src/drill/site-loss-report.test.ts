import { expect, test } from "vitest";
import { percentile, spreadOf } from "./measures.ts";
import {
  type AgentMeasure,
  type RoundMeasure,
  siteLossReport,
  siteLossText,
} from "./site-loss-report.ts";

test("percentiles are by nearest rank", () => {
  const values = [15, 20, 35, 40, 50];
  expect([5, 30, 40, 50, 100].map((percent) => percentile(values, percent))).toEqual([
    15, 20, 20, 35, 50,
  ]);
  expect(percentile([], 50)).toBe(0);
  expect(spreadOf([1.2345], 2)).toEqual({ p50: 1.23, p95: 1.23, max: 1.23 });
});

const agent = (overrides: Partial<AgentMeasure> = {}): AgentMeasure => ({
  dn: "1001",
  round: 1,
  detectMs: 2_000,
  connectMs: 4_100,
  loginMs: 4_200,
  recoveredMs: 4_300,
  firstCallMs: 5_900,
  hadCall: false,
  expectedState: "Ready",
  state: "Ready",
  ...overrides,
});
const round = (agents: readonly AgentMeasure[]): RoundMeasure => ({
  agents,
  stableCalls: 1,
  stableCallsKept: 0,
  setupCalls: 1,
  setupCallsCompleted: 0,
  newCalls: 3,
  newCallsLost: 1,
  mediaGapsMs: [20, 40],
});

test("counts are sums over rounds", () => {
  const report = siteLossReport("fast", [round([agent()]), round([agent({ recoveredMs: 5_000 })])]);
  expect(report).toMatchObject({
    rounds: 2,
    agents: 2,
    agentsRecovered: 2,
    recoverySeconds: { p50: 4.3, p95: 5, max: 5 },
    statesRestored: 2,
    firstCallsAnswered: 2,
    stableCalls: 2,
    newCallsLost: 2,
    mediaGapMs: { p50: 20, max: 40 },
    passed: true,
    failures: [],
  });
  expect(siteLossText(report)).toContain("2 of 2 agents back in service");
});

test.for([
  [{ recoveredMs: null, state: "noSite" }, "round 1: 1001 is not back in service (noSite)"],
  [{ state: "Not Ready" }, "round 1: 1001 is Not Ready, not Ready"],
  [{ firstCallMs: null }, "round 1: 1001: no first call with audio both ways"],
  [{ recoveredMs: 6_010 }, "recoverySeconds.p95 is 6.01, more than 6"],
] as const)("it fails by name: %o", ([overrides, failure]) => {
  const report = siteLossReport("fast", [round([agent(overrides)])]);
  expect(report).toMatchObject({ passed: false, failures: [failure] });
});

test("the guide's timers have the guide's minute, and nobody measured is no success", () => {
  expect(siteLossReport("seed", [round([agent({ recoveredMs: 55_000 })])]).passed).toBe(true);
  expect(siteLossReport("seed", [round([agent({ recoveredMs: 61_000 })])]).passed).toBe(false);
  expect(siteLossReport("seed", [round([])]).passed).toBe(false);
});
