#!/usr/bin/env node
/**
 * The way in for the system's Node (20 or newer), in plain JavaScript: installs the dependencies
 * when they are missing or the lock file has changed, then hands over to the Node 24 that came with
 * them, by its path (a shell remembers the old one).
 *
 *   node tools/enter.mjs :test     a stage runner of this folder
 *   node tools/enter.mjs lab       a word of the command line in apps/tandem
 *
 * What can go wrong here is said in one sentence with the way out, never as a stack.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, "package-lock.json");
const npmsOwnRecord = join(root, "node_modules", ".package-lock.json");
const progressEveryMs = 10_000;

/** Words that begin with a colon are ours: where they lead, what stands before the caller's own. */
const stageRunners = {
  ":test": ["tools/run-stages.ts", "test"],
  ":test-long": ["tools/run-stages.ts", "test-long"],
  ":check": ["tools/run-stages.ts", "check"],
  ":prove": ["tools/run-stages.ts", "prove"],
  ":unit": ["node_modules/vitest/vitest.mjs", "run", "--project", "unit"],
  ":format": ["node_modules/@biomejs/biome/bin/biome", "format", "--write"],
};

class WayOut extends Error {}

function say(sentence) {
  process.stderr.write(`tandem: ${sentence}\n`);
}

/**
 * Whether what npm says it has installed is what the lock file asks for, package by package:
 * someone's own `npm ci` counts, and a lock file that changed without a version of a package asks
 * for nothing.
 */
export function isSatisfied(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.startsWith("node_modules/") || wanted.optional === true) return true;
    const present = installed.packages[path];
    return present !== undefined && present.version === wanted.version;
  });
}

function isInstalled() {
  if (!existsSync(npmsOwnRecord)) return false;
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  return isSatisfied(read(lockFile), read(npmsOwnRecord));
}

/** `npm` must run under the system's Node, not under the one that it is about to replace. */
function pathForNpm() {
  const entries = (process.env.PATH ?? "").split(delimiter);
  return entries.filter((entry) => !entry.includes("node_modules")).join(delimiter);
}

async function install() {
  say("installing the dependencies (npm ci: about 570 MB on disk, once until they change) …");
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const progress = setInterval(() => say(`still installing (${seconds()} s)`), progressEveryMs);
  const code = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, PATH: pathForNpm() },
  }).finally(() => clearInterval(progress));
  if (code !== 0) {
    throw new WayOut(
      `npm ci ended with code ${code} (its own words are above): ` +
        "look whether this machine reaches its npm registry, then give the same command again.",
    );
  }
  say(`installed in ${seconds()} s.`);
}

function ownNode() {
  const installed = join(root, "node_modules", ".bin", "node");
  const [major, minor] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > 24 || (major === 24 && minor >= 7);
  // Apple silicon: the registry's newest 24 is older than the one a developer there may have.
  if (process.platform === "darwin" && process.arch === "arm64" && isNewEnough) {
    return process.execPath;
  }
  if (existsSync(installed)) return installed;
  if (isNewEnough) return process.execPath;
  throw new WayOut(
    `the registry has no Node 24 for ${process.platform}-${process.arch}: ` +
      "put a Node 24.7 or newer on the PATH and give the same command again.",
  );
}

/** Resolves to the exit code; 128 + signal number as a shell says it. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    const pass = (signal) => child.kill(signal);
    // A terminal sends Ctrl-C to the whole group; sent a second time it would mean "at once".
    const passInterrupt = (signal) => process.stdin.isTTY || child.kill(signal);
    process.on("SIGTERM", pass).on("SIGHUP", pass).on("SIGINT", passInterrupt);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGTERM", pass).off("SIGHUP", pass).off("SIGINT", passInterrupt);
      resolve(code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0));
    });
  });
}

function isSystemNodeOld() {
  return Number(process.versions.node.split(".")[0]) < 20;
}

/** Runs what `words` ask for and resolves to the exit code. */
export async function enter(words) {
  try {
    if (isSystemNodeOld()) {
      throw new WayOut(`Node ${process.versions.node} is too old to start: install 20 or newer.`);
    }
    if (!isInstalled()) await install();
    const runner = stageRunners[words[0] ?? ""];
    const target = runner ?? ["apps/tandem/src/main.ts", ...words.slice(0, 1)];
    const [file, ...args] = [...target, ...words.slice(1)];
    const isOurs = file.endsWith(".ts");
    const nodeArgs = isOurs ? ["--conditions=@tandem/source"] : [];
    return await run(ownNode(), [...nodeArgs, join(root, file), ...args], {
      // Our own runners and vitest work from the root; the command line works where it was called.
      cwd: runner === undefined ? process.cwd() : root,
      // Under a keeper the pipe of the heartbeat goes on to the process itself.
      stdio: process.env.TANDEM_HEARTBEAT_FD === "3" ? Array(4).fill("inherit") : "inherit",
      // Compiled code is kept: a process starts in half the time, and so do those that it starts.
      env: { NODE_COMPILE_CACHE: join(root, ".cache", "node"), ...process.env },
    });
  } catch (failure) {
    if (failure instanceof WayOut) say(failure.message);
    else if (failure.code === "ENOENT" && failure.path === "npm") {
      say("npm is not on the PATH: install it beside Node and give the same command again.");
    } else throw failure;
    return 1;
  }
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  process.exitCode = await enter(process.argv.slice(2));
}
