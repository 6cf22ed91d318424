/**
 * What a machine may not know (style DET1): clocks, timers, chance, locale, floats, sockets, files,
 * async. The compiler hides most of it (`types: []`); lint forbids most of the rest; this looks
 * once more, also where an alias would slip through (`const M = Math`, `Reflect.get(Math,
 * "random")`).
 */
import ts from "typescript";
import { homeOf } from "./arrows.ts";
import { type Finding, type Source, lineOf, walk } from "./source.ts";

export const machineRooms: readonly string[] = [
  "packages/kernel",
  "packages/sip",
  "packages/cti",
  "packages/switch",
  "packages/replica",
  "packages/ail",
  "packages/softphone",
];
/** Folders of a machine room where I/O stands. */
const hostFolders = /\/src\/(drivers|node|browser|host|testing)\//;

const bannedNames: ReadonlyMap<string, string> = new Map([
  ...["Date", "performance"].map((name) => [name, "the time that came with the input"] as const),
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"].map(
    (name) => [name, "a timer as data"] as const,
  ),
  ...["crypto"].map((name) => [name, "the entropy that came with the input"] as const),
  ...["Intl"].map((name) => [name, "an order that is part of the state"] as const),
  ...["process", "console", "fetch", "WebSocket", "require"].map(
    (name) => [name, "an effect"] as const,
  ),
  ...["Promise"].map((name) => [name, "effects out, events in"] as const),
  ...["eval", "Function", "Reflect", "Proxy", "globalThis", "window", "self"].map(
    (name) => [name, "what can be read from the text"] as const,
  ),
  ...["WeakRef", "FinalizationRegistry", "WeakMap", "WeakSet", "Atomics", "SharedArrayBuffer"].map(
    (name) => [name, "what a snapshot can hold"] as const,
  ),
]);
const bannedProperties: ReadonlyMap<string, string> = new Map([
  ["localeCompare", "a comparison of code units"],
  ["toLocaleString", "digits"],
  ["toLocaleLowerCase", "toLowerCase"],
  ["toLocaleUpperCase", "toUpperCase"],
]);
/** Integer arithmetic; everything else of Math is chance or a float. */
const allowedMath = new Set("abs ceil clz32 floor imul max min round sign trunc".split(" "));

export function isMachineFile(path: string): boolean {
  return (
    machineRooms.includes(homeOf(path)) &&
    path.includes("/src/") &&
    !path.endsWith(".test.ts") &&
    !hostFolders.test(path)
  );
}

export function checkMachineBans(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  const report = (node: ts.Node, say: string): void => {
    found.push({ rule: "machine", path: source.path, line: lineOf(source, node), say });
  };
  if (source.tree.typeReferenceDirectives.length > 0) {
    report(source.tree, "no `/// <reference types>`: it brings every host name back");
  }
  walk(source, (node) => {
    const complaint = complaintAbout(node);
    if (complaint !== undefined) report(node, complaint);
  });
  return found;
}

function complaintAbout(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return complaintAboutName(node);
  if (ts.isAwaitExpression(node)) return "no await: effects out, events in";
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return "no async: effects out, events in";
  if (ts.isImportDeclaration(node)) return complaintAboutImport(node);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    const use = bannedProperties.get(node.argumentExpression.text);
    return use === undefined ? undefined : `not ${node.argumentExpression.text}: use ${use}`;
  }
  return undefined;
}

function complaintAboutImport(node: ts.ImportDeclaration): string | undefined {
  const specifier = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : "";
  return specifier.startsWith("node:") ? `a machine may not import ${specifier}` : undefined;
}

function complaintAboutName(node: ts.Identifier): string | undefined {
  const { parent, text } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    const use = bannedProperties.get(text);
    return use === undefined ? undefined : `not ${text}: use ${use}`;
  }
  if (text === "Math") return complaintAboutMath(node);
  const use = bannedNames.get(text);
  if (use === undefined || isOnlyAName(node)) return undefined;
  return `a machine may not know ${text}: use ${use}`;
}

function complaintAboutMath(node: ts.Identifier): string | undefined {
  const { parent } = node;
  if (isOnlyAName(node)) return undefined;
  const isCalled = ts.isPropertyAccessExpression(parent) && parent.expression === node;
  if (isCalled && allowedMath.has(parent.name.text)) return undefined;
  return "of Math only integer arithmetic, called by its name";
}

/** A type, a property, a key or an imported name spelled like a global is not the global. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isTypeReferenceNode(parent)) return true; // a type does nothing
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent))
    return parent.name === node;
  if (ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent))
    return parent.name === node;
  if (ts.isMethodSignature(parent) || ts.isEnumMember(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent);
}
