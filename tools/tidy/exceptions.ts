/**
 * Where a check does not hold, and why. An exception that is no longer needed fails the test, so
 * that the list stays true.
 */
import type { Finding } from "./source.ts";

export interface Exception {
  readonly rule: string;
  /** A path; for a rule of a specification `path#rule`. */
  readonly path: string;
  readonly reason: string;
}

const later = (path: string, rules: string, reason: string): readonly Exception[] =>
  rules.split(" ").map((rule) => ({ rule: "spec", path: `${path}#${rule}`, reason }));

export const exceptions: readonly Exception[] = [
  ...later("packages/ail/SPEC.md", "R4 R9 R12 R18 R19 R21 R22 R25", "issue 2 of 3 builds it"),
  ...later("packages/switch/PEERS.md", "P12", "a desktop's work: tested as R17 in packages/ail"),
  ...later("packages/switch/PEERS.md", "P9 P10 P11", "calls that survive a site: a later round"),
];

export interface Judged {
  /** Findings that no exception covers. */
  readonly open: readonly Finding[];
  /** Exceptions that cover nothing. */
  readonly stale: readonly Exception[];
}

export function judge(findings: readonly Finding[], allowed: readonly Exception[]): Judged {
  const covers = (exception: Exception, finding: Finding): boolean =>
    exception.rule === finding.rule && exception.path === finding.path;
  return {
    open: findings.filter((finding) => !allowed.some((exception) => covers(exception, finding))),
    stale: allowed.filter((exception) => !findings.some((finding) => covers(exception, finding))),
  };
}
