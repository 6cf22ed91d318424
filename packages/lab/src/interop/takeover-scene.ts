/**
 * The stage of the second table: a lab whose first site is a pair, real phones of two DNs a column,
 * and a desktop of the SDK at each phone that is looked at. The primary is killed, once for all.
 */
import { connectDesktop, type Desktop } from "@tandem/ail";
import type { TlibCallEvent } from "@tandem/cti";
import { watchHealth, type HealthWatch } from "../health-watch.ts";
import { startLab, type Lab } from "../start-lab.ts";
import {
  configUrl,
  desktopName,
  siteOf,
  type AgentTopology,
  type SiteNumber,
} from "../topology.ts";
import { until } from "../until.ts";
import type { PhoneChoice } from "./phones/tested-phone.ts";

export interface TakeoverScene {
  readonly choose: (
    dn: string,
    transport: PhoneChoice["transport"],
    site?: SiteNumber,
  ) => PhoneChoice;
  readonly desk: (dn: string) => Desk;
  /** Until both nodes say that it is safe to switch over, and every desktop has both. */
  readonly whole: () => Promise<void>;
  /** SIGKILL of the primary; resolves when the other node serves. */
  readonly killPrimary: () => Promise<void>;
  /** The dead node as a new process. */
  readonly startDead: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What the desktop at a phone saw and shows. */
export interface Desk {
  readonly desktop: Desktop;
  readonly events: () => readonly TlibCallEvent[];
  readonly forget: () => void;
}

export interface TakeoverChoice {
  readonly lab?: number;
  /** Agents sit at both sites in turn; these have a desktop. */
  readonly desks: readonly string[];
  readonly agents: number;
  readonly say: (line: string) => void;
}

const withinMs = 30_000;

export async function openTakeover(choice: TakeoverChoice): Promise<TakeoverScene> {
  const lab = await startLab({
    agents: choice.agents,
    withoutPhones: true,
    withoutStandby: "site-2",
    forward: "off",
    ...(choice.lab === undefined ? {} : { lab: choice.lab }),
    onProgress: choice.say,
  });
  const health = watchHealth(lab.topology);
  const desks = new Map<string, Desk>();
  for (const dn of choice.desks) {
    const agent = lab.topology.agents.find((each) => each.dn === dn);
    if (agent !== undefined) desks.set(dn, openDesk(lab, agent));
  }
  let dead = "";
  return {
    choose: (dn, transport, site = 1) => chooseFor(lab, dn, transport, site),
    desk(dn) {
      const desk = desks.get(dn);
      if (desk === undefined) throw new Error(`no desktop is at ${dn}`);
      return desk;
    },
    async whole() {
      const isWhole = (): boolean => health.of(1).nodes.every((node) => node.isReadyToSwitch);
      await until(isWhole, withinMs, "the pair is whole");
      const hasBoth = ({ desktop }: Desk): boolean =>
        desktop.snapshot().services.telephony.nodes.every(({ isConnected }) => isConnected);
      await until(() => [...desks.values()].every(hasBoth), withinMs, "desktops have both nodes");
    },
    async killPrimary() {
      dead = primaryOf(health);
      choice.say(`${dead} is killed`);
      await lab.killNode(dead);
      await until(() => ![dead, ""].includes(primaryOf(health)), withinMs, "the other one serves");
    },
    async startDead() {
      await lab.startNode(dead);
    },
    async stop() {
      for (const { desktop } of desks.values()) desktop.close();
      health.stop();
      await lab.stop();
    },
  };
}

function primaryOf(health: HealthWatch): string {
  return health.of(1).nodes.find(({ role }) => role === "primary")?.name ?? "";
}

function openDesk({ topology }: Lab, { userName }: AgentTopology): Desk {
  const { sites, password, profile } = topology;
  const desktop = connectDesktop({
    local: {
      sites: sites.map((site) => ({
        applicationName: desktopName(site.number),
        configUrls: [configUrl(site)],
      })),
    },
    userName,
    password,
    profile,
  });
  const events: TlibCallEvent[] = [];
  desktop.on("call", (event) => events.push(event));
  return { desktop, events: () => events, forget: () => void events.splice(0) };
}

const rtpPortFirst = 41_000;

function chooseFor(
  lab: Lab,
  dn: string,
  transport: PhoneChoice["transport"],
  site: SiteNumber,
): PhoneChoice {
  const { topology, folder } = lab;
  const { host, ports } = siteOf(topology, site);
  const index = topology.agents.findIndex((each) => each.dn === dn);
  const agent = topology.agents[index];
  if (agent === undefined) throw new Error(`the lab has no ${dn}`);
  const { sip, sips, wss } = ports;
  return {
    dn,
    host: agent.phone.host,
    server: { host, sip, sips, wss, authority: folder.file("ca.pem") },
    transport,
    secret: topology.sipSecret,
    rtpPortFirst: rtpPortFirst + 100 * index,
  };
}
