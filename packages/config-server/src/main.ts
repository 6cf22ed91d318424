/**
 * The process `tandem config-server --settings FILE`: reads its settings, serves until SIGTERM,
 * reads the configuration file again on SIGHUP.
 */
import { dirname, resolve } from "node:path";
import { createLogger, readSettings, settingsFaultsText, startLifecycle } from "@tandem/service";
import { readTokenKey } from "./login/token-keys.ts";
import { startConfigServer } from "./server.ts";
import { configServerSettingsSchema } from "./settings.ts";

/**
 * Resolves once it serves. What keeps it from starting is told in full on standard error; exit code
 * 1.
 */
export async function runConfigServer(settingsFile: string): Promise<void> {
  const settings = readSettings(settingsFile, configServerSettingsSchema);
  if (!settings.ok) return refuse(settingsFaultsText(settings.failure));
  const { name, logLevel, listen, http, origins, endsWithInput } = settings.value;
  const fromHere = (path: string): string => resolve(dirname(settingsFile), path);
  const key = readTokenKey(fromHere(settings.value.keyFile));
  if (!key.ok) return refuse(key.failure);
  const log = createLogger({ name, level: logLevel });
  const lifecycle = startLifecycle({
    log,
    ...(endsWithInput ? { supervisor: process.stdin } : {}),
  });
  try {
    const file = fromHere(settings.value.file);
    const server = await startConfigServer({
      name,
      file,
      key: key.value,
      listen,
      http,
      origins,
      log,
    });
    lifecycle.add("server", server.close);
    process.on("SIGHUP", () => void server.reload());
  } catch (error) {
    // A plain Error is a sentence for the person who started it; another one is a bug of ours.
    const isSentence = error instanceof Error && error.constructor === Error;
    if (!isSentence) throw error;
    refuse(error.message);
  }
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
