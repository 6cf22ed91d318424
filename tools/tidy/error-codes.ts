/**
 * Public errors have a closed code and a row in `docs/errors.md` (style ERR2). A public code is a
 * member of an exported type or constant whose name ends in `ErrorCode` or `ErrorCodes`.
 */
import ts from "typescript";
import { type Finding, type Source, isTestFile } from "./source.ts";

const path = "docs/errors.md";

/** All public codes of the sources, each once. */
export function errorCodesIn(sources: readonly Source[]): readonly string[] {
  const codes = new Set<string>();
  for (const source of sources) {
    if (isTestFile(source.path)) continue;
    for (const statement of source.tree.statements) {
      for (const declared of declarationsOf(statement)) {
        if (/errorCodes?$/i.test(declared.name)) collectTexts(declared.node, codes);
      }
    }
  }
  return [...codes].toSorted();
}

/** The codes that have a row: lines that begin with `` | `code` | ``. */
export function documentedCodes(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? "");
}

export function checkErrorCodes(
  codes: readonly string[],
  documented: readonly string[],
): readonly Finding[] {
  const missing = codes.filter((code) => !documented.includes(code));
  const stale = documented.filter((code) => !codes.includes(code));
  const twice = documented.filter((code, index) => documented.indexOf(code) !== index);
  return [
    ...missing.map((code) => finding(`no row for \`${code}\``)),
    ...stale.map((code) => finding(`\`${code}\` is no public code any more`)),
    ...twice.map((code) => finding(`two rows for \`${code}\``)),
  ];
}

function finding(say: string): Finding {
  return { rule: "errors", path, line: 1, say };
}

function declarationsOf(
  statement: ts.Statement,
): readonly { readonly name: string; readonly node: ts.Node }[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (isExported !== true) return [];
  if (ts.isTypeAliasDeclaration(statement)) {
    return [{ name: statement.name.text, node: statement.type }];
  }
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
    ts.isIdentifier(name) && initializer !== undefined
      ? [{ name: name.text, node: initializer }]
      : [],
  );
}

function collectTexts(node: ts.Node, into: Set<string>): void {
  if (ts.isStringLiteralLike(node)) into.add(node.text);
  else if (ts.isPropertyAssignment(node)) {
    // A table of codes: the keys are the codes, the values say something about them.
    if (ts.isStringLiteralLike(node.name) || ts.isIdentifier(node.name)) into.add(node.name.text);
  } else ts.forEachChild(node, (child) => collectTexts(child, into));
}
