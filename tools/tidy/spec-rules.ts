/**
 * Specified behaviour is tested by its number (style TST2): every rule of a specification has a
 * test whose name starts with it. Rules that a later issue builds stand in `exceptions.ts`.
 */
import ts from "typescript";
import { homeOf } from "./arrows.ts";
import { type Finding, type Source, isTestFile, walk } from "./source.ts";

export interface Specification {
  readonly path: string;
  /** Finds the lines that open a rule; the first group is its number, as tests cite it. */
  readonly opening: RegExp;
}

const listItem = (letter: string): RegExp =>
  new RegExp(`^(?:[-*] |#+ |\\| ?)\\**(${letter}\\d+)\\b`, "gm");

export const specifications: readonly Specification[] = [
  { path: "packages/ail/SPEC.md", opening: listItem("R") },
  { path: "packages/switch/PEERS.md", opening: listItem("P") },
  { path: "packages/replica/SPEC.md", opening: listItem("H") },
];

/** The rules that a specification's text opens, each once, in order. */
export function rulesOf(specification: Specification, text: string): readonly string[] {
  const numbers = [...text.matchAll(specification.opening)].map((match) => match[1] ?? "");
  return [...new Set(numbers)];
}

/** Tests of a rule stand in the specification's own package, or in the simulator. */
export function testsFor(path: string, sources: readonly Source[]): readonly Source[] {
  const home = homeOf(path);
  return sources.filter((source) => [home, "packages/simulator"].includes(homeOf(source.path)));
}

/** The starts of all text literals in tests, of which a test's name or a table's row is one. */
export function testNamesIn(sources: readonly Source[]): readonly string[] {
  const names: string[] = [];
  for (const source of sources) {
    if (!isTestFile(source.path)) continue;
    walk(source, (node) => {
      if (ts.isStringLiteralLike(node)) names.push(node.text);
      else if (ts.isTemplateExpression(node)) names.push(node.head.text);
    });
  }
  return names;
}

export function checkRules(
  path: string,
  rules: readonly string[],
  testNames: readonly string[],
): readonly Finding[] {
  if (rules.length === 0) {
    return [{ rule: "spec", path, line: 1, say: "no rule found: does each open its own line?" }];
  }
  const untested = rules.filter((rule) => {
    const start = new RegExp(`^${rule}(?!\\w)`);
    return !testNames.some((name) => start.test(name));
  });
  return untested.map((rule) => ({
    rule: "spec",
    path: `${path}#${rule}`,
    line: 1,
    say: `no test's name starts with "${rule}"`,
  }));
}
