import type { Phone, PhoneReport } from "@tandem/softphone";
import { serveArbiter } from "@tandem/replica";
import { startEtcdCluster, type EtcdCluster } from "@tandem/replica/testing";
import type { PairSettings } from "@tandem/sip-server";
import { checkPorts } from "./free-ports.ts";
import { newToken, takeLab, type LabFolder } from "./lab-folder.ts";
import { createAgentPhone } from "./lab-phones.ts";
import { createLabServers, type LabServers } from "./lab-servers.ts";
import type { LabHosts } from "./netns/lab-hosts.ts";
import { openRelay, type TcpRelay } from "./tcp-relay.ts";
import {
  arbiterAddress,
  labTopology,
  otherSite,
  siteOf,
  type AgentTopology,
  type Profile,
  type SiteNumber,
  type Topology,
} from "./topology.ts";

/**
 * Two sites on this machine. A library first: a desktop developer's own tests call `startLab()`,
 * kill a site, and see what their desktop does.
 *
 * @example
 * const lab = await startLab({ agents: 2 });
 * await lab.killSite(1);
 * await lab.restoreSite(1);
 * await lab.stop();
 */
export interface Lab {
  readonly topology: Topology;
  readonly folder: LabFolder;
  readonly phones: readonly Phone[];
  /** Both servers of a site at once, with SIGKILL: its addresses refuse from then on. */
  readonly killSite: (site: SiteNumber) => Promise<void>;
  /** Both servers stopped (SIGSTOP) and kept: no address refuses, nothing answers. */
  readonly freezeSite: (site: SiteNumber) => void;
  /** The site as new, whatever became of it; resolves when it is ready. */
  readonly restoreSite: (site: SiteNumber) => Promise<void>;
  readonly cutTrunk: (isCut: boolean) => void;
  /** One node of a pair, by its name: SIGKILL, SIGSTOP, SIGCONT, and a new process. */
  readonly killNode: (name: string) => Promise<void>;
  readonly freezeNode: (name: string) => void;
  readonly thawNode: (name: string) => void;
  readonly startNode: (name: string) => Promise<void>;
  readonly nodeState: (name: string) => "up" | "frozen" | "dead";
  /** The members that decide, of a lab with `arbiter: "etcd"`. */
  readonly etcd: EtcdCluster | null;
  /** Asks the nodes of a site: its primary hands over to its standby (replication.md rule 8). */
  readonly switchOver: (site: SiteNumber) => void;
  /**
   * Off: the phone is gone without a word, as when its plug is pulled. On: it starts and registers.
   */
  readonly setPhonePower: (dn: string, isOn: boolean) => Promise<void>;
  readonly siteState: (site: SiteNumber) => "up" | "frozen" | "dead";
  readonly isTrunkCut: () => boolean;
  readonly stop: () => Promise<void>;
}

export interface LabOptions {
  /** A number, or the lowest free one. */
  readonly lab?: number;
  readonly profile?: Profile;
  readonly agents?: number;
  readonly seating?: "alternate" | "site-1";
  /** By DN: the DN that the same phone has at site 2. */
  readonly secondDns?: Readonly<Record<string, string>>;
  /** An address of this machine that phones on the desk can reach. */
  readonly bind?: string;
  readonly password?: string;
  readonly sipSecret?: string;
  /** No phones: the caller brings its own. */
  readonly withoutPhones?: boolean;
  /** One node a site instead of a pair. */
  readonly withoutStandby?: boolean | "site-2";
  /** Each server on a host of its own (netns/). */
  readonly hosts?: LabHosts;
  readonly forward?: "no-agent" | "off";
  /** Who says which node of a pair may serve: this process, or three members of etcd. */
  readonly arbiter?: "supervisor" | "etcd";
  /** How the nodes of a pair talk to each other; TCP unless told otherwise. */
  readonly link?: "tcp" | "tls";
  readonly onProgress?: (what: string) => void;
  readonly onServerExit?: (name: string, how: string) => void;
  readonly onPhone?: (agent: AgentTopology, event: PhoneReport) => void;
}

