import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The units of `docs/systemd`: systemd itself finds no fault in them. */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const folder = join(root, "docs/systemd");
const isThere = spawnSync("systemd-analyze", ["--version"]).status === 0;
const missing = isThere
  ? null
  : "skipped, systemd-analyze is not installed: apt-get install -y --no-install-recommends systemd";
const names = readdirSync(folder).filter((name) => name.endsWith(".service"));

function verify(name: string, text: string): { readonly code: number; readonly words: string } {
  const own = mkdtempSync(join(tmpdir(), "tandem-units-"));
  try {
    const path = join(own, name);
    // Programs have to be where the unit says: this clone instead of /opt/tandem.
    writeFileSync(path, text.replaceAll("/opt/tandem", root));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
    // What it says of the machine's other units is not ours.
    const words = stderr.split("\n").filter((line) => line.includes(name));
    return { code: status ?? 1, words: words.join("\n") };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

test("there is a unit for each process", () => {
  expect(names).toEqual(["tandem-config-server.service", "tandem-sip-server.service"]);
});

test.skipIf(!isThere).each(names)(missing ?? "systemd-analyze verify %s", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  expect(verify(name, text)).toEqual({ code: 0, words: "" });
});

test.skipIf(!isThere)(missing ?? "the check can fail: a setting that does not exist", () => {
  const text = readFileSync(join(folder, "tandem-sip-server.service"), "utf8");
  expect(
    verify("tandem-sip-server.service", text.replace("KillMode=", "KillMood=")).words,
  ).toContain("KillMood");
});
