/**
 * Asks each server of a lab's sites, twice a second, whether it is ready: what a person would look
 * at.
 */
import { type SiteNumber, type SiteTopology, type Topology } from "./topology.ts";

export interface HealthWatch {
  readonly of: (site: SiteNumber) => SiteHealth;
  readonly stop: () => void;
}

export interface SiteHealth {
  readonly sip: Readiness;
  readonly config: Readiness;
  readonly isPeerSeen: boolean | null;
}

export type Readiness = "serving" | "not ready" | "starting";

const askEveryMs = 500;
const patienceMs = 450;
const unknown: SiteHealth = { sip: "starting", config: "starting", isPeerSeen: null };

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

async function askSite({ host, ports }: SiteTopology): Promise<SiteHealth> {
  const [sip, config] = await Promise.all([
    ask(`http://${host}:${ports.sipHttp}/readyz`),
    ask(`http://${host}:${ports.configHttp}/readyz`),
  ]);
  const isPeerSeen = sip.facts["peerInService"];
  return {
    sip: sip.readiness,
    config: config.readiness,
    isPeerSeen: typeof isPeerSeen === "boolean" ? isPeerSeen : null,
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
