/** Outside material, where its folder is named, and our own smaller set where it is not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suitesFolder } from "@tandem/sip/testing";
import { describe, expect, test } from "vitest";
import { deviationRules } from "./flows/deviations.ts";
import { runFuzz } from "./fuzz/run-fuzz.ts";
import { readSeeds } from "./fuzz/seeds.ts";
import { runSuite } from "./run-suite.ts";

const folder = suitesFolder();
const skipped = folder === undefined ? " (skipped: TANDEM_SUITES names no folder)" : "";

describe(`outside material${skipped}`, () => {
  test.skipIf(folder === undefined).each([
    ["rfc4475", 49],
    ["rfc5118", 12],
    ["fuzz/known-cve", 19],
    ["callflows", 44],
  ] as const)("%s: all %i cases", (suite, cases) => {
    const { report } = runSuite(join(folder ?? "", suite));
    expect(report).toEqual({
      suite: suite.replace(/^.*\//, ""),
      cases,
      failed: 0,
      failures: [],
      passed: true,
    });
  });
});

describe("own material", () => {
  const own = join(import.meta.dirname, "testing");

  test("messages with verdicts: what is as expected, and what is not", () => {
    const { report } = runSuite(join(own, "messages"));
    expect(report).toEqual({
      suite: "messages",
      cases: 4,
      failed: 1,
      failures: ["wrong-on-purpose: answered 481, expected 200"],
      passed: false,
    });
  });

  test("a flow that is as printed, and one that is not", () => {
    const { report, notes } = runSuite(join(own, "flows"));
    expect(report).toEqual({
      suite: "flows",
      cases: 2,
      failed: 1,
      failures: [
        "own-wrong: after F3a: extra at Alice: 486 (INVITE)",
        "own-wrong: F4: missing at Alice: 603 (INVITE)",
        "own-wrong: F5: unsendable at Alice: ACK",
      ],
      passed: false,
    });
    expect(notes).toEqual([]);
  });

  test("a folder without cases does not pass", () => {
    expect(runSuite(join(own, "nowhere")).report.passed).toBe(false);
  });
});

describe("fuzz", () => {
  test("DET2 nothing breaks, hangs or stays behind in a few rounds", () => {
    const seeds = readSeeds(folder ?? null);
    const report = runFuzz({
      seed: 20_261,
      seeds,
      clock: () => performance.now(),
      goesOn: (round) => round < 25,
    });
    expect(report).toMatchObject({ failures: [], exceptions: 0, hangs: 0, leftBehind: 0 });
    expect(report.cases).toBeGreaterThan(3_000);
  });

  test("the same seed says the same messages", () => {
    const run = (): number =>
      runFuzz({ seed: 3, seeds: readSeeds(null), clock: () => 0, goesOn: (round) => round < 2 })
        .cases;
    expect(run()).toBe(run());
  });
});

test("docs/conformance.md has every deviation that the code allows, and no other", () => {
  const path = join(import.meta.dirname, "../../../../docs/conformance.md");
  const rows = readFileSync(path, "utf8").matchAll(/^\| `([a-z0-9-]+)` \|/gm);
  expect([...rows].map(([, id]) => id)).toEqual(deviationRules.map(({ id }) => id));
});
