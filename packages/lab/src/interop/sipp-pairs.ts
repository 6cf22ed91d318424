/**
 * Scenario pairs of other projects, as `verified-pairs.json` of the suites names them, unmodified:
 * the caller is a trunk, the called one a DN that is registered for it. Several pairs run at once.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suitesFolder } from "@tandem/sip/testing";
import type { PairRow } from "./interop-page.ts";
import type { InteropScene, Place } from "./scene.ts";

interface Pair {
  readonly name: string;
  readonly feature: string;
  readonly uac: string;
  readonly uas: string | null;
  readonly uac_args: readonly string[];
  readonly uas_args: readonly string[];
  readonly verified: boolean;
  readonly result: Readonly<Record<string, string>>;
}

const timeoutSeconds = 20;
const killAfterMs = 25_000;
const pairsAtOnce = 4;
const debianVersion = "3.6.1";

/** Pairs that passed against a proxy with Debian's SIPp: what a server can be asked to do. */
export function readPairs(): readonly Pair[] {
  const folder = suitesFolder();
  const file = join(folder ?? "", "sipp", "verified-pairs.json");
  if (folder === undefined || !existsSync(file)) return [];
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { pairs = [] } = json as { pairs?: Pair[] }; // the suites' MANIFEST.md
  return pairs.filter(({ verified, result }) => verified && result[debianVersion] === "pass");
}

/** One DN a pair, `p0`, `p1` …: the scenarios' own `service` would be one for all. */
export function pairDns(): readonly string[] {
  return readPairs().map((_, index) => `p${index}`);
}

/** What a scenario wants of its server that this one does not do, by intent. */
const notHere: Readonly<Record<string, string>> = {
  "reg star drachtio": "skipped: it registers without credentials",
  "call sipp regexp":
    "skipped: it wants a user name in the SDP's origin, which is the server's `-`",
  "long uri": "skipped: it dials a name of its own, which is no DN here",
  "call tcp sipp docs": "skipped: a called SIPp has no connection of its own",
};

export async function runPairs(scene: InteropScene): Promise<readonly PairRow[]> {
  const pairs = readPairs();
  const rows: PairRow[] = [];
  const waiting = pairs.map((pair, index) => ({ pair, index }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { pair, index } = next;
      const first = await runPair(scene, pair, index);
      // Once more: a late answer to the registration may have met the scenario.
      const result = first.startsWith("no") ? await runPair(scene, pair, index) : first;
      rows[index] = { name: pair.name, feature: pair.feature, result };
    }
  };
  await Promise.all(Array.from({ length: pairsAtOnce }, work));
  return rows;
}

async function runPair(scene: InteropScene, pair: Pair, index: number): Promise<string> {
  const reason = notHere[pair.name];
  if (reason !== undefined) return reason;
  const folder = mkdtempSync(join(tmpdir(), "tandem-pair-"));
  const dn = `p${index}`;
  const uacPort = 6_000 + 20 * index;
  const fill = (text: string): string =>
    text.replaceAll("SERVER_IP:5062", `${scene.host}:5060`).replaceAll("SERVER_IP", scene.host);
  writeFileSync(join(folder, "reg.csv"), registration(scene, dn));
  const own = pair.uac_args.map((argument) => ownArgument(argument, scene, dn, folder, fill));
  const uac = [...own, ...(own.includes("-s") ? [] : ["-s", dn])];
  try {
    let called: Promise<string | null> = Promise.resolve(null);
    if (pair.uas !== null) {
      const address = { host: scene.calledHost(index), port: 5_080 };
      await scene.registerAt(dn, address);
      called = runSipp(folder, pair.uas, address, [...pair.uas_args], null);
    }
    const host = pair.uas === null ? scene.calledHost(index) : scene.sippHost;
    const caller = runSipp(folder, pair.uac, { host, port: uacPort }, uac, `${scene.host}:5060`);
    const [one, other] = await Promise.all([caller, called]);
    const faults = [
      one === null ? null : `caller: ${one}`,
      other === null ? null : `called: ${other}`,
    ];
    const said = faults.filter((fault) => fault !== null).join("; ");
    return said === "" ? "yes" : `no (${said})`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Users, secrets and files that the pair's command line names. */
function ownArgument(
  argument: string,
  scene: InteropScene,
  dn: string,
  folder: string,
  fill: (text: string) => string,
): string {
  if (argument === "REG_CSV") return join(folder, "reg.csv");
  if (argument === "alice") return dn;
  if (argument === "secret") return scene.secret;
  return fill(argument).replaceAll("alice@", `${dn}@`);
}

function registration({ host, secret }: InteropScene, dn: string): string {
  return `SEQUENTIAL\n${dn};${host};[authentication username=${dn} password=${secret}]\n`;
}

/** Null when the scenario ended well, else SIPp's own words. */
function runSipp(
  folder: string,
  scenario: string,
  { host, port }: Place,
  more: readonly string[],
  target: string | null,
): Promise<string | null> {
  const file = join(suitesFolder() ?? "", "sipp", scenario);
  const options = [
    ...["-sf", file, "-i", host, "-p", String(port), "-m", "1", "-nostdin"],
    ...["-timeout", String(timeoutSeconds), "-timeout_error"],
    ...more,
    ...(target === null ? [] : [target]),
  ];
  const child = spawn("sipp", options, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const impatient = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  let said = "";
  child.stderr.setEncoding("latin1").on("data", (text: string) => {
    said += text;
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => {
      clearTimeout(impatient);
      resolve(code === 0 ? null : wordsOf(said, code));
    });
  });
}

function wordsOf(said: string, code: number | null): string {
  if (/timed out after/.test(said)) return "timed out";
  const line = /Aborting call[^\n]*/.exec(said)?.[0] ?? "";
  const expected = /while expecting '([^']+)'.*received '([^ ]+ [^ ]+)/.exec(line);
  if (expected === null) return `ended with ${code ?? "a signal"}`;
  return `${expected[2] ?? ""} while expecting ${expected[1] ?? ""}`;
}
