import { describe, expect, test } from "vitest";
import { chapters } from "./scenarios.ts";
import { play, type Play } from "./stage.ts";
import { twoSitesScenarios } from "./two-sites-scenarios.ts";
import { playTwoSites } from "./two-sites-stage.ts";
import { writeTable } from "./write-table.ts";

/**
 * Who sees which event, in which order, with which attributes: each chapter of scenarios against
 * its table in `tables/`, compared whole, and all of them as `docs/event-flows.md`. After a change
 * that is meant, `vitest run --project unit -u packages/switch/src/golden` writes them anew; the
 * diff is the change of behaviour.
 */
const texts = [
  ...chapters.map(({ name, title, scenarios }) =>
    chapterOf(
      name,
      title,
      scenarios.map((scenario) => partOf(scenario, play(scenario.run))),
    ),
  ),
  chapterOf(
    "two-sites",
    "Two sites",
    twoSitesScenarios.map((scenario) => partOf(scenario, playTwoSites(scenario.run))),
  ),
];

function chapterOf(
  name: string,
  title: string,
  parts: readonly string[],
): { name: string; text: string } {
  return { name, text: [`## ${title}`, ...parts, ""].join("\n\n") };
}

function partOf({ title, note }: { title: string; note?: string }, played: Play): string {
  return [`### ${title}`, ...(note === undefined ? [] : [note]), writeTable(played)].join("\n\n");
}

describe("golden tables", () => {
  for (const { name, text } of texts) {
    test(name, async () => {
      await expect(text).toMatchFileSnapshot(`tables/${name}.txt`);
    });
  }

  test("docs/event-flows.md is the tables", async () => {
    const page = [preface, ...texts.map(({ text }) => text)].join("\n");
    await expect(page).toMatchFileSnapshot("../../../../docs/event-flows.md");
  });
});

const preface = `# Event flows

Who is told what, in which order: every event of each scenario in the order of its sequence
number. The tables are made by the tests in \`packages/switch/src/golden\`, which play the scenarios
against the switch with phones that answer for themselves. They follow the public T-Library call
model; where products differ, a sentence says what is chosen here.

DNs 1001 to 1004 have a phone and a desktop; \`gateway\` is the outside; 5000 is a queue with the
agents of 1002 and 1003. A desktop sees the rows of its own DN. Letters stand for ConnIDs. \`also\`
has the attributes that only some events carry, and the request that the event answers in the
asking session. With two sites the rows of an act stand by site, each site's in its own order.
`;
