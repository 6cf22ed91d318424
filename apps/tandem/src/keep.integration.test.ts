import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** `tandem keep` as a person calls it, through the launcher: options, the pipe, SIGTERM. */
const launcher = fileURLToPath(new URL("../../../tandem", import.meta.url));
const patience = { timeout: 60_000 };

test("the command beats through the launcher, is started again, and ends with the keeper", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-keep-"));
  const [pids, drops] = [join(folder, "pids"), join(folder, "drops")];
  const script = `echo $$ >> ${pids}; echo beat >&3; exec sleep 1000`;
  const keeper = spawn(
    process.execPath,
    [
      launcher,
      "keep",
      "--name",
      "k",
      "--drop-address",
      `echo gone >> ${drops}`,
      "--",
      "/bin/sh",
      "-c",
      script,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  keeper.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const code = new Promise((resolve) => keeper.on("exit", resolve));
  const lines = (path: string): readonly string[] =>
    existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  try {
    // One beat, then silence: it is killed, its address given up, and it comes again.
    await expect.poll(() => lines(pids).length, patience).toBeGreaterThanOrEqual(2);
    expect(said).toContain("silent for 700 ms");
    expect(lines(drops).length).toBeGreaterThanOrEqual(1);
    expect(existsSync(`/proc/${lines(pids)[0]}`)).toBe(false);
  } finally {
    keeper.kill("SIGTERM");
    await code;
  }
  for (const pid of lines(pids)) expect(existsSync(`/proc/${pid}`)).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});
