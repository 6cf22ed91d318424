/**
 * What must hold of the repository as a whole: no test switched off or left alone, package READMEs
 * of at most 60 lines, no path of one machine and no registry host in any text.
 */
import type { Finding } from "./source.ts";

export const packageReadmeLinesMax = 60;
export const readmeLinesMax = 120;
const machinePath = /(?<![\w.])\/(?:home|work|root|Users)\/[a-z]/;
const registryHost = /registry\.(?:npmjs\.org|yarnpkg\.com)|"resolved": "https?:/;

export function checkText(path: string, text: string): readonly Finding[] {
  const found: Finding[] = [];
  text.split("\n").forEach((line, index) => {
    const report = (rule: string, say: string): void => {
      found.push({ rule, path, line: index + 1, say });
    };
    if (machinePath.test(line)) report("paths", "a path of one machine");
    if (registryHost.test(line)) report("paths", "a registry's host: .npmrc of the user says it");
    if (/\b(?:test|it|describe)\.only\(/.test(line)) report("only", "a test alone: remove .only");
  });
  return found;
}

/** Every package has a README, and each README keeps its length. */
export function checkReadmes(files: ReadonlyMap<string, string>): readonly Finding[] {
  const found: Finding[] = [];
  const limit = (path: string, max: number): void => {
    const text = files.get(path);
    if (text === undefined) found.push({ rule: "readme", path, line: 1, say: "is missing" });
    else if (text.trimEnd().split("\n").length > max) {
      found.push({ rule: "readme", path, line: max, say: `more than ${max} lines` });
    }
  };
  limit("README.md", readmeLinesMax);
  for (const path of files.keys()) {
    const [, home] = /^((?:packages|apps)\/[^/]+)\/package\.json$/.exec(path) ?? [];
    if (home !== undefined) limit(`${home}/README.md`, packageReadmeLinesMax);
  }
  return found;
}
