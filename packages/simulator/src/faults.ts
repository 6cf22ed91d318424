import { nextInt, pick } from "@tandem/kernel";
import {
  breakLink,
  connect,
  happen,
  pauseNode,
  resetLink,
  resumeNode,
  startNode,
  type PairNode,
} from "./pair-node.ts";
import { isWhole } from "./pair-watch.ts";
import { serves } from "./served.ts";
import { killNodeOf, killSite, startSite, type Site, type SiteWorld } from "./site.ts";
import type { Traffic } from "./traffic.ts";
import { about, after, happens, tell } from "./world.ts";

/**
 * Faults, drawn from the seed: a site dies and comes back, or the trunk is cut and heals; beside
 * that something befalls one node of a pair, mostly while the pair is whole.
 */
export interface Faults {
  readonly stop: () => void;
  readonly count: () => number;
}

const faultEveryMs = 600_000;
const nodeFaultEveryMs = 150_000;
/** Of a thousand faults of a node, so many strike a pair that is not whole. */
const overlaps = 150;

export function startFaults(setting: SiteWorld, traffic: Traffic): Faults {
  const [great, small] = [startGreatFaults(setting, traffic), startNodeFaults(setting, traffic)];
  return {
    stop() {
      small.stop();
      great.stop();
      for (const site of setting.sites) site.isArbiterShaky = false;
    },
    count: () => great.count() + small.count(),
  };
}

/** One at a time. */
function startGreatFaults(setting: SiteWorld, traffic: Traffic): Faults {
  const { world, network } = setting;
  let isStopped = false;
  let count = 0;
  let heal: (() => void) | null = null;
  function healNow(): void {
    if (heal !== null) traffic.trouble();
    heal?.();
    heal = null;
  }
  function strike(): void {
    if (isStopped) return;
    after(world, about(world, faultEveryMs), strike);
    if (heal !== null) return;
    count += 1;
    traffic.trouble();
    if (happens(world, 500)) {
      tell(world, "the trunk is cut");
      network.isTrunkCut = true;
      heal = () => {
        tell(world, "the trunk heals");
        network.isTrunkCut = false;
      };
    } else {
      const site = pick(world.random, setting.sites);
      killSite(site);
      heal = () => startSite(site);
    }
    after(world, nextInt(world.random, 5_000, 120_000), healNow);
  }
  after(world, about(world, faultEveryMs), strike);
  return {
    stop() {
      isStopped = true;
      healNow();
    },
    count: () => count,
  };
}

type NodeFault =
  | "kill"
  | "pause"
  | "cutLink"
  | "resetLink"
  | "cutFromArbiter"
  | "arbiterDown"
  | "handOver";

/** A death comes twice as often as anything else. */
const nodeFaults: readonly NodeFault[] = [
  "kill",
  "kill",
  "pause",
  "cutLink",
  "resetLink",
  "cutFromArbiter",
  "arbiterDown",
  "handOver",
];

function startNodeFaults(setting: SiteWorld, traffic: Traffic): Faults {
  const { world } = setting;
  /** What ends each fault that lasts, and whose it is. */
  const open = new Map<() => void, Site>();
  let isStopped = false;
  let count = 0;
  function strike(): void {
    if (isStopped) return;
    after(world, about(world, nodeFaultEveryMs), strike);
    const site = pick(world.random, setting.sites);
    const isSingle = isWhole(site) && ![...open.values()].includes(site);
    if (!isSingle && !happens(world, overlaps)) return;
    site.watch.isExcused = !isSingle;
    befall(site);
    if (happens(world, overlaps))
      after(world, nextInt(world.random, 100, 9_000), () => again(site));
  }
  /** A second fault before the pair is whole again. */
  function again(site: Site): void {
    if (isStopped) return;
    site.watch.isExcused = true;
    befall(site);
  }
  function befall(site: Site): void {
    count += 1;
    const process = pick(world.random, site.nodes);
    const kind = pick(world.random, nodeFaults);
    tell(world, `${site.name}: ${kind} ${process.name}`);
    const heal = inflict(site, process, kind, traffic);
    const healNow = (): void => {
      if (open.delete(healNow)) heal();
    };
    open.set(healNow, site);
    after(world, nextInt(world.random, 50, kind === "kill" ? 60_000 : 12_000), healNow);
  }
  after(world, about(world, nodeFaultEveryMs), strike);
  return {
    stop() {
      isStopped = true;
      for (const heal of [...open.keys()]) heal();
    },
    count: () => count,
  };
}

/** Does it, and says how it ends. */
function inflict(site: Site, process: PairNode, kind: NodeFault, traffic: Traffic): () => void {
  const { pairWorld } = site;
  switch (kind) {
    case "kill":
      noteTalking(site, process, traffic);
      if (process.node === null) return none;
      killNodeOf(site, process);
      return () => {
        if (process.node !== null) return;
        tell(pairWorld.world, `${site.name} ${process.name} starts`);
        startNode(pairWorld, site, process);
      };
    case "pause": {
      noteTalking(site, process, traffic);
      const { life } = process;
      pauseNode(process);
      return () => {
        if (site.holder === process) site.watch.talking = []; // nobody has taken over
        if (process.life === life) resumeNode(pairWorld, site, process);
      };
    }
    case "cutLink":
      site.link.isCut = true;
      breakLink(pairWorld, site, false);
      return () => {
        site.link.isCut = false;
        connect(pairWorld, site);
      };
    case "resetLink":
      resetLink(pairWorld, site);
      return none;
    case "cutFromArbiter":
      site.cutFromArbiter.add(process.name);
      return () => site.cutFromArbiter.delete(process.name);
    case "arbiterDown":
      site.isArbiterDown = true;
      return () => {
        site.isArbiterDown = false;
      };
    case "handOver":
      happen(pairWorld, site, process, { kind: "handOver" });
      return none;
  }
}

const none = (): void => undefined;

function noteTalking(site: Site, process: PairNode, traffic: Traffic): void {
  if (site.holder !== process || site.watch.isExcused) return;
  site.watch.talking = traffic.talking().filter((callId) => serves(site, callId));
}
