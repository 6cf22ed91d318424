/**
 * ARCHITECTURE.md, Rooms: who may import whom, and only through the door (`@tandem/<room>`, in
 * tests and tools of others also `@tandem/<room>/testing`). Arrows run down only. An end-to-end
 * test is a user of the house, not a room of it, and may start whatever it needs.
 */
import ts from "typescript";
import { type Finding, type Source, isTestFile, lineOf, walk } from "./source.ts";

const rooms = ["kernel", "sip", "cti", "switch", "replica", "link", "ail", "service"] as const;
const processes = ["sip-server", "config-server", "softphone", "simulator", "lab"] as const;

/** Each room may also import kernel and itself. */
export const arrows: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["packages/kernel", []],
  ["packages/sip", []],
  ["packages/cti", []],
  ["packages/switch", ["sip", "cti"]],
  ["packages/replica", []],
  ["packages/link", ["cti"]],
  ["packages/ail", ["cti", "link"]],
  ["packages/service", []],
  ["packages/sip-server", ["sip", "cti", "switch", "replica", "link", "service"]],
  ["packages/config-server", ["cti", "link", "service"]],
  ["packages/softphone", ["sip"]],
  ["packages/simulator", ["sip", "cti", "switch", "replica", "ail", "softphone"]],
  ["packages/lab", [...rooms, ...processes]],
  ["apps/tandem", [...rooms, ...processes]],
  ["tools", [...rooms, ...processes]],
]);

/** Rooms whose own job is to play with others' fakes. */
const usersOfTestingDoors = ["packages/simulator", "packages/lab", "tools"];

export function checkArrows(source: Source): readonly Finding[] {
  const home = homeOf(source.path);
  const found: Finding[] = [];
  const report = (node: ts.Node, say: string): void => {
    found.push({ rule: "arrows", path: source.path, line: lineOf(source, node), say });
  };
  for (const { specifier, node } of importsOf(source)) {
    const complaint = specifier.startsWith("@tandem/")
      ? complaintAboutRoom(source.path, home, specifier)
      : complaintAboutPath(source.path, home, specifier);
    if (complaint !== undefined) report(node, complaint);
  }
  return found;
}

/** `packages/sip`, `apps/tandem`, `examples/headless-agent` or `tools`. */
export function homeOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "packages" || first === "apps" || first === "examples"
    ? `${first}/${second}`
    : first;
}

function complaintAboutRoom(path: string, home: string, specifier: string): string | undefined {
  const [, room = "", ...door] = specifier.split("/");
  const isTestingDoor = door.length === 1 && door[0] === "testing";
  if (door.length > 0 && !isTestingDoor) return `import @tandem/${room}, not past its door`;
  if (isTestingDoor && !isTestFile(path) && !usersOfTestingDoors.includes(home)) {
    return `${specifier} is for tests`;
  }
  if (/\.(integration|long)\.test\.ts$/.test(path) || home.startsWith("examples/")) {
    return undefined;
  }
  const allowed = arrows.get(home);
  if (allowed === undefined) return `${home} is no room of ARCHITECTURE.md: add its arrows`;
  const isAllowed = room === "kernel" || `packages/${room}` === home || allowed.includes(room);
  return isAllowed ? undefined : `${home} may not import @tandem/${room}`;
}

function complaintAboutPath(path: string, home: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const steps = path.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== ".") steps.push(step);
  }
  const target = steps.join("/");
  return homeOf(target) === home ? undefined : `${specifier} leaves ${home}: use a door`;
}

interface Import {
  readonly specifier: string;
  readonly node: ts.Node;
}

function importsOf(source: Source): readonly Import[] {
  const found: Import[] = [];
  walk(source, (node) => {
    const literal = specifierOf(node);
    if (literal !== undefined) found.push({ specifier: literal.text, node });
  });
  return found;
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    return moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)
      ? moduleSpecifier
      : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined;
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) {
    return undefined;
  }
  const argument = node.arguments[0];
  return argument !== undefined && ts.isStringLiteral(argument) ? argument : undefined;
}
