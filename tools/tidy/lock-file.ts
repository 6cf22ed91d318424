/**
 * The lock file says of each workspace what its `package.json` says; where it does not, `npm ci` stops
 * on a fresh clone, and nobody who has the packages already notices.
 */
import type { Finding } from "./source.ts";

const fields = ["dependencies", "devDependencies", "optionalDependencies"] as const;
type Manifest = Partial<Record<(typeof fields)[number], Readonly<Record<string, string>>>>;

/** `files`: texts by path, of which the lock file and every `package.json` are used. */
export function checkLockFile(files: ReadonlyMap<string, string>): readonly Finding[] {
  const path = "package-lock.json";
  const lock = JSON.parse(files.get(path) ?? "{}") as LockFile; // npm writes it
  const found: Finding[] = [];
  for (const [file, text] of files) {
    const [, home] = /^(?:(.+)\/)?package\.json$/.exec(file) ?? [undefined, null];
    if (home === null) continue;
    const manifest = JSON.parse(text) as Manifest; // npm reads it as such too
    const locked = lock.packages?.[home ?? ""];
    for (const field of fields) {
      if (isSame(manifest[field], locked?.[field])) continue;
      const say = `its ${field} are not those in ${path}: run npm install --package-lock-only`;
      found.push({ rule: "lock", path: file, line: 1, say });
    }
  }
  return found;
}

interface LockFile {
  readonly packages?: Readonly<Record<string, Manifest>>;
}

function isSame(a: Manifest["dependencies"], b: Manifest["dependencies"]): boolean {
  const text = (each: Manifest["dependencies"]): string =>
    JSON.stringify(Object.entries(each ?? {}).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}
