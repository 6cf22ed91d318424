import { fileURLToPath } from "node:url";
import { etcdMissing } from "@tandem/replica/testing";
import { expect, test } from "vitest";
import { inOwnWorld, worldMissing } from "../netns/own-world.ts";
import { haDrill } from "./ha-drill.ts";
import { haReport, type HaDrill, type HaReport } from "./ha-report.ts";

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

const command = fileURLToPath(new URL("../../../../apps/tandem/src/main.ts", import.meta.url));
const tandem = [process.execPath, "--conditions=@tandem/source", command] as const;
const worldless = worldMissing() ?? etcdMissing();

test.skipIf(worldless !== null)(
  worldless ?? "H4 H7 ha-freeze as a host: nothing leaves the thawed host, and it stands by",
  async () => {
    const load = ["--calls", "40", "--setup-rate", "5", "--rounds", "1"];
    const { output, words } = await inOwnWorld({
      command: [...tandem, "drill", "ha-freeze", "--as", "host", ...load, "--json"],
      signal: AbortSignal.timeout(240_000),
    });
    if (output === "") throw new Error(words);
    const report = JSON.parse(output) as HaReport; // what `--json` prints
    expect(report.failures.filter((failure) => !failure.startsWith("switchoverMs"))).toEqual([]);
    expect(report).toMatchObject({ as: "host", stableCallsKept: 40, sentByThawed: 0 });
  },
  240_000,
);
