import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateTokenKey, tokenKeyText } from "@tandem/config-server";
import { createAuthority, issueCertificate } from "@tandem/service";
import { configurationText } from "./configuration-text.ts";
import type { LabFolder } from "./lab-folder.ts";
import { launch, type ServerProcess } from "./server-process.ts";
import { siteOf, type SiteNumber, type SiteTopology, type Topology } from "./topology.ts";

/**
 * The servers of a lab: their files written before anything starts, one process each, and when they
 * are ready. A site is both of its servers: they fall and rise together.
 */
export interface LabServers {
  readonly processes: (site: SiteNumber) => readonly ServerProcess[];
  readonly start: (site: SiteNumber) => void;
  readonly waitReady: (site: SiteNumber, withinMs: number) => Promise<void>;
  readonly stopAll: () => Promise<void>;
}

export async function createLabServers(
  topology: Topology,
  folder: LabFolder,
  serverSecret: string,
  onExit: (name: string, how: string) => void,
): Promise<LabServers> {
  const publicKeys: Record<string, { kid: string; x: string }> = {};
  for (const site of topology.sites) {
    const key = await generateTokenKey();
    writePrivate(folder.file(`${site.configServer}.key.json`), tokenKeyText(key));
    publicKeys[site.configServer] = { kid: key.kid, x: key.x };
  }
  const configuration = configurationText(topology, { serverSecret, publicKeys });
  writePrivate(folder.file("configuration.yaml"), configuration);
  mkdirSync(folder.file("log"));
  writeCertificates(folder, topology);
  for (const site of topology.sites) writeSettings(folder, site, serverSecret);
  const running = new Map<SiteNumber, readonly ServerProcess[]>();
  const all = (): ServerProcess[] => [...running.values()].flat();

  function start(number: SiteNumber): void {
    const site = siteOf(topology, number);
    const launchOne = (kind: string, name: string): ServerProcess =>
      launch({
        name,
        command: [...node, kind, "--settings", folder.file(`${name}.json`)],
        logFile: folder.file(`log/${name}.log`),
        onExit: (code, signal) => onExit(name, signal ?? `exit code ${code ?? "?"}`),
      });
    running.set(number, [
      launchOne("config-server", site.configServer),
      launchOne("sip-server", site.sipServer),
    ]);
  }

  return {
    processes: (number) => running.get(number) ?? [],
    start,
    waitReady: (number, withinMs) =>
      waitReady(siteOf(topology, number), running.get(number) ?? [], withinMs),
    async stopAll() {
      await Promise.all(all().map((server) => server.stop()));
    },
  };
}

const command = fileURLToPath(new URL("../../../apps/tandem/src/main.ts", import.meta.url));
/** The processes run as the lab itself does: the same Node, the same way of finding sources. */
const node = [process.execPath, "--conditions=@tandem/source", command] as const;

function writePrivate(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
}

const backdateMs = 3_600_000;
const certificateDays = 30;

/** `ca.pem` is what a phone or a browser must trust to come over TLS or WSS. */
function writeCertificates(folder: LabFolder, topology: Topology): void {
  const notBeforeMs = Date.now() - backdateMs;
  const days = certificateDays;
  const name = `Tandem lab ${topology.lab}`;
  const authority = createAuthority({ name, notBeforeMs, days });
  writePrivate(folder.file("ca.pem"), authority.certificate);
  for (const { sipServer, host, relayHost } of topology.sites) {
    const names = ["lab.test", "localhost"];
    const addresses = [host, relayHost];
    const choice = { name: sipServer, names, addresses, notBeforeMs, days };
    const made = issueCertificate(authority, choice);
    writePrivate(folder.file(`${sipServer}.pem`), made.certificate);
    writePrivate(folder.file(`${sipServer}.key.pem`), made.key);
  }
}

function writeSettings(folder: LabFolder, site: SiteTopology, secret: string): void {
  const { host, ports } = site;
  // What only this machine reaches need not be guarded against it.
  const isLoopback = host.startsWith("127.");
  const write = (name: string, settings: object): void =>
    writePrivate(folder.file(`${name}.json`), `${JSON.stringify(settings, null, 2)}\n`);
  write(site.configServer, {
    name: site.configServer,
    file: "configuration.yaml",
    keyFile: `${site.configServer}.key.json`,
    listen: { host, port: ports.config },
    http: { host, port: ports.configHttp },
    origins: isLoopback ? ["*"] : [],
    endsWithInput: true,
  });
  write(site.sipServer, {
    name: site.sipServer,
    configuration: [`ws://${host}:${ports.config}/config`],
    secret,
    ...(isLoopback ? { sourcePerSecond: 0 } : {}),
    tls: {
      certificate: `${site.sipServer}.pem`,
      key: `${site.sipServer}.key.pem`,
      authorities: ["ca.pem"],
    },
    origins: isLoopback ? ["*"] : [],
    endsWithInput: true,
  });
}

const lookEveryMs = 50;

/**
 * Ready is what `/readyz` says, not that a process runs; and it must be this process that says so,
 * since the port may be another's.
 */
async function waitReady(
  site: SiteTopology,
  processes: readonly ServerProcess[],
  withinMs: number,
): Promise<void> {
  const url = `http://${site.host}:${site.ports.sipHttp}/readyz`;
  const pids = processes.map(({ pid }) => pid);
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const dead = processes.find((server) => server.state() === "dead");
    if (dead !== undefined) throw new Error(`${dead.name} ended: ${dead.lastWords()}`);
    if (await isReady(url, pids)) return;
    if (performance.now() > giveUpAt)
      throw new Error(`${site.name} is not ready after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

async function isReady(url: string, pids: readonly number[]): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(500) });
    const said: unknown = await answer.json();
    const isOurs = typeof said === "object" && said !== null && "pid" in said;
    return answer.status === 200 && isOurs && pids.includes(Number(said.pid));
  } catch {
    return false; // nobody listens there yet
  }
}
