/** Each check is shown a small text with the fault it is for, and the same text without it. */
import { expect, test } from "vitest";
import { checkArrows } from "./arrows.ts";
import { checkErrorCodes, documentedCodes, errorCodesIn } from "./error-codes.ts";
import { judge } from "./exceptions.ts";
import { checkLockFile } from "./lock-file.ts";
import { checkMachineBans, isMachineFile } from "./machine-bans.ts";
import { checkReadmes, checkText } from "./repository.ts";
import { checkShape } from "./shape.ts";
import { type Finding, sourceOf } from "./source.ts";
import { checkRules, rulesOf, specifications, testNamesIn } from "./spec-rules.ts";

const switchFile = "packages/switch/src/calls/call.ts";
const said = (findings: readonly Finding[]): readonly string[] => findings.map(({ say }) => say);

test("arrows: a room imports only what stands below it, through the door", () => {
  const text = (from: string): string => `import { x } from "${from}";\nexport const y = x;\n`;
  const judgeImport = (path: string, from: string): readonly string[] =>
    said(checkArrows(sourceOf(path, text(from))));
  expect(judgeImport(switchFile, "@tandem/sip")).toEqual([]);
  expect(judgeImport(switchFile, "@tandem/kernel")).toEqual([]);
  expect(judgeImport(switchFile, "./leg.ts")).toEqual([]);
  expect(judgeImport(switchFile, "@tandem/replica")).toEqual([
    "packages/switch may not import @tandem/replica",
  ]);
  expect(judgeImport(switchFile, "@tandem/sip/src/uri.ts")).toEqual([
    "import @tandem/sip, not past its door",
  ]);
  expect(judgeImport(switchFile, "@tandem/sip/testing")).toEqual([
    "@tandem/sip/testing is for tests",
  ]);
  expect(judgeImport("packages/switch/src/a.test.ts", "@tandem/sip/testing")).toEqual([]);
  expect(judgeImport("packages/ail/src/a.integration.test.ts", "@tandem/lab")).toEqual([]);
  expect(judgeImport(switchFile, "../../../sip/src/uri.ts")).toEqual([
    "../../../sip/src/uri.ts leaves packages/switch: use a door",
  ]);
  expect(judgeImport("packages/new-room/src/a.ts", "@tandem/sip")).toHaveLength(1);
});

test("arrows: also types, re-exports and dynamic imports", () => {
  for (const text of [
    `export { x } from "@tandem/replica";`,
    `const x = await import("@tandem/replica");`,
    `type X = import("@tandem/replica").X;`,
  ]) {
    expect(checkArrows(sourceOf(switchFile, text))).toHaveLength(1);
  }
});

test.for([
  ["const now = Date.now();"],
  ["const now = new Date();"],
  ["const chance = Math.random();"],
  ["const M = Math; M.random();"],
  [`Reflect.get(Math, "random");`, 2],
  ["const { random } = Math;"],
  ["const root = Math.sqrt(2);"],
  ["const at = performance.now();"],
  ["setTimeout(() => undefined, 1);"],
  ["a.localeCompare(b);"],
  [`a["localeCompare"](b);`],
  ["async function f() {}"],
  ["const f = async () => { await g(); };", 2],
  ["const p = Promise.resolve();"],
  ["new Intl.Collator();"],
  [`import { readFileSync } from "node:fs";`],
  ["globalThis.fetch;"],
  [`/// <reference types="node" />`],
  ["const read = { Date };"],
] as const)("machine: %s", ([text, count = 1]) => {
  expect(checkMachineBans(sourceOf(switchFile, text))).toHaveLength(count);
});

test.for([
  ["const half = Math.floor(3 / 2);"],
  ["// Date.now() stands here as a word only"],
  [`const text = "Math.random()";`],
  ["const header = message.Date;"],
  ["const table = { Date: 1 };"],
  ["interface Commands { readonly run: () => Promise<void> }"],
  ["interface Facts { readonly process: string }"],
])("machine: nothing wrong with %s", ([text]) => {
  expect(checkMachineBans(sourceOf(switchFile, text ?? ""))).toEqual([]);
});

test("machine: hosts and tests are no machines", () => {
  expect(isMachineFile(switchFile)).toBe(true);
  expect(isMachineFile("packages/replica/src/drivers/tcp.ts")).toBe(false);
  expect(isMachineFile("packages/sip/src/uri.test.ts")).toBe(false);
  expect(isMachineFile("packages/sip-server/src/main.ts")).toBe(false);
});

const opened = "/** What it is. */\n";
const rulesIn = (path: string, text: string): readonly string[] =>
  checkShape(sourceOf(path, text)).map(({ rule }) => rule);

test("shape: sizes and columns", () => {
  const longFunction = `${opened}export function f(): void {\n${"  g();\n".repeat(70)}}\n`;
  expect(rulesIn(switchFile, longFunction)).toEqual(["function"]);
  expect(rulesIn("packages/switch/src/a.test.ts", longFunction)).toEqual([]);
  const half = `function(): void {\n${"  g();\n".repeat(40)}}`;
  const ofTwo = `${opened}export function f(): void {\n${"  g();\n".repeat(40)}h(${half});\n}\n`;
  expect(rulesIn(switchFile, ofTwo)).toEqual([]);
  expect(rulesIn(switchFile, `${opened}${"g();\n".repeat(400)}`)).toEqual(["lines"]);
  expect(rulesIn(switchFile, `${opened}${"g();\n".repeat(399)}`)).toEqual([]);
  expect(rulesIn(switchFile, `${opened}// ${"x".repeat(98)}\n`)).toEqual(["columns"]);
});

