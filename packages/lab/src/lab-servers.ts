import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateTokenKey, tokenKeyText } from "@tandem/config-server";
import { createAuthority, issueCertificate } from "@tandem/service";
import { configurationText } from "./configuration-text.ts";
import type { PairSettings } from "@tandem/sip-server";
import type { LabFolder } from "./lab-folder.ts";
import type { LabHosts } from "./netns/lab-hosts.ts";
import { launch, type ServerProcess } from "./server-process.ts";
import { nodeHttp, siteOf, type SiteNumber, type SiteTopology, type Topology } from "./topology.ts";

/**
 * The servers of a lab: their files written before anything starts, one process each, and when they
 * are ready. A site is both of its servers: they fall and rise together.
 */
export interface LabServers {
  readonly processes: (site: SiteNumber) => readonly ServerProcess[];
  readonly start: (site: SiteNumber) => void;
  readonly node: (name: string) => ServerProcess | undefined;
  /** A new process for a node that has ended; resolves when it says something. */
  readonly startNode: (name: string) => Promise<void>;
  readonly waitReady: (site: SiteNumber, withinMs: number) => Promise<void>;
  readonly stopAll: () => Promise<void>;
}

/** What the nodes of a lab know that nobody else does, and who decides between them. */
export interface ServerSecrets {
  readonly serverSecret: string;
  readonly pairSecret: string;
  readonly arbiter: PairSettings["arbiter"];
  /** How the nodes of a pair talk to each other. */
  readonly link: "tcp" | "tls";
}

export async function createLabServers(
  topology: Topology,
  folder: LabFolder,
  secrets: ServerSecrets,
  onExit: (name: string, how: string) => void,
  hosts: LabHosts | null = null,
): Promise<LabServers> {
  const publicKeys: Record<string, { kid: string; x: string }> = {};
  for (const site of topology.sites) {
    const key = await generateTokenKey();
    writePrivate(folder.file(`${site.configServer}.key.json`), tokenKeyText(key));
    publicKeys[site.configServer] = { kid: key.kid, x: key.x };
  }
  const { serverSecret } = secrets;
  const configuration = configurationText(topology, { serverSecret, publicKeys });
  writePrivate(folder.file("configuration.yaml"), configuration);
  mkdirSync(folder.file("log"));
  writeCertificates(folder, topology);
  for (const site of topology.sites) writeSettings(folder, site);
  for (const site of topology.sites) writeNodeSettings(folder, site, secrets, hosts);
  /** The Configuration Server first, then the nodes of the pair. */
  const running = new Map<SiteNumber, ServerProcess[]>();
  const all = (): ServerProcess[] => [...running.values()].flat();

  function start(number: SiteNumber): void {
    const site = siteOf(topology, number);
    running.set(number, [
      launchOne(site, "config-server", site.configServer),
      ...site.nodes.map(({ name }) => launchOne(site, "sip-server", name)),
    ]);
  }

  function launchOne(site: SiteTopology, kind: ServerKind, name: string): ServerProcess {
    const isNode = kind === "sip-server";
    const bare = [...node, kind, "--settings", folder.file(`${name}.json`)];
    return launch({
      name,
      command: hosts === null ? bare : hosts.command({ name, isNode, site, bare, tandem: node }),
      logFile: folder.file(`log/${name}.log`),
      isKept: isNode && hosts === null,
      isKeeper: isNode && hosts !== null,
      onExit: (code, signal) => onExit(name, signal ?? `exit code ${code ?? "?"}`),
    });
  }

  function find(name: string): ServerProcess | undefined {
    return all().find((server) => server.name === name);
  }

  async function startNode(name: string): Promise<void> {
    const site = topology.sites.find(({ nodes }) => nodes.some((each) => each.name === name));
    const servers = site === undefined ? undefined : running.get(site.number);
    const index = servers?.findIndex((server) => server.name === name) ?? -1;
    if (site === undefined || servers === undefined || index < 0) return;
    await servers[index]?.kill();
    servers[index] = launchOne(site, "sip-server", name);
    await waitReady(site, servers, startWithinMs);
  }

  return {
    processes: (number) => running.get(number) ?? [],
    start,
    node: find,
    startNode,
    waitReady: (number, withinMs) =>
      waitReady(siteOf(topology, number), running.get(number) ?? [], withinMs),
    async stopAll() {
      await Promise.all(all().map((server) => server.stop()));
    },
  };
}

type ServerKind = "sip-server" | "config-server";

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
  for (const { name: site, host, relayHost } of topology.sites) {
    const names = ["lab.test", "localhost"];
    const addresses = [host, relayHost];
    const made = issueCertificate(authority, { name: site, names, addresses, notBeforeMs, days });
    writePrivate(folder.file(`${site}.pem`), made.certificate);
    writePrivate(folder.file(`${site}.key.pem`), made.key);
  }
}

function writeSettings(folder: LabFolder, site: SiteTopology): void {
  const { configHost, ports } = site;
  // What only this machine reaches need not be guarded against it.
  const isLoopback = configHost.startsWith("127.");
  writeJson(folder, site.configServer, {
    name: site.configServer,
    file: "configuration.yaml",
    keyFile: `${site.configServer}.key.json`,
    listen: { host: configHost, port: ports.config },
    http: { host: configHost, port: ports.configHttp },
    origins: isLoopback ? ["*"] : [],
    endsWithInput: true,
  });
}

function writeJson(folder: LabFolder, name: string, settings: object): void {
  writePrivate(folder.file(`${name}.json`), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Both nodes of a pair say the same of everything but themselves. */
function writeNodeSettings(
  folder: LabFolder,
  site: SiteTopology,
  { serverSecret, pairSecret, arbiter, link }: ServerSecrets,
  hosts: LabHosts | null,
): void {
  const { host, configHost, ports, nodes } = site;
  // Hosts of the lab's own making, too, are reached by nobody else.
  const isLoopback = host.startsWith("127.") || hosts !== null;
  const tls = {
    certificate: `${site.name}.pem`,
    key: `${site.name}.key.pem`,
    authorities: ["ca.pem"],
  };
  for (const own of nodes) {
    const other = nodes.find(({ name }) => name !== own.name);
    writeJson(folder, own.name, {
      name: own.name,
      configuration: [`ws://${configHost}:${ports.config}/config`],
      secret: serverSecret,
      ...(hosts === null ? {} : { address: hosts.addressOf(site) }),
      ...(isLoopback ? { sourcePerSecond: 0 } : {}),
      tls,
      origins: isLoopback ? ["*"] : [],
      ...(other === undefined
        ? {}
        : {
            pair: {
              name: site.name,
              secret: pairSecret,
              listen: { host: own.host, port: ports.link },
              peer: { host: other.host, port: ports.link },
              ...(link === "tls" ? { tls } : {}),
              arbiter,
            },
          }),
      endsWithInput: true,
    });
  }
}

const lookEveryMs = 50;
const startWithinMs = 30_000;

/**
 * Ready is what `/readyz` says, not that a process runs; and it must be this process that says so,
 * since the port may be another's.
 */
async function waitReady(
  site: SiteTopology,
  processes: readonly ServerProcess[],
  withinMs: number,
): Promise<void> {
  const urls = site.nodes.map((each) => `${nodeHttp(site, each)}/readyz`);
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const dead = processes.find((server) => server.state() === "dead");
    if (dead !== undefined) throw new Error(`${dead.name} ended: ${dead.lastWords()}`);
    const pids = processes.flatMap((server) => server.pids());
    const answers = await Promise.all(urls.map((url) => isReady(url, pids)));
    if (answers.every((isOne) => isOne)) return;
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
