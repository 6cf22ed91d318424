import { expect, test } from "vitest";
import { type DesktopFacts, unknownFacts } from "../desktops.ts";
import { heldByCall, stateWord, stepStopwatch, stoppedWatch } from "./stopwatch.ts";

const facts = (overrides: Partial<DesktopFacts>): DesktopFacts => ({
  ...unknownFacts,
  ...overrides,
});

test("each moment is taken once, and recovered means the expected state", () => {
  const changes: readonly (readonly [number, Partial<DesktopFacts>])[] = [
    [100, { site: 1, state: "Ready", phase: "inService" }],
    [2_000, { site: 1, state: "Ready", phase: "impaired" }],
    [5_100, { site: 2, phase: "switchingOver" }],
    [5_200, { site: 2, phase: "switchingOver", isConnected: true }],
    [5_300, { site: 2, phase: "inService", state: "Not Ready" }],
    [5_400, { site: 2, phase: "inService", state: "Not Ready", reason: "call-in-progress" }],
    [9_000, { site: 2, phase: "inService", state: "Not Ready", reason: "call-in-progress" }],
  ];
  const to = { site: 2, expected: heldByCall } as const;
  const watch = changes.reduce(
    (before, [at, change]) => stepStopwatch(before, facts(change), to, at),
    stoppedWatch,
  );
  expect(watch).toEqual({ detectMs: 2_000, connectMs: 5_200, loginMs: 5_300, recoveredMs: 5_400 });
});

test("a state is its word and its reason", () => {
  expect(stateWord({ state: "Ready", reason: "lunch" })).toBe("Ready");
  expect(stateWord({ state: "Not Ready", reason: null })).toBe("Not Ready");
  expect(stateWord({ state: "Not Ready", reason: "lunch" })).toBe("Not Ready: lunch");
});
