/**
 * The process `tandem sip-server --settings FILE`: waits for its configuration, serves, and takes
 * changes as they come.
 */
import {
  createLogger,
  createMetrics,
  describeListenError,
  printable,
  readSettings,
  settingsFaultsText,
  startHealthServer,
  startLifecycle,
  type Lifecycle,
  type Logger,
} from "@tandem/service";
import type { Compiled } from "./compile-config.ts";
import { openConfigurationSource } from "./configuration-source.ts";
import { registerMetrics } from "./server-metrics.ts";
import { startSipServer, type SipServer } from "./server.ts";
import { readTls } from "./tls-files.ts";
import { sipServerSettingsSchema, type SipServerSettings } from "./settings.ts";

export function runSipServer(settingsFile: string): void {
  const settings = readSettings(settingsFile, sipServerSettingsSchema);
  if (!settings.ok) return refuse(settingsFaultsText(settings.failure));
  const { name, logLevel, endsWithInput } = settings.value;
  const log = createLogger({ name, level: logLevel });
  const lifecycle = startLifecycle({
    log,
    ...(endsWithInput ? { supervisor: process.stdin } : {}),
  });
  let server: Promise<SipServer> | null = null;
  const source = openConfigurationSource({
    urls: settings.value.configuration,
    applicationName: name,
    secret: settings.value.secret,
    onConfiguration(compiled) {
      if (server === null) {
        server = serve(settingsFile, settings.value, compiled, log, lifecycle, () =>
          source.isConnected(),
        );
        server.catch((error: unknown) =>
          refuse(describeListenError(asError(error), "SIP Server", compiled.tlib)),
        );
        return;
      }
      void server.then(async (running) => {
        await running.configure(compiled);
        log.info({ dns: compiled.config.dns.length }, "configuration taken");
      });
    },
    onTrouble(sentence, isFatal) {
      if (isFatal && server === null) return refuse(sentence);
      log.warn(sentence);
    },
  });
  lifecycle.add("configuration", source.close);
}

async function serve(
  settingsFile: string,
  settings: SipServerSettings,
  compiled: Compiled,
  log: Logger,
  lifecycle: Lifecycle,
  isConfigured: () => boolean,
): Promise<SipServer> {
  const { strangersPerSecond, connectionsMax, unprovenPerSourceMax } = settings;
  const server = await startSipServer({
    name: settings.name,
    first: compiled,
    algorithms: settings.digestAlgorithms,
    sourcePerSecond: settings.sourcePerSecond,
    limits: { strangersPerSecond, connectionsMax, unprovenPerSourceMax },
    nameServers: settings.nameServers,
    ...(settings.tls === undefined ? {} : { tls: readTls(settings.tls, settingsFile) }),
    origins: settings.origins,
    onTrouble: (sentence) => log.warn(printable(sentence)),
    observe(effect) {
      if (effect.kind === "alarm") log.warn({ alarm: effect.code }, printable(effect.detail));
      else log.info({ topic: effect.topic }, printable(effect.text));
    },
  });
  lifecycle.add("server", server.close);
  const metrics = createMetrics(settings.name);
  registerMetrics(metrics, server);
  const health = await startHealthServer(
    { host: compiled.config.host, port: compiled.httpPort },
    {
      name: settings.name,
      metrics,
      readiness: () => ({
        machine: {
          ok: server.state.config !== null && lifecycle.isRunning(),
          detail: lifecycle.isRunning() ? "configured" : "stopping",
        },
      }),
      facts: () => ({
        site: compiled.config.site,
        role: "primary",
        epoch: server.state.epoch,
        peerInService: server.state.peer.isAlive,
        configurationConnected: isConfigured(),
      }),
    },
  );
  lifecycle.add("health", health.close);
  const { site, host, port } = compiled.config;
  log.info({ site, sip: `${host}:${port}`, tlib: compiled.tlib.port }, "in service");
  return server;
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
