/**
 * `tandem config check | key | hash`: what an operator does before a Configuration Server starts.
 */
import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { Command } from "commander";

export function addConfigCommands(program: Command): void {
  const config = program.command("config").description("configuration files, keys and hashes");
  config
    .command("check")
    .description("what is wrong with a configuration file, with line, column and what to do")
    .argument("<file>", "a YAML file")
    .action(async (file: string) => {
      process.exitCode = await checkFile(file);
    });
  config
    .command("key")
    .description("a new key for signing tokens; prints the public half for the configuration")
    .requiredOption("--out <file>", "where the private half goes (mode 0600)")
    .action(async ({ out }: { out: string }) => {
      process.exitCode = await makeKey(out);
    });
  config
    .command("hash")
    .description("read a password from standard input and print its passwordHash")
    .action(async () => {
      process.exitCode = await printHash();
    });
}

async function checkFile(file: string): Promise<number> {
  const { faultsText, loadConfiguration } = await import("@tandem/config-server");
  const loaded = await loadConfiguration(file);
  if (!loaded.ok) {
    console.error(faultsText(loaded.failure));
    return 1;
  }
  const counts = [...loaded.value.byType].map(([type, objects]) => `${objects.size} ${type}`);
  console.log(`${file}: no fault (${counts.join(", ")})`);
  return 0;
}

/** Never overwrites a key: tokens signed with it may still be about. */
async function makeKey(out: string): Promise<number> {
  const { generateTokenKey, tokenKeyText } = await import("@tandem/config-server");
  const key = await generateTokenKey();
  try {
    writeFileSync(out, tokenKeyText(key), { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException; // writeFileSync throws nothing else
    const why = code === "EEXIST" ? "exists already; choose another name" : `not written (${code})`;
    console.error(`${out}: ${why}`);
    return 1;
  }
  console.log(`publicKeys: [{ kid: ${key.kid}, x: ${key.x} }]`);
  return 0;
}

async function printHash(): Promise<number> {
  const { hashPassword } = await import("@tandem/config-server");
  const password = (await text(process.stdin)).replace(/\r?\n$/, "");
  if (password === "") {
    console.error("no password on standard input: echo -n PASSWORD | tandem config hash");
    return 1;
  }
  console.log(await hashPassword(password));
  return 0;
}
