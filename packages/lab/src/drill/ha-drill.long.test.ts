import { expect, test } from "vitest";
import { haDrill } from "./ha-drill.ts";
import { haReport, type HaDrill } from "./ha-report.ts";

/** The drills of a pair, smaller than an operator would run them; times are theirs to judge. */
const drills: readonly (readonly [HaDrill, "udp" | "tcp"])[] = [
  ["ha-kill", "udp"],
  ["ha-kill", "tcp"],
  ["ha-freeze", "udp"],
  ["ha-planned", "udp"],
];

test.each(drills)(
  "%s over %s: every call is kept, every event comes once",
  async (drill, transport) => {
    const choice = { calls: 60, setupRate: 5, rounds: 2, transport, say: () => undefined } as const;
    const report = haReport(drill, transport, await haDrill({ drill, ...choice }));
    const { failures, passed: _passed, switchoverMs: _ms, ...counts } = report;
    expect(failures.filter((failure) => !failure.startsWith("switchoverMs"))).toEqual([]);
    expect(counts).toMatchObject({
      stableCalls: 120,
      stableCallsKept: 120,
      eventsMissed: 0,
      eventsDuplicated: 0,
      mediaGapMs: { max: 0 },
      byesAnswered: 60,
    });
  },
  240_000,
);
