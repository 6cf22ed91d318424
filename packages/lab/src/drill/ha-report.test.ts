import { expect, test } from "vitest";
import { haReport, haText, type HaMeasure } from "./ha-report.ts";

const round = {
  stableCalls: 10,
  stableCallsKept: 10,
  setupCalls: 4,
  setupCallsCompleted: 4,
  placingCallsEnded: 0,
  switchoverMs: 60,
  silenceBeforeMs: 12,
  messagesRepeated: 3,
  isWhole: true,
};
const measure: HaMeasure = {
  rounds: [round, { ...round, switchoverMs: 90 }],
  eventsMissed: 0,
  eventsDuplicated: 0,
  mediaGapsMs: [0, 0],
  packetsHeard: 100,
  lastCalls: 10,
  lastCallsEnded: 10,
  placingCallsNoticed: 0,
};

test("counts are sums, percentiles by nearest rank, and all kept passes", () => {
  const report = haReport("ha-kill", "udp", measure);
  expect(report).toMatchObject({
    rounds: 2,
    stableCalls: 20,
    stableCallsKept: 20,
    setupCalls: 8,
    switchoverMs: { p50: 60, max: 90 },
    silenceBeforeMs: { p50: 12, max: 12 },
    messagesRepeated: 6,
    passed: true,
    failures: [],
  });
  expect(haText(report).split("\n").at(-1)).toBe("passed");
});

test("whatever is missing is said", () => {
  const lost = { ...round, stableCallsKept: 9, setupCallsCompleted: 3, switchoverMs: null };
  const report = haReport("ha-kill", "tcp", {
    ...measure,
    rounds: [{ ...lost, isWhole: false }],
    eventsMissed: 2,
    eventsDuplicated: 1,
    mediaGapsMs: [40],
    packetsHeard: 0,
    lastCallsEnded: 8,
    placingCallsNoticed: 2,
  });
  expect(report.failures).toEqual([
    "1 stable calls were lost",
    "1 calls in set-up were lost",
    "2 calls ended as being placed, 0 were given up by their phones",
    "2 events were missed",
    "1 events came twice",
    "a call had a gap of 40 ms",
    "no sound was heard at all",
    "2 calls did not end with their BYE",
    "round 1: the site did not answer again",
    "round 1: the pair was not whole again",
  ]);
});

test("H7 what leaves a thawed host, or a thawed node that does not stand by, is said", () => {
  const thawed = { ...round, thawed: { sent: 0, standsBy: true } };
  const well = haReport("ha-freeze", "udp", { ...measure, rounds: [thawed] }, "host");
  expect(well).toMatchObject({ as: "host", sentByThawed: 0, failures: [] });
  const ill = [{ ...round, thawed: { sent: 3, standsBy: false } }];
  expect(haReport("ha-freeze", "udp", { ...measure, rounds: ill }, "host").failures).toEqual([
    "round 1: the thawed node does not stand by",
    "3 datagrams left a thawed host before its node stood by",
  ]);
  expect(haReport("ha-freeze", "udp", measure, "host").failures).toEqual([
    "nothing was counted at a frozen host",
  ]);
});

test("a slow switchover fails by its limit", () => {
  const slow = { ...measure, rounds: [{ ...round, switchoverMs: 301 }] };
  expect(haReport("ha-kill", "udp", slow).failures).toEqual([
    "switchoverMs.p50 is 301, more than 100",
    "switchoverMs.max is 301, more than 300",
  ]);
  expect(haReport("ha-freeze", "udp", slow).failures).toEqual([]);
});
