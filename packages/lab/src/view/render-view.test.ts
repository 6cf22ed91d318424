import fc from "fast-check";
import { expect, test } from "vitest";
import { actionOf, keys } from "./keys.ts";
import { renderView } from "./render-view.ts";
import { isComplete, scoreLines, startScore, stepScore } from "./score.ts";
import type { AgentView, ServerView, SiteView, ViewModel } from "./view-model.ts";

const agent = (dn: string, overrides: Partial<AgentView> = {}): AgentView => ({
  dn,
  site: 1,
  state: "Ready",
  reason: null,
  call: "none",
  continuity: "inService",
  phone: [true, true],
  ...overrides,
});
const site = (number: 1 | 2, state: ServerView = "serving"): SiteView => ({
  name: `site-${number}`,
  host: `127.0.${number}.10`,
  servers: [
    { name: `sip-${number}a`, state, role: state === "serving" ? "primary" : "" },
    { name: `sip-${number}b`, state, role: state === "serving" ? "standby" : "" },
    { name: `config-${number}a`, state, role: "" },
  ],
  isReadyToSwitch: state === "serving",
  isPeerSeen: true,
  calls: number,
});
const model: ViewModel = {
  lab: 0,
  profile: "fast",
  elapsedMs: 83_400,
  sites: [site(1), site(2)],
  isTrunkCut: false,
  agents: [
    agent("1001", { call: "talking" }),
    agent("1002", { site: 2, state: "Not Ready", reason: "lunch" }),
    agent("1003", { site: null, continuity: "switchingOver", phone: [false, true] }),
  ],
  callers: { waiting: 1, talking: 1, answered: 57, lost: 2 },
  events: [
    { atMs: 1_000, text: "both sites are up" },
    { atMs: 61_000, text: "1003 leaves site-1: telephony OFF for 3 s" },
  ],
  score: null,
  ownPhone: ["a phone of your own: user 1000"],
  isHelpShown: false,
};
const size = { columns: 80, rows: 24 };

test("80 columns and 24 rows show all of it", () => {
  expect(renderView(model, size)).toEqual([
    "Press 1 and site 1 dies without a word.  ? help  q quit       lab 0  fast  01:23",
    "",
    " site-1  127.0.1.10      UP, READY      | site-2  127.0.2.10      UP, READY",
    "   sip-1a     primary                   |   sip-2a     primary",
    "   sip-1b     standby                   |   sip-2b     standby",
    "   config-1a  serving                   |   config-2a  serving",
    "   agents 1: 1 ready, 0 not, 0 after    |   agents 1: 0 ready, 1 not, 0 after",
    "   1 talking, 1 calls, peer seen        |   0 talking, 2 calls, peer seen",
    "",
    " trunk: up     callers: 1 waiting, 1 talking, 57 answered, 2 lost",
    "",
    " agent site state         call    phone | agent site state         call    phone",
    " 1001  1    Ready         talking 12    | 1003  -    switchingOver         -2",
    " 1002  2    lunch                 12    |",
    "",
    " 00:01 both sites are up",
    " 01:01 1003 leaves site-1: telephony OFF for 3 s",
  ]);
});

test("the first line names the key that mends what is broken", () => {
  const first = (sites: ViewModel["sites"], isTrunkCut = false): string =>
    renderView({ ...model, sites, isTrunkCut }, size)[0]?.split("  ")[0] ?? "";
  expect(first([site(1, "frozen"), site(2)])).toBe("Press 1 to bring site 1 back.");
  expect(first([site(1), site(2, "dead")])).toBe("Press 2 to bring site 2 back.");
  expect(first([site(1), site(2)], true)).toBe("Press t to mend the trunk between the sites.");
});

test("help lists each key; every listed key has its action", () => {
  const lines = renderView({ ...model, isHelpShown: true }, size);
  expect(lines.length).toBeLessThanOrEqual(24);
  for (const { key, action } of keys) {
    expect(lines.some((line) => line.startsWith(`  ${key}   `))).toBe(true);
    expect(actionOf(key)).toEqual(action);
  }
  expect(lines.join("\n")).toContain("user 1000");
  expect(actionOf("\u0003")).toEqual({ kind: "quit" });
  expect(actionOf("z")).toBeUndefined();
});

test("a terminal that is too small gets the sentence with the way out", () => {
  const lines = renderView(model, { columns: 40, rows: 10 });
  expect(lines.join("")).toBe(
    "The view needs 80x24 and this terminal has 40x10: make it larger, or start with `npm start | cat` for lines of a log. q quits.",
  );
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
});

test("no model and no size makes a line too wide or a row too many", () => {
  const agents = fc.array(
    fc.record({
      dn: fc.stringMatching(/^\d{1,12}$/),
      site: fc.constantFrom(1 as const, 2 as const, null),
      state: fc.constantFrom("Ready" as const, "Not Ready" as const),
      reason: fc.option(fc.string({ maxLength: 40 })),
      call: fc.constantFrom("none" as const, "talking" as const),
      continuity: fc.constantFrom("inService", "switchingOver"),
      phone: fc.constant([true, false] as const),
    }),
    { maxLength: 60 },
  );
  const events = fc.array(fc.record({ atMs: fc.nat(), text: fc.string({ maxLength: 200 }) }), {
    maxLength: 60,
  });
  const lost = fc.array(fc.string({ maxLength: 20 }), { maxLength: 30 });
  const columns = fc.integer({ min: 1, max: 200 });
  const rows = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(agents, events, lost, columns, rows, (drawn, said, callsLost, width, height) => {
      const score = { ...startScore("site-1 dies", ["1001"], 0), callsLost };
      const lines = renderView(
        { ...model, agents: drawn, events: said, score },
        { columns: width, rows: height },
      );
      return lines.length <= height && lines.every((line) => line.length <= width);
    }),
  );
});

test("a score: noticed, back in service, agents, calls lost by name", () => {
  const steps = [
    { kind: "inService", dn: "1001", atMs: 100 },
    { kind: "noticed", dn: "1009", atMs: 1_500 },
    { kind: "noticed", dn: "1001", atMs: 2_000 },
    { kind: "noticed", dn: "1002", atMs: 2_500 },
    { kind: "callLost", name: "1002 with 5550101", atMs: 2_600 },
    { kind: "inService", dn: "1001", atMs: 4_300 },
    { kind: "inService", dn: "1001", atMs: 9_000 },
    { kind: "callLost", name: "1001 with 5550102", atMs: 70_000 },
  ] as const;
  const score = steps.reduce(stepScore, startScore("site-1 dies", ["1001", "1002"], 0));
  expect(scoreLines(score)).toEqual([
    "score: site-1 dies",
    "  noticed 2.0 s, back in service 4.3 s (the guide: 60 s), 1 of 2 agents",
    "  calls lost: 1002 with 5550101",
  ]);
  const callsLost = Array.from({ length: 9 }, (_, index) => `100${index} with 5550101`);
  expect(scoreLines({ ...score, callsLost })[2]).toBe(
    "  calls lost: 1000 with 5550101, 1001 with 5550101 and 7 more",
  );
  expect(isComplete(score)).toBe(false);
  expect(isComplete(stepScore(score, { kind: "inService", dn: "1002", atMs: 5_000 }))).toBe(true);
});
