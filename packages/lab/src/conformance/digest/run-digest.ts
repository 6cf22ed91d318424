/** `digest-vectors.json`: the digests that RFC 7616 and RFC 2617 print, computed by ours. */
import { readFileSync } from "node:fs";
import { digestResponse, ha1Of, type DigestAlgorithm } from "@tandem/sip";
import { digestHash } from "@tandem/sip-server/testing";
import { reportOf, type CaseResult, type ConformanceRun } from "../report.ts";

interface DigestVector {
  readonly source: string;
  readonly algorithm: string;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc?: string;
  readonly cnonce?: string;
  readonly qop?: string;
  readonly expected: string;
}

export function runDigest(suite: string, file: string): ConformanceRun {
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { vectors = [] } = json as { vectors?: DigestVector[] }; // the suites' MANIFEST.md
  return reportOf(suite, vectors.map(judge));
}

function judge(vector: DigestVector): CaseResult {
  const id = `${vector.source} ${vector.algorithm}`;
  const algorithm = algorithms.find((each) => each === vector.algorithm.toUpperCase());
  if (algorithm === undefined) return { id, failures: [`no algorithm ${vector.algorithm}`] };
  const ha1 = ha1Of(digestHash, algorithm, vector.username, vector.realm, vector.password);
  const { method, uri, nonce, nc, cnonce } = vector;
  const parts = { algorithm, ha1, method, uri, nonce };
  const quality =
    nc === undefined || cnonce === undefined ? {} : ({ nc, cnonce, qop: "auth" } as const);
  const found = digestResponse(digestHash, { ...parts, ...quality });
  return { id, failures: found === vector.expected ? [] : [`computed ${found}`] };
}

const algorithms: readonly DigestAlgorithm[] = ["MD5", "SHA-256"];
