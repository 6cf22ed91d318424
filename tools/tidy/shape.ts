/**
 * The shape of a file (style LAY, NAM1, SIZ1, ERR3): sizes, columns, an opening that says what it
 * is, names, one barrel a package, a reason beside every `as`, `!` and `any`.
 */
import ts from "typescript";
import { type Finding, type Source, isTestFile, lineOf, walk } from "./source.ts";

export const linesMax = 400;
export const functionLinesMax = 70;
export const columnsMax = 100;
const namesForbidden = /^(utils?|helpers?|common|misc|types|services)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Left behind, or said about the work and not about the code. */
const wordsForbidden = /\b(TODO|FIXME|XXX|HACK)\b|\bfor now(?=[.,;:)]|$)/;

export function checkShape(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  const report = (rule: string, line: number, say: string): void => {
    found.push({ rule, path: source.path, line, say });
  };
  checkNames(source, report);
  checkSizes(source, report);
  if (source.path.endsWith(".ts")) {
    checkOpening(source, report);
    checkBarrel(source, report);
    if (!isTestFile(source.path)) checkCasts(source, report);
  }
  return found;
}

type Report = (rule: string, line: number, say: string) => void;

function checkNames({ path }: Source, report: Report): void {
  const parts = path.split("/");
  const file = parts.pop() ?? "";
  const [stem = "", ...kinds] = file.replace(/\.(ts|tsx|mjs)$/, "").split(".");
  const isKnownKind = kinds.every((kind) => /^(test|integration|long|config|d)$/.test(kind));
  if (!kebabCase.test(stem) || !isKnownKind) report("names", 1, `${file}: files are kebab-case`);
  for (const name of [...parts, stem]) {
    if (namesForbidden.test(name)) report("names", 1, `"${name}" says nothing: name the concept`);
  }
}

function checkSizes(source: Source, report: Report): void {
  const { lines } = source;
  const count = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  if (count > linesMax) report("lines", 1, `${count} lines, more than ${linesMax}: two concepts?`);
  lines.forEach((line, index) => {
    // No formatter breaks a text in quotes, and a text in two is harder to find.
    if (line.replace(/(["'`]).{40,}\1/, "").length > columnsMax) {
      report("columns", index + 1, `wider than ${columnsMax} columns`);
    }
    // The checks' own folder names what it forbids.
    const isAboutWords = source.path.startsWith("tools/tidy/");
    if (wordsForbidden.test(line) && !isAboutWords)
      report("words", index + 1, "an issue, or mend it");
  });
  if (isTestFile(source.path)) return;
  walk(source, (node) => {
    const length = isWithBody(node) ? ownLines(source, node) : 0;
    if (length <= functionLinesMax) return;
    const say = `a function of ${length} lines, more than ${functionLinesMax}`;
    report("function", lineOf(source, node), say);
  });
}

/** Lines of a function without those of functions inside it, each of which is counted as itself. */
function ownLines(source: Source, node: ts.Node): number {
  const lineAt = (position: number): number =>
    source.tree.getLineAndCharacterOfPosition(position).line;
  let inner = 0;
  const look = (child: ts.Node): void => {
    if (!isWithBody(child)) return ts.forEachChild(child, look);
    inner += lineAt(child.getEnd()) - lineAt(child.getStart(source.tree));
  };
  ts.forEachChild(node, look);
  return lineAt(node.getEnd()) - lineAt(node.getStart(source.tree)) + 1 - inner;
}

function isWithBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

/** A comment block stands before the first thing that is not an import. */
function checkOpening(source: Source, report: Report): void {
  if (source.path.endsWith("/index.ts") || isTestFile(source.path)) return;
  const first = source.tree.statements.find((statement) => !ts.isImportDeclaration(statement));
  if (first === undefined) return;
  const before = source.text.slice(0, first.getStart(source.tree));
  if (!/\/\*\*|^\/\/ /m.test(before)) report("opening", 1, "open the file with what it is");
}

function checkBarrel(source: Source, report: Report): void {
  const { statements } = source.tree;
  const isDoor = /^packages\/[a-z-]+\/src\/(testing\/)?index\.ts$/.test(source.path);
  const isReexport = (statement: ts.Statement): boolean =>
    ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
  if (!isDoor) {
    const isBarrel = statements.length > 1 && statements.every(isReexport);
    if (isBarrel) report("barrel", 1, "a package has one barrel: src/index.ts");
    return;
  }
  for (const statement of statements) {
    const isNamed =
      ts.isExportDeclaration(statement) &&
      isReexport(statement) &&
      statement.exportClause !== undefined;
    const isEmptyModule = ts.isExportDeclaration(statement) && !isReexport(statement);
    if (isNamed || isEmptyModule) continue;
    report(
      "barrel",
      lineOf(source, statement),
      "an index re-exports by name and does nothing else",
    );
  }
}

function checkCasts(source: Source, report: Report): void {
  walk(source, (node) => {
    const what = castOf(node);
    if (what === undefined) return;
    const start = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line;
    const end = source.tree.getLineAndCharacterOfPosition(node.getEnd()).line;
    const lines = source.lines.slice(start, end + 1);
    const hasReason = lines.some((line) => /\/\/ \S|\/\* \S/.test(line));
    if (!hasReason) report("cast", end + 1, `${what} needs its reason on the line`);
  });
}

function castOf(node: ts.Node): string | undefined {
  if (ts.isNonNullExpression(node)) return "`!`";
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "`any`";
  if (!ts.isAsExpression(node)) return undefined;
  const isConst = ts.isTypeReferenceNode(node.type) && node.type.getText() === "const";
  return isConst ? undefined : "`as`";
}
