import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type EtcdTls, openEtcdGateway } from "../drivers/arbiters/etcd-gateway.ts";

/**
 * A real etcd cluster on this machine (Debian's `etcd-server`), on free ports of loopback, its data
 * in a folder of its own: for tests and the lab. Members can be killed and started again.
 */
export interface EtcdCluster {
  /** Of all members, dead ones too. */
  readonly endpoints: readonly string[];
  readonly members: readonly EtcdMember[];
  /** Once the cluster has a leader: members answer a read through a quorum. */
  readonly ready: () => Promise<void>;
  /** SIGKILL to all members; the folder goes. */
  readonly close: () => Promise<void>;
}

export interface EtcdMember {
  readonly name: string;
  readonly endpoint: string;
  readonly pid: () => number | null;
  /** SIGKILL, and its end waited for. */
  readonly kill: () => Promise<void>;
  /** Starts it again with the data that it had. */
  readonly start: () => void;
  /** What it said last, for a message. */
  readonly lastWords: () => string;
}

export interface EtcdClusterOptions {
  readonly host?: string;
  /** Members on hosts of their own: the address of each, and what runs a command there. */
  readonly places?: readonly EtcdPlace[];
  readonly size?: number;
  /** Client and peer port of each member, in turn; free ones by default. */
  readonly ports?: readonly number[];
  /** Where it keeps data; a new temporary folder by default. */
  readonly folder?: string;
  /** Files in PEM: members show this certificate, and clients must show one of that authority. */
  readonly tls?: ClusterTls;
}

export interface EtcdPlace {
  readonly host: string;
  /** Stands before the command: `ip netns exec NAME`. */
  readonly on: readonly string[];
}

export interface ClusterTls {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const heartbeatMs = 50;
const electionMs = 500;
const readyMs = 30_000;
const lastWordsMax = 4_096;

/** Null where it is installed, else the sentence to skip a suite with. */
export function etcdMissing(): string | null {
  return etcdPath() === null
    ? "skipped, etcd is not installed: apt-get install -y --no-install-recommends etcd-server"
    : null;
}

function etcdPath(): string | null {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "etcd");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // not in this folder
    }
  }
  return null;
}

/** Starts the members and waits for a leader. */
export async function startEtcdCluster(options: EtcdClusterOptions = {}): Promise<EtcdCluster> {
  const { host = "127.0.0.1", size = options.places?.length ?? 3 } = options;
  const path = etcdPath();
  if (path === null) throw new Error(etcdMissing() ?? "etcd has gone");
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "tandem-etcd-")));
  const ports =
    options.ports ?? (options.places && usualPorts(size)) ?? (await freePorts(host, 2 * size));
  const scheme = options.tls === undefined ? "http" : "https";
  const places = Array.from({ length: size }, (_, index) => {
    const place = options.places?.[index] ?? { host, on: [] };
    return {
      name: `etcd-${index + 1}`,
      client: `${scheme}://${place.host}:${ports[2 * index]}`,
      peer: `http://${place.host}:${ports[2 * index + 1]}`,
      on: place.on,
    };
  });
  const cluster = places.map(({ name, peer }) => `${name}=${peer}`).join(",");
  const members = places.map((place) =>
    startMember(
      path,
      [...clusterArgs(folder, cluster, options.tls), ...placeArgs(folder, place)],
      place,
    ),
  );
  const endpoints = members.map(({ endpoint }) => endpoint);
  const started: EtcdCluster = {
    endpoints,
    members,
    ready: () => waitUntilReady(members, options.tls),
    async close() {
      await Promise.all(members.map(({ kill }) => kill()));
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await started.ready();
  } catch (error) {
    await started.close();
    throw error;
  }
  return started;
}

interface Place {
  readonly name: string;
  readonly client: string;
  readonly peer: string;
  readonly on: readonly string[];
}

/** Each member has its host's ports for itself. */
function usualPorts(size: number): readonly number[] {
  return Array.from({ length: 2 * size }, (_, index) => 2_379 + (index % 2));
}

function clusterArgs(folder: string, cluster: string, tls?: ClusterTls): readonly string[] {
  const secured =
    tls === undefined
      ? {}
      : { "cert-file": tls.certificate, "key-file": tls.key, "trusted-ca-file": tls.authority };
  const args = Object.entries({
    "initial-cluster": cluster,
    "initial-cluster-state": "new",
    "initial-cluster-token": folder,
    "heartbeat-interval": String(heartbeatMs),
    "election-timeout": String(electionMs),
    logger: "zap",
    "log-level": "warn",
    ...secured,
  }).map(([key, value]) => `--${key}=${value}`);
  return tls === undefined ? args : [...args, "--client-cert-auth"];
}

function placeArgs(folder: string, { name, client, peer }: Place): readonly string[] {
  return Object.entries({
    name,
    "data-dir": join(folder, name),
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
  }).map(([key, value]) => `--${key}=${value}`);
}

function startMember(
  path: string,
  args: readonly string[],
  { name, client, on }: Place,
): EtcdMember {
  let child: ChildProcess | null = null;
  let words = "";
  // Whoever ends without closing the cluster does not leave it behind.
  const killAtExit = (): void => {
    child?.kill("SIGKILL");
  };
  const start = (): void => {
    if (child !== null) return;
    const [program = path, ...rest] = [...on, path, ...args];
    const own = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
    child = own;
    process.on("exit", killAtExit);
    own.stderr.on("data", (bytes: Buffer) => {
      words = (words + bytes.toString("utf8")).slice(-lastWordsMax);
    });
    own.on("error", (error) => (words = error.message));
    own.on("exit", () => {
      process.off("exit", killAtExit);
      if (child === own) child = null;
    });
  };
  start();
  return {
    name,
    endpoint: client,
    pid: () => child?.pid ?? null,
    start,
    lastWords: () => words,
    async kill() {
      const own = child;
      if (own === null) return;
      const end = once(own, "exit");
      own.kill("SIGKILL");
      await end;
    },
  };
}

/** Every member that lives answers a read through a quorum. */
async function waitUntilReady(members: readonly EtcdMember[], tls?: ClusterTls): Promise<void> {
  const endsAt = performance.now() + readyMs;
  for (const member of members) {
    while (member.pid() !== null && !(await answers(member.endpoint, tls))) {
      if (performance.now() > endsAt) {
        throw new Error(`${member.name} is not ready: ${member.lastWords()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const [first] = members;
  if (members.every((member) => member.pid() === null)) {
    throw new Error(`no member runs: ${first?.lastWords() ?? "there is none"}`);
  }
}

async function answers(endpoint: string, tls?: ClusterTls): Promise<boolean> {
  const gateway = openEtcdGateway({ endpoints: [endpoint], ...(tls && { tls: readTls(tls) }) });
  const key = Buffer.from("ready").toString("base64");
  const answer = await gateway.call("/v3/kv/range", { key }, performance.now() + 1_000);
  gateway.close();
  return answer.kind === "said";
}

function readTls({ authority, certificate, key }: ClusterTls): EtcdTls {
  const read = (path: string): string => readFileSync(path, "utf8");
  return { ca: read(authority), cert: read(certificate), key: read(key) };
}

async function freePorts(host: string, count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, host));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
