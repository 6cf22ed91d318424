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
import { isGreat, type GreatFault, type NodeFault, type PlannedFault } from "./fault-plan.ts";
import { isWhole } from "./pair-watch.ts";
import { reconfigure } from "./reconfigure.ts";
import { serves } from "./served.ts";
import { killNodeOf, killSite, loseFlow, startSite, type Site, type SiteWorld } from "./site.ts";
import type { Traffic } from "./traffic.ts";
import { after, tell } from "./world.ts";

/**
 * Carries the planned faults out: a site dies and comes back, or the trunk is cut and heals; beside
 * that something befalls one node of a pair, mostly while the pair is whole.
 */
export interface Faults {
  /** Ends those that last, and lets no other begin. */
  readonly stop: () => void;
  /** How many have struck. */
  readonly count: () => number;
}

interface Course {
  readonly setting: SiteWorld;
  readonly traffic: Traffic;
  /** What ends each fault of a node that lasts, and whose it is. */
  readonly open: Map<() => void, Site>;
  healGreat: (() => void) | null;
  isStopped: boolean;
  count: number;
}

export function startFaults(
  setting: SiteWorld,
  traffic: Traffic,
  plan: readonly PlannedFault[],
): Faults {
  const { world } = setting;
  const course: Course = {
    setting,
    traffic,
    open: new Map(),
    healGreat: null,
    isStopped: false,
    count: 0,
  };
  for (const fault of plan) {
    after(world, fault.atMs - world.nowMs, () => {
      if (course.isStopped) return;
      if (isGreat(fault.kind)) strikeGreat(course, fault, fault.kind);
      else strikeNode(course, fault, fault.kind);
    });
  }
  return {
    stop() {
      course.isStopped = true;
      for (const heal of [...course.open.keys()]) heal();
      endGreat(course);
      for (const site of setting.sites) site.isArbiterShaky = false;
    },
    count: () => course.count,
  };
}

/** One at a time. */
function strikeGreat(course: Course, fault: PlannedFault, kind: GreatFault): void {
  const { setting, traffic } = course;
  const { world, network } = setting;
  const site = setting.sites[fault.site];
  if (course.healGreat !== null || site === undefined) return;
  course.count += 1;
  traffic.trouble();
  if (kind === "cutTrunk") {
    tell(world, "the trunk is cut");
    network.isTrunkCut = true;
    course.healGreat = () => {
      tell(world, "the trunk heals");
      network.isTrunkCut = false;
    };
  } else {
    killSite(site);
    course.healGreat = () => startSite(site);
  }
  after(world, fault.lastsMs, () => endGreat(course));
}

function endGreat(course: Course): void {
  if (course.healGreat !== null) course.traffic.trouble();
  course.healGreat?.();
  course.healGreat = null;
}

function strikeNode(course: Course, fault: PlannedFault, kind: NodeFault): void {
  const { setting, traffic, open } = course;
  const { world } = setting;
  const site = setting.sites[fault.site];
  const process = site?.nodes[fault.node];
  if (site === undefined || process === undefined) return;
  const isSingle = isWhole(site) && ![...open.values()].includes(site);
  if (!isSingle && !fault.overlaps) return;
  site.watch.isExcused = !isSingle;
  course.count += 1;
  tell(world, `${site.name}: ${kind} ${process.name}`);
  const heal = inflict(site, process, kind, traffic);
  const healNow = (): void => {
    if (open.delete(healNow)) heal();
  };
  open.set(healNow, site);
  after(world, fault.lastsMs, healNow);
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
    case "reconfigure":
      return reconfigure(site);
    case "loseFlow":
      traffic.trouble();
      loseFlow(site);
      return none;
  }
}

const none = (): void => undefined;

function noteTalking(site: Site, process: PairNode, traffic: Traffic): void {
  if (site.holder !== process || site.watch.isExcused) return;
  site.watch.talking = traffic.talking().filter((callId) => serves(site, callId));
}
