/**
 * A source file as the checks see it: its path from the root, its text and its syntax tree (the
 * compiler's own, so that a word in a comment or a string is not mistaken for code).
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly tree: ts.SourceFile;
}

/** One thing to mend: `path` or `path:line`, and what to do instead. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly say: string;
}

export function sourceOf(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  return { path, text, lines: text.split("\n"), tree };
}

/** Every file of the repository that git knows or would add, relative to the root. */
export function listFiles(root: string): readonly string[] {
  const options = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", options, { cwd: root, encoding: "utf8" });
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .toSorted();
}

export function readSource(root: string, path: string): Source {
  return sourceOf(path, readFileSync(join(root, path), "utf8"));
}

export function lineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
}

/** Calls `visit` for every node of the file, parents first. */
export function walk(source: Source, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source.tree);
}

export function isTestFile(path: string): boolean {
  return path.endsWith(".test.ts") || path.includes("/testing/");
}
