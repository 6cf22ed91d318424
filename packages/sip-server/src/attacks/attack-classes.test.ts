import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { attackClasses } from "./attack-classes.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

test("each class from A01 to A30 stands in the table once, in order", () => {
  const wanted = Array.from({ length: 30 }, (_, index) => `A${String(index + 1).padStart(2, "0")}`);
  expect(attackClasses.map(({ id }) => id)).toEqual(wanted);
});

test.each(attackClasses)(
  "$id is shown where the table says: a test's name begins with it",
  ({ id, shownIn }) => {
    expect(shownIn.length).toBeGreaterThan(0);
    for (const file of shownIn) {
      const path = join(here, file);
      expect(existsSync(path), path).toBe(true);
      expect(readFileSync(path, "utf8")).toMatch(new RegExp(`(?:test|\\)\\()\\(?\\s*["\`']${id} `));
    }
  },
);

const suites = process.env["TANDEM_SUITES"];

test.skipIf(suites === undefined)("the table has every class of the outside list", () => {
  const text = readFileSync(join(suites ?? "", "attack-classes.json"), "utf8");
  const { classes } = JSON.parse(text) as { classes: readonly { id: string }[] }; // as it says
  expect(attackClasses.map(({ id }) => id)).toEqual(classes.map(({ id }) => id));
});
