import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCodes } from "./error-codes.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md has a row for each code, with its sentence, and no other", () => {
  const section = page.split("## T-Library and ConfigLib")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)];
  expect(rows.map(([, code, sentence]) => [code, sentence])).toEqual(Object.entries(errorCodes));
});