const readyWithinMs = 30_000;

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const say = options.onProgress ?? (() => undefined);
  const folder = takeLab(options.lab ?? null);
  const topology = labTopology({
    lab: folder.lab,
    profile: options.profile ?? "fast",
    agents: options.agents ?? 10,
    ...(options.seating === undefined ? {} : { seating: options.seating }),
    ...(options.secondDns === undefined ? {} : { secondDns: options.secondDns }),
    ...(options.bind === undefined ? {} : { bind: options.bind }),
    ...(options.hosts === undefined ? {} : { network: options.hosts.network }),
    withoutStandby: options.withoutStandby ?? false,
    ...(options.forward === undefined ? {} : { forward: options.forward }),
    password: options.password ?? "tandem",
    sipSecret: options.sipSecret ?? "tandem",
  });
  const started: (() => Promise<void>)[] = [async () => folder.remove()];
  const stop = async (): Promise<void> => {
    for (const end of started.toReversed()) await end();
    started.length = 0;
  };
  try {
    return await build(options, folder, topology, started, stop, say);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: LabOptions,
  folder: LabFolder,
  topology: Topology,
  started: (() => Promise<void>)[],
  stop: () => Promise<void>,
  say: (what: string) => void,
): Promise<Lab> {
  // Hosts of their own are new and empty, and their trunk has no relay: it is cut in the network.
  const hasHosts = options.hosts !== undefined;
  if (!hasHosts) await checkPorts(topology);
  const relays = hasHosts ? [] : await openTrunk(topology);
  started.push(async () => void (await Promise.all(relays.map((relay) => relay.close()))));
  const pairSecret = newToken();
  const judge = await openJudge(options, topology, pairSecret, say);
  started.push(judge.close);
  const { link = "tcp" } = options;
  const secrets = { serverSecret: newToken(), pairSecret, arbiter: judge.settings, link };
  const servers = await createLabServers(
    topology,
    folder,
    secrets,
    (name, how) => options.onServerExit?.(name, how),
    options.hosts ?? null,
  );
  started.push(() => servers.stopAll());
  say("servers start");
  for (const { number } of topology.sites) servers.start(number);
  await Promise.all(topology.sites.map(({ number }) => servers.waitReady(number, readyWithinMs)));
  record(folder, topology, servers);
  say("servers are ready");
  const phones = await openPhones(options, topology, started);
  let isCut = false;
  return {
    topology,
    folder,
    phones,
    async killSite(number) {
      await Promise.all(servers.processes(number).map((server) => server.kill()));
    },
    freezeSite(number) {
      for (const server of servers.processes(number)) server.freeze("leaves");
    },
    async restoreSite(number) {
      await Promise.all(servers.processes(number).map((server) => server.kill()));
      servers.start(number);
      await servers.waitReady(number, readyWithinMs);
      record(folder, topology, servers);
    },
    cutTrunk(cut) {
      isCut = cut;
      for (const relay of relays) relay.setCut(cut);
    },
    async killNode(name) {
      await servers.node(name)?.kill();
    },
    freezeNode(name) {
      servers.node(name)?.freeze("kills");
    },
    thawNode(name) {
      servers.node(name)?.thaw();
    },
    async startNode(name) {
      await servers.startNode(name);
      record(folder, topology, servers);
    },
    etcd: judge.etcd,
    switchOver(number) {
      const { nodes } = siteOf(topology, number);
      for (const { name } of nodes) servers.node(name)?.askToHandOver();
    },
    nodeState(name) {
      const state = servers.node(name)?.state() ?? "dead";
      return state === "running" ? "up" : state;
    },
    siteState(number) {
      const states = servers.processes(number).map((server) => server.state());
      // A site lives as long as a node of its pair and its Configuration Server do.
      const [config, ...nodes] = states;
      for (const lost of ["dead", "frozen"] as const) {
        if (config === lost || nodes.every((state) => state === lost)) return lost;
      }
      return nodes.includes("running") ? "up" : "frozen";
    },
    isTrunkCut: () => isCut,
    async setPhonePower(dn, isOn) {
      const index = topology.agents.findIndex((agent) => agent.dn === dn);
      const agent = topology.agents[index];
      if (agent === undefined) return;
      await phones[index]?.close();
      if (!isOn) return;
      phones[index] = await createAgentPhone(topology, agent, (event) =>
        options.onPhone?.(agent, event),
      );
    },
    stop,
  };
}

interface Judge {
  readonly settings: PairSettings["arbiter"];
  readonly etcd: EtcdCluster | null;
  readonly close: () => Promise<void>;
}

async function openJudge(
  options: LabOptions,
  topology: Topology,
  secret: string,
  say: (what: string) => void,
): Promise<Judge> {
  if (options.arbiter === "etcd") {
    const cluster = await startEtcdCluster(
      options.hosts === undefined
        ? { host: arbiterAddress(topology).host }
        : options.hosts.etcdPlaces,
    );
    say("three members of etcd have a leader");
    const { endpoints } = cluster;
    const settings = { kind: "etcd", endpoints, prefix: `/tandem/lab-${topology.lab}` } as const;
    return { settings, etcd: cluster, close: cluster.close };
  }
  const address = arbiterAddress(topology);
  const server = await serveArbiter({ ...address, secret });
  return { settings: { kind: "served", ...address }, etcd: null, close: () => server.close() };
}

/** One cable each way: what reaches site n for its peer comes in at its relay address. */
function openTrunk(topology: Topology): Promise<TcpRelay[]> {
  return Promise.all(
    topology.sites.map((site) => {
      const caller = siteOf(topology, otherSite(site.number));
      return openRelay({
        from: { host: site.relayHost, port: site.ports.sip },
        to: { host: site.host, port: site.ports.sip },
        as: caller.relayHost,
      });
    }),
  );
}

async function openPhones(
  options: LabOptions,
  topology: Topology,
  started: (() => Promise<void>)[],
): Promise<Phone[]> {
  if (options.withoutPhones === true) return [];
  const phones: Phone[] = [];
  started.push(async () => void (await Promise.all(phones.map((phone) => phone.close()))));
  for (const agent of topology.agents) {
    phones.push(
      await createAgentPhone(topology, agent, (event) => options.onPhone?.(agent, event)),
    );
  }
  return phones;
}

function record(folder: LabFolder, topology: Topology, servers: LabServers): void {
  folder.write({
    lab: topology.lab,
    pid: process.pid,
    profile: topology.profile,
    operatorToken: newToken(),
    sites: topology.sites.map(({ number, name, host, configHost, ports, nodes }) => ({
      name,
      host,
      nodes: nodes.map((node) => ({
        name: node.name,
        http: `http://${node.host}:${ports.sipHttp}`,
      })),
      configHttp: `http://${configHost}:${ports.configHttp}`,
      pids: Object.fromEntries(servers.processes(number).map(({ name: of, pid }) => [of, pid])),
    })),
  });
}
