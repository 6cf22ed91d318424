/**
 * The Debian packages of `debian-packages.txt`: which are missing, and installing them when root,
 * after saying what. Where that may not be, the suites that use them are named as skipped, with the
 * command that installs them; the tests themselves look for the programs and skip.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface DebianPackage {
  readonly name: string;
  readonly reason: string;
}

/**
 * Reads the list: a name and a reason a line; `#` opens a comment. Throws on a line without a
 * reason.
 */
export function parsePackages(text: string): readonly DebianPackage[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name, reason] = /^(\S+)\s+(\S.*)$/.exec(line) ?? [];
      if (name === undefined || reason === undefined) {
        throw new Error(`debian-packages.txt: "${line}" needs a name and a reason`);
      }
      return { name, reason };
    });
}

export type PackagesPlan =
  | { readonly kind: "nothing" }
  | { readonly kind: "install"; readonly names: readonly string[] }
  | { readonly kind: "skip"; readonly names: readonly string[]; readonly because: string };

export interface Machine {
  readonly isRoot: boolean;
  readonly hasApt: boolean;
  readonly isForbidden: boolean;
}

/** What to do about the missing ones; pure. */
export function decidePackages(missing: readonly string[], machine: Machine): PackagesPlan {
  if (missing.length === 0) return { kind: "nothing" };
  if (machine.isForbidden) {
    return { kind: "skip", names: missing, because: "TANDEM_NO_SYSTEM_PACKAGES=1 is set" };
  }
  if (!machine.hasApt) return { kind: "skip", names: missing, because: "this is not Debian" };
  if (!machine.isRoot) return { kind: "skip", names: missing, because: "you are not root" };
  return { kind: "install", names: missing };
}

export function installCommand(names: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${names.join(" ")}`;
}

/** Makes sure of `wanted`; returns the packages that are still missing. Prints what it does. */
export function providePackages(
  root: string,
  wanted: readonly string[],
  say: (line: string) => void,
): readonly string[] {
  const listed = parsePackages(readFileSync(`${root}/tools/debian-packages.txt`, "utf8"));
  const missing = listed.filter(({ name }) => wanted.includes(name) && !isPackageInstalled(name));
  const plan = decidePackages(
    missing.map(({ name }) => name),
    {
      isRoot: process.getuid?.() === 0,
      hasApt: spawnSync("apt-get", ["--version"]).status === 0,
      isForbidden: process.env["TANDEM_NO_SYSTEM_PACKAGES"] === "1",
    },
  );
  if (plan.kind === "nothing") return [];
  if (plan.kind === "skip") {
    say(`skipped: suites that use ${plan.names.join(", ")}, because ${plan.because}`);
    say(`  they run after: sudo ${installCommand(plan.names)}`);
    return plan.names;
  }
  for (const { name, reason } of missing) say(`installing ${name}: ${reason}`);
  return install(plan.names, say);
}

function install(names: readonly string[], say: (line: string) => void): readonly string[] {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: readonly string[]): number | null =>
    spawnSync("apt-get", ["-q", ...args], { stdio: ["ignore", 2, 2], env }).status;
  const command = ["install", "-y", "--no-install-recommends", ...names];
  if (apt("update") === 0 && apt(...command) === 0) return [];
  say(`skipped: suites that use ${names.join(", ")}, because apt-get failed (its words are above)`);
  say(`  they run after: ${installCommand(names)}`);
  return names.filter((name) => !isPackageInstalled(name));
}

function isPackageInstalled(name: string): boolean {
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Status}", name], { encoding: "utf8" });
  return query.status === 0 && query.stdout.includes("install ok installed");
}
