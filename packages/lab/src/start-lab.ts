import type { Phone, PhoneReport } from "@tandem/softphone";
import { checkPorts } from "./free-ports.ts";
import { newToken, takeLab, type LabFolder } from "./lab-folder.ts";
import { createAgentPhone } from "./lab-phones.ts";
import { createLabServers, type LabServers } from "./lab-servers.ts";
import { openRelay, type TcpRelay } from "./tcp-relay.ts";
import {
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
  await checkPorts(topology);
  const relays = await openTrunk(topology);
  started.push(async () => void (await Promise.all(relays.map((relay) => relay.close()))));
  const servers = await createLabServers(topology, folder, newToken(), (name, how) =>
    options.onServerExit?.(name, how),
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
      for (const server of servers.processes(number)) server.freeze();
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
    siteState(number) {
      const states = servers.processes(number).map((server) => server.state());
      if (states.includes("dead")) return "dead";
      return states.includes("frozen") ? "frozen" : "up";
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
    sites: topology.sites.map(({ number, name, host, ports }) => ({
      name,
      host,
      http: `http://${host}:${ports.sipHttp}`,
      configHttp: `http://${host}:${ports.configHttp}`,
      pids: Object.fromEntries(servers.processes(number).map(({ name: of, pid }) => [of, pid])),
    })),
  });
}
