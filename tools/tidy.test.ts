/**
 * Checks of the repository about itself (style HAB2). Each check is a function in `tidy/` that can
 * be seen to fail (`tidy/planted.test.ts`); each exception is a line with its reason in
 * `tidy/exceptions.ts`.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkArrows } from "./tidy/arrows.ts";
import { checkErrorCodes, documentedCodes, errorCodesIn } from "./tidy/error-codes.ts";
import { exceptions, judge } from "./tidy/exceptions.ts";
import { checkLockFile } from "./tidy/lock-file.ts";
import { checkMachineBans, isMachineFile } from "./tidy/machine-bans.ts";
import { checkReadmes, checkText } from "./tidy/repository.ts";
import { checkShape } from "./tidy/shape.ts";
import { type Finding, listFiles, readSource } from "./tidy/source.ts";
import { checkRules, rulesOf, specifications, testNamesIn, testsFor } from "./tidy/spec-rules.ts";

const root = dirname(import.meta.dirname);
const files = listFiles(root);
const code = files.filter((path) => /\.(ts|tsx|mjs)$/.test(path));
const sources = code.map((path) => readSource(root, path));
const typed = sources.filter(({ path }) => /\.tsx?$/.test(path));
const isText = (path: string): boolean =>
  /\.(ts|tsx|mjs|json|md|yaml|yml|txt|sh|properties|html|css)$/.test(path) ||
  path.startsWith(".ci/");

const findings: readonly Finding[] = [
  ...typed.flatMap(checkArrows),
  ...typed.filter(({ path }) => isMachineFile(path)).flatMap(checkMachineBans),
  ...sources.flatMap(checkShape),
  ...specFindings(),
  ...errorFindings(),
  ...textFindings(),
];

/** The checks' own folder names what it forbids. */
function textFindings(): readonly Finding[] {
  const texts = files.filter((path) => isText(path) && !path.startsWith("tools/tidy/"));
  const contents = new Map(texts.map((path) => [path, readFileSync(join(root, path), "utf8")]));
  return [
    ...[...contents].flatMap(([path, text]) => checkText(path, text)),
    ...checkReadmes(contents),
    ...checkLockFile(contents),
  ];
}

function specFindings(): readonly Finding[] {
  return specifications.flatMap((specification) => {
    const { path } = specification;
    if (!existsSync(join(root, path))) {
      return [{ rule: "spec", path, line: 1, say: "the specification is missing" }];
    }
    const text = readFileSync(join(root, path), "utf8");
    return checkRules(path, rulesOf(specification, text), testNamesIn(testsFor(path, sources)));
  });
}

function errorFindings(): readonly Finding[] {
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  const packages = sources.filter(({ path }) => path.startsWith("packages/"));
  return checkErrorCodes(errorCodesIn(packages), documentedCodes(page));
}

const judged = judge(findings, exceptions);
const rules = [
  "arrows",
  "machine",
  "names",
  "lines",
  "columns",
  "words",
  "function",
  "opening",
  "barrel",
  "cast",
  "spec",
  "errors",
  "paths",
  "only",
  "readme",
  "lock",
];

test.for(rules)("tidy: %s", (rule) => {
  const open = judged.open.filter((finding) => finding.rule === rule);
  expect(open.map(({ path, line, say }) => `${path}:${line} ${say}`)).toEqual([]);
});

test("tidy: every finding's rule is among the tests above", () => {
  expect(findings.filter(({ rule }) => !rules.includes(rule))).toEqual([]);
});

test("tidy: every exception is still needed", () => {
  expect(judged.stale).toEqual([]);
});
