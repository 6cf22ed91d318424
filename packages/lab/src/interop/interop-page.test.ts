import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interopPage, joinPage, splitPage, takeoverSection } from "./interop-page.ts";
import { features } from "./matrix.ts";
import { moments, registrationRow } from "./takeover-matrix.ts";

const path = join(import.meta.dirname, "../../../../docs/interop.md");

describe("the phone matrix's page", () => {
  test("cells that are no `yes` point to their reasons, each written once", () => {
    const cells = (...texts: readonly string[]): ReadonlyMap<string, string> =>
      new Map(texts.map((text, index) => [`f${index}`, text]));
    const columns = [
      { name: "one", cells: cells("yes", "cannot") },
      { name: "two", cells: cells("cannot", "does not") },
    ];
    const page = interopPage(["f0", "f1"], columns, [
      { name: "pair", feature: "call", result: "yes" },
    ]);
    expect(page).toContain(
      "| | one | two |\n|---|---|---|\n| f0 | yes | – (1) |\n| f1 | – (1) | – (2) |\n\n" +
        "1. cannot\n2. does not\n",
    );
    expect(page).toContain("| pair | call | yes |\n");
  });

  test("docs/interop.md has a row for each feature of the matrix, in its order", () => {
    const table = readFileSync(path, "utf8").split("## SIPp scenarios")[0] ?? "";
    const rows = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name);
    expect(rows.filter((name) => name !== "")).toEqual(features.map(({ name }) => name));
  });

  test("the second table has a row for each moment, and either test writes its own part only", () => {
    const { matrix, takeover } = splitPage(readFileSync(path, "utf8"));
    const rows = [...takeover.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name);
    expect(rows).toEqual([registrationRow, ...moments.map(({ name }) => name)]);
    const section = takeoverSection(["r"], [{ name: "c", cells: new Map([["r", "within 5 s"]]) }]);
    expect(section).toContain("| r | within 5 s |\n\n- baresip");
    expect(splitPage(joinPage({ matrix, takeover: section }))).toEqual({
      matrix,
      takeover: section,
    });
  });
});