test("shape: names, words, opening, barrels", () => {
  expect(rulesIn("packages/switch/src/utils.ts", opened)).toEqual(["names"]);
  expect(rulesIn("packages/switch/src/common/a.ts", opened)).toEqual(["names"]);
  expect(rulesIn("packages/switch/src/CallLeg.ts", opened)).toEqual(["names"]);
  expect(rulesIn("packages/switch/src/call.long.test.ts", opened)).toEqual([]);
  expect(rulesIn(switchFile, `${opened}// TODO later\n`)).toEqual(["words"]);
  expect(rulesIn(switchFile, `import { x } from "./x.ts";\nexport const y = x;\n`)).toEqual([
    "opening",
  ]);
  const two = `export { x } from "./x.ts";\nexport { y } from "./y.ts";\n`;
  expect(rulesIn("packages/switch/src/index.ts", two)).toEqual([]);
  expect(rulesIn("packages/switch/src/calls.ts", `${opened}${two}`)).toEqual(["barrel"]);
  expect(rulesIn("packages/switch/src/index.ts", `export * from "./x.ts";\n`)).toEqual(["barrel"]);
  expect(rulesIn("packages/switch/src/index.ts", `${two}export const z = 1;\n`)).toEqual([
    "barrel",
  ]);
});

test("shape: a cast has its reason on the line", () => {
  const castsIn = (line: string): readonly string[] => rulesIn(switchFile, `${opened}${line}\n`);
  expect(castsIn("const x = y as Call;")).toEqual(["cast"]);
  expect(castsIn("const x = y!;")).toEqual(["cast"]);
  expect(castsIn("let x: any;")).toEqual(["cast"]);
  expect(castsIn("const x = y as Call; // looked up under its own key")).toEqual([]);
  expect(castsIn("const x = [1] as const;")).toEqual([]);
});

const peers = specifications.find(({ path }) => path.endsWith("PEERS.md"));

test("spec: a rule without a test is found", () => {
  if (peers === undefined) throw new Error("PEERS.md is a specification");
  const rules = rulesOf(peers, "# Peers\n- P1 **Monitor.** As P9 says.\n- **P12** An agent\n");
  expect(rules).toEqual(["P1", "P12"]);
  const tests = sourceOf("packages/switch/src/a.test.ts", 'test("P1 monitors", () => {});');
  const names = testNamesIn([tests, sourceOf(switchFile, 'const x = "P12 no test";')]);
  expect(checkRules(peers.path, rules, names).map(({ path }) => path)).toEqual([
    `${peers.path}#P12`,
  ]);
  expect(checkRules(peers.path, ["P12"], ["P1 monitors", "P123 other"])).toHaveLength(1);
  expect(checkRules(peers.path, [], [])).toHaveLength(1);
});

test("errors: the page and the codes are in step", () => {
  const codes = errorCodesIn([
    sourceOf("packages/cti/src/a.ts", `export const errorCodes = { "no-0": "say" };`),
    sourceOf("packages/cti/src/b.ts", `export const tlibErrorCodes = ["a-1", "b-2"] as const;`),
    sourceOf("packages/ail/src/c.ts", `export type DeskErrorCode = "c-3" | "a-1";`),
    sourceOf("packages/ail/src/d.ts", `type HiddenErrorCode = "d-4";`),
    sourceOf("packages/ail/src/e.ts", `export const siteErrorCodes = { "e-5": "say" };`),
  ]);
  expect(codes).toEqual(["a-1", "b-2", "c-3", "e-5", "no-0"]);
  const documented = documentedCodes("| code |\n|---|\n| `a-1` | x |\n| `z-9` | x |\n");
  expect(said(checkErrorCodes(["a-1", "b-2"], documented))).toEqual([
    "no row for `b-2`",
    "`z-9` is no public code any more",
  ]);
  expect(checkErrorCodes(["a-1"], ["a-1", "a-1"])).toHaveLength(1);
});

test("repository: paths of a machine, lonely tests, READMEs", () => {
  expect(checkText("docs/a.md", "see /home/x/tandem")).toHaveLength(1);
  expect(checkText("docs/a.md", "see https://example.org/home/x")).toEqual([]);
  expect(checkText("a.test.ts", `test.${"only"}("x", f)`)).toHaveLength(1);
  const readmes = new Map([
    ["README.md", "x\n"],
    ["packages/a/package.json", "{}"],
    ["packages/b/package.json", "{}"],
    ["packages/b/README.md", "x\n".repeat(61)],
  ]);
  expect(checkReadmes(readmes).map(({ path, say }) => `${path} ${say}`)).toEqual([
    "packages/a/README.md is missing",
    "packages/b/README.md more than 60 lines",
  ]);
});

test("lock file: a dependency that only one of the two names is found", () => {
  const lock = { packages: { "": {}, "packages/a": { dependencies: { ws: "8.23.0" } } } };
  const files = (dependencies: object): ReadonlyMap<string, string> =>
    new Map([
      ["package-lock.json", JSON.stringify(lock)],
      ["package.json", "{}"],
      ["packages/a/package.json", JSON.stringify({ dependencies })],
    ]);
  expect(checkLockFile(files({ ws: "8.23.0" }))).toEqual([]);
  expect(checkLockFile(files({ ws: "8.23.0", zod: "4.6.7" }))).toHaveLength(1);
  expect(checkLockFile(files({ ws: "8.23.1" }))).toHaveLength(1);
});

test("exceptions: cover what they name, and are found out when they cover nothing", () => {
  const finding = { rule: "lines", path: "a.ts", line: 1, say: "long" };
  const needed = { rule: "lines", path: "a.ts", reason: "one table" };
  const unneeded = { rule: "lines", path: "b.ts", reason: "gone" };
  expect(judge([finding], [needed, unneeded])).toEqual({ open: [], stale: [unneeded] });
  expect(judge([finding], [])).toEqual({ open: [finding], stale: [] });
});
