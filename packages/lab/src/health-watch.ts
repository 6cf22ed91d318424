/**
 * Asks each server of a lab's sites, twice a second, whether it is ready: what a person would look
 * at.
 */
import { nodeHttp, type SiteNumber, type SiteTopology, type Topology } from "./topology.ts";

export interface HealthWatch {
  readonly of: (site: SiteNumber) => SiteHealth;
  readonly stop: () => void;
}

export interface SiteHealth {
  /** The node that serves, as good as the best of the pair. */
  readonly sip: Readiness;
  /** By node, in the topology's order. */
  readonly nodes: readonly NodeHealth[];
  readonly config: Readiness;
  readonly isPeerSeen: boolean | null;
}

export interface NodeHealth {
  readonly name: string;
  readonly readiness: Readiness;
  /** `primary`, `standby`, `learner` …, empty while it says nothing. */
  readonly role: string;
  readonly link: string;
  readonly isReadyToSwitch: boolean;
}

export type Readiness = "serving" | "not ready" | "starting";

const askEveryMs = 500;
const patienceMs = 450;
const unknown: SiteHealth = { sip: "starting", nodes: [], config: "starting", isPeerSeen: null };

export function watchHealth(topology: Topology): HealthWatch {
  const health = new Map<SiteNumber, SiteHealth>();
  const askAll = (): void => {
    for (const site of topology.sites) {
      void askSite(site).then((answer) => health.set(site.number, answer));
    }
  };
  const timer = setInterval(askAll, askEveryMs);
  askAll();
  return {
    of: (site) => health.get(site) ?? unknown,
    stop: () => clearInterval(timer),
  };
}

async function askSite(site: SiteTopology): Promise<SiteHealth> {
  const { configHost, ports } = site;
  const [config, ...answers] = await Promise.all([
    ask(`http://${configHost}:${ports.configHttp}/readyz`),
    ...site.nodes.map((node) => ask(`${nodeHttp(site, node)}/readyz`)),
  ]);
  const serving = answers.find(({ facts }) => facts["role"] === "primary") ?? answers[0];
  const isPeerSeen = serving?.facts["peerInService"];
  return {
    sip: serving?.readiness ?? "starting",
    nodes: site.nodes.map(({ name }, index) => nodeHealth(name, answers[index])),
    config: config.readiness,
    isPeerSeen: typeof isPeerSeen === "boolean" ? isPeerSeen : null,
  };
}

function nodeHealth(name: string, answer: Answer | undefined): NodeHealth {
  const { role, link, readyToSwitch } = answer?.facts ?? {};
  return {
    name,
    readiness: answer?.readiness ?? "starting",
    role: typeof role === "string" ? role : "",
    link: typeof link === "string" ? link : "",
    isReadyToSwitch: readyToSwitch === true,
  };
}

interface Answer {
  readonly readiness: Readiness;
  readonly facts: Readonly<Record<string, unknown>>;
}

async function ask(url: string): Promise<Answer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    const facts: unknown = await answer.json();
    const isObject = typeof facts === "object" && facts !== null;
    return {
      readiness: answer.status === 200 ? "serving" : "not ready",
      facts: isObject ? { ...facts } : {},
    };
  } catch {
    return { readiness: "starting", facts: {} }; // nobody listens there yet, or it says nothing
  }
}
