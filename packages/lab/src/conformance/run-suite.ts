/**
 * Takes a folder and finds out what it is:
 *
 *     expected.json           messages with verdicts (rfc4475, rfc5118, known-cve)
 *     flows.json and others   call flows, ladders, offer/answer cases, digest vectors
 *     verified-pairs.json     SIPp scenarios: the phone matrix runs them, not this
 *     folders of these        all of them
 *     anything else           a corpus: nothing may break
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { runCorpus } from "./corpus/run-corpus.ts";
import { runDigest } from "./digest/run-digest.ts";
import { runFlows } from "./flows/run-flows.ts";
import { runLadders } from "./flows/run-ladders.ts";
import { runOfferAnswer } from "./flows/run-offer-answer.ts";
import { runMessages } from "./messages/run-messages.ts";
import { joinRuns, type ConformanceRun } from "./report.ts";

type Runner = (suite: string, path: string) => ConformanceRun;

/** What a file of this name (or this ending of one) makes of its folder. */
const runners: readonly (readonly [RegExp, Runner])[] = [
  [/^flows\.json$/, (suite, file) => runFlows(suite, join(file, ".."))],
  [/ladders\.json$/, runLadders],
  [/offer-answer\.json$/, runOfferAnswer],
  [/^digest-vectors\.json$/, runDigest],
];

export function runSuite(path: string): ConformanceRun {
  const folder = resolve(path);
  const suite = basename(folder);
  if (!existsSync(folder)) return joinRuns(`${suite} (no such folder)`, []);
  if (existsSync(join(folder, "expected.json"))) return runMessages(suite, folder);
  const entries = readdirSync(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const flows = files
    .sort()
    .flatMap((name) =>
      runners.flatMap(([form, run]) => (form.test(name) ? [run(suite, join(folder, name))] : [])),
    );
  if (flows.length > 0) return joinRuns(suite, flows);
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
  if (below.some(isKnown)) return joinRuns(suite, below.filter(isRunnable).map(runSuite));
  return runCorpus(suite, folder);
}

function isKnown(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some(
    (entry) =>
      entry.name === "expected.json" ||
      entry.name === scenarios ||
      entry.name === "testcases.tar.xz" ||
      runners.some(([form]) => form.test(entry.name)) ||
      (entry.isDirectory() && isKnown(join(folder, entry.name))),
  );
}

/** SIPp scenarios need SIPp and a running server. */
function isRunnable(folder: string): boolean {
  return !existsSync(join(folder, scenarios));
}

const scenarios = "verified-pairs.json";
