/**
 * The process `tandem sip-server --settings FILE`: waits for its configuration, serves, and takes
 * changes as they come.
 */
import { dirname, resolve } from "node:path";
import {
  createLogger,
  createMetrics,
  describeListenError,
  keepersFd,
  printable,
  readSettings,
  settingsFaultsText,
  startHealthServer,
  startHeartbeat,
  startLifecycle,
  type Lifecycle,
  type Logger,
} from "@tandem/service";
import type { Arbiter } from "@tandem/replica";
import type { Compiled } from "./compile-config.ts";
import { openConfigurationSource } from "./configuration-source.ts";
import { registerMetrics } from "./server-metrics.ts";
import { openArbiter } from "./open-arbiter.ts";
import { noticeText } from "./notice-text.ts";
import { startRecorder, type Recorder } from "./recording/recorder.ts";
import { startSipServer, type SipServer } from "./server.ts";
import { readLinkTls, readTls } from "./tls-files.ts";
import { sipServerSettingsSchema, type PairSettings, type SipServerSettings } from "./settings.ts";
import { openSiteAddress, type SiteAddress } from "./takeover/site-address.ts";

export function runSipServer(settingsFile: string): void {
  const settings = readSettings(settingsFile, sipServerSettingsSchema);
  if (!settings.ok) return refuse(settingsFaultsText(settings.failure));
  const { name, logLevel, endsWithInput } = settings.value;
  const log = createLogger({ name, level: logLevel });
  const lifecycle = startLifecycle({
    log,
    ...(endsWithInput ? { supervisor: process.stdin } : {}),
  });
  let isAlone = (): boolean => false;
  const heartbeat = keepersFd();
  if (heartbeat !== null) {
    startHeartbeat({
      fd: heartbeat,
      isAlone: () => isAlone(),
      onLost: () => void lifecycle.stop("the keeper is gone"),
    });
  }
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
        server.then(
          (running) => {
            ({ isAlone } = running);
          },
          (error: unknown) =>
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
  const { pair } = settings;
  const arbiterOf = (of: PairSettings): Arbiter =>
    openArbiter(of, {
      settingsFile,
      tell: (sentence) => log.warn({ pair: "arbiter" }, printable(sentence)),
    });
  const address = openAddress(settings, log);
  lifecycle.add("address", address.close);
  const recorder = openRecorder(settingsFile, settings, log);
  if (recorder !== null) lifecycle.add("recording", recorder.close);
  const server = await startSipServer({
    address,
    ...(recorder === null ? {} : { record: recorder.record }),
    name: settings.name,
    first: compiled,
    ...(pair === undefined
      ? {}
      : {
          pair: {
            settings: pair,
            arbiter: arbiterOf(pair),
            ...(pair.tls === undefined ? {} : { linkTls: readLinkTls(pair.tls, settingsFile) }),
          },
        }),
    onNotice(notice) {
      const { isAlarm, text } = noticeText(notice);
      if (isAlarm) log.warn({ pair: notice.kind }, text);
      else log.info({ pair: notice.kind }, text);
    },
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
  lifecycle.add("server", async () => {
    await leaveInOrder(server);
    await server.close();
  });
  // An operator's wish: the primary hands over to its standby (replication.md rule 8).
  process.on("SIGUSR2", server.handOver);
  const metrics = createMetrics(settings.name);
  registerMetrics(metrics, server);
  metrics.gauge("tandem_address_held", "1 while this node has the site's address.", () =>
    address.state() === "held" ? 1 : 0,
  );
  const health = await startHealthServer(
    { host: compiled.tlib.host, port: compiled.httpPort },
    {
      name: settings.name,
      metrics,
      readiness: () => ({
        machine: {
          // A standby that holds the machine is as ready as it can be; a node that left its doors
          // is not.
          ok: isUp(server) && lifecycle.isRunning(),
          detail: lifecycle.isRunning() ? server.role() : "stopping",
        },
      }),
      facts: () => factsOf(server, compiled, pair !== undefined, address, isConfigured()),
    },
  );
  lifecycle.add("health", health.close);
  const { site, host, port } = compiled.config;
  log.info({ site, sip: `${host}:${port}`, tlib: compiled.tlib.port }, "in service");
  return server;
}

/** What `/readyz` says beside whether it is ready. */
function factsOf(
  server: SipServer,
  compiled: Compiled,
  isPair: boolean,
  address: SiteAddress,
  isConfigured: boolean,
): Readonly<Record<string, string | number | boolean>> {
  return {
    site: compiled.config.site,
    role: server.isServing() ? "primary" : server.role() === "primary" ? "left" : server.role(),
    epoch: server.epoch(),
    address: address.state(),
    link: !isPair ? "none" : server.isLinked() ? "up" : "down",
    readyToSwitch: server.isReady(),
    peerInService: server.state.peer.isAlive,
    configurationConnected: isConfigured,
  };
}

/** A process before this one may have left the address here: it is given up until we serve. */
function openAddress({ address: settings, pair }: SipServerSettings, log: Logger): SiteAddress {
  const address = openSiteAddress(settings, {
    tell: (sentence) => log.error({ alarm: "site-address" }, printable(sentence)),
  });
  if (pair !== undefined) void address.drop();
  return address;
}

function openRecorder(
  settingsFile: string,
  { name, record }: SipServerSettings,
  log: Logger,
): Recorder | null {
  if (record === undefined) return null;
  const { fileBytesMax, files } = record;
  const recorder = startRecorder({
    node: name,
    folder: resolve(dirname(settingsFile), record.folder),
    fileBytesMax,
    files,
    onTrouble: (sentence) => log.error({ alarm: "recording" }, printable(sentence)),
  });
  return {
    record: (frame, machine) => recorder.record(frame, machine),
    close: () => recorder.close(),
  };
}

/** A primary that ends hands over first, if somebody can take over. */
async function leaveInOrder(server: SipServer): Promise<void> {
  if (!server.isServing() || !server.isReady()) return;
  server.handOver();
  const giveUpAt = performance.now() + handOverMaxMs;
  while (server.role() === "primary" && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

const handOverMaxMs = 1_500;
const lookEveryMs = 10;

function isUp(server: SipServer): boolean {
  const holdsMachine = server.role() === "standby" || server.isServing();
  return holdsMachine && server.state.config !== null;
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
