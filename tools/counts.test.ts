import { expect, test } from "vitest";
import { countModules } from "./closing-line.ts";
import { addCounts, countsText, readCounts } from "./counts.ts";

test("a closing line is written, read back and summed", () => {
  const counts = { passed: 12, failed: 0, skipped: 3 };
  expect(countsText(counts)).toBe("12 passed, 0 failed, 3 skipped");
  expect(countsText({ ...counts, skipped: 0 })).toBe("12 passed, 0 failed");
  expect(readCounts(`noise\n${countsText(counts)}\n`)).toEqual(counts);
  expect(addCounts(counts, { passed: 1, failed: 2, skipped: 0 })).toEqual({
    passed: 13,
    failed: 2,
    skipped: 3,
  });
});

test("the last closing line counts, and words that resemble one do not", () => {
  expect(readCounts("1 passed, 1 failed\n2 passed, 0 failed\n")?.passed).toBe(2);
  expect(readCounts("Tests  2 passed, 0 failed (2)\n")).toBeUndefined();
});

test("what did not load, did not end, or failed outside a test has failed", () => {
  const modules = [
    { states: ["passed", "failed", "skipped", "pending"], errors: 0 },
    { states: [], errors: 1 },
  ] as const;
  expect(countModules(modules, 1)).toEqual({ passed: 1, failed: 4, skipped: 1 });
});
