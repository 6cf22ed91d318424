/**
 * The cast of the end-to-end tests: a lab, baresip as each agent's phone at both sites, desktops of
 * the SDK, and a caller at each gateway whose sound is counted.
 */
import { type Desktop, connectDesktop } from "@tandem/ail";
import type { TlibCallEvent } from "@tandem/cti";
import type { Phone } from "@tandem/softphone";
import { createCaller } from "../lab-phones.ts";
import { type Lab, type LabOptions, startLab } from "../start-lab.ts";
import {
  nodeHttp,
  type AgentTopology,
  type SiteNumber,
  type Topology,
  configUrl,
  desktopName,
  dnAt,
  siteOf,
} from "../topology.ts";
import { until } from "../until.ts";
import { type Baresip, startBaresip } from "./baresip.ts";

export interface Scene {
  readonly lab: Lab;
  readonly agents: readonly SceneAgent[];
  /** The caller at a site's gateway; it tries the other site when its own does not answer. */
  readonly callerAt: (site: SiteNumber) => Phone;
  /** A site as its SIP messages name it: `127.9.1.10:5060`. */
  readonly sipAt: (site: SiteNumber) => string;
  readonly stop: () => Promise<void>;
}

export interface SceneAgent {
  /** At site 1. */
  readonly dn: string;
  readonly phone: Baresip;
  readonly toneHertz: number;
  readonly desktop: Desktop;
  /** Call events that the desktop heard since `begin`. */
  readonly heard: () => readonly TlibCallEvent[];
  /** Before a call: nothing of the one before is left to be mistaken for it. */
  readonly begin: () => void;
  readonly isLoggedIn: () => boolean;
}

export type SceneOptions = Omit<LabOptions, "withoutPhones">;

/** What any single step of a test may take; none is expected to. */
export const withinMs = 20_000;
const rtpPortFirst = 36_000;

export async function openScene(options: SceneOptions): Promise<Scene> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).toReversed()) await end();
  };
  try {
    const lab = await startLab({ ...options, withoutPhones: true });
    started.push(lab.stop);
    await seesPeer(lab.topology);
    const agents: SceneAgent[] = [];
    for (const [index, agent] of lab.topology.agents.entries()) {
      agents.push(await openAgent(lab.topology, agent, index, started));
    }
    const isEverywhere = ({ phone }: SceneAgent): boolean =>
      phone.isRegistered(0) && phone.isRegistered(1);
    await until(() => agents.every(isEverywhere), withinMs, "every phone is registered twice");
    const callers: Phone[] = [];
    for (const site of lab.topology.sites) {
      const caller = await createCaller(lab.topology, site, 0, () => undefined);
      started.push(() => caller.close());
      callers.push(caller);
    }
    return {
      lab,
      agents,
      callerAt: (number) => callers[number - 1] as Phone, // one for each of both sites
      sipAt(number) {
        const { host, ports } = siteOf(lab.topology, number);
        return `${host}:${ports.sip}`;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openAgent(
  topology: Topology,
  agent: AgentTopology,
  index: number,
  started: (() => Promise<void>)[],
): Promise<SceneAgent> {
  const toneHertz = 400 + 200 * index;
  const phone = await startBaresip({
    ...agent.phone,
    accounts: topology.sites.map(({ host, number }) => `sip:${dnAt(agent, number)}@${host}`),
    secret: topology.sipSecret,
    toneHertz,
    rtpPortFirst: rtpPortFirst + 100 * index,
  });
  started.push(phone.stop);
  const { profile, password, sites } = topology;
  const desktop = connectDesktop({
    local: {
      sites: sites.map((site) => ({
        applicationName: desktopName(site.number),
        configUrls: [configUrl(site)],
      })),
    },
    userName: agent.userName,
    password,
    profile,
  });
  started.push(async () => desktop.close());
  const heard: TlibCallEvent[] = [];
  desktop.on("call", (event) => heard.push(event));
  return {
    dn: agent.dn,
    phone,
    toneHertz,
    desktop,
    heard: () => heard,
    begin() {
      phone.forget();
      heard.length = 0;
    },
    isLoggedIn() {
      const { state, agent: own } = desktop.snapshot();
      return state === "inService" && own.login.kind === "in" && own.state !== null;
    },
  };
}

/** Until both sites say that they see each other serve (peers P1). */
async function seesPeer(topology: Topology): Promise<void> {
  await comesTrue("both sites see each other", async () => {
    const answers = await Promise.all(
      topology.sites.map(async (site) => {
        const said = await Promise.all(
          site.nodes.map(async (node) => (await fetch(`${nodeHttp(site, node)}/readyz`)).text()),
        );
        return said.some((text) => text.includes('"peerInService":true'));
      }),
    );
    return answers.every((sees) => sees);
  });
}

/** `until`, for what has to be asked for. */
export async function comesTrue(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

const lookEveryMs = 50;
