import { digestText } from "@tandem/kernel";
import type { DnConfig, SwitchConfig } from "@tandem/switch";
import { testConfig, testDn } from "@tandem/switch/testing";
import { createDesktopModel, fastTimes, type DesktopModel } from "./desktop-model.ts";
import { planFaults, type PlannedFault } from "./fault-plan.ts";
import { startFaults } from "./faults.ts";
import { checkNoLeaks, checkPairsSame, checkSettled } from "./invariants.ts";
import { mutants, type MutantName } from "./mutants.ts";
import { createNetwork, drawClimate } from "./network.ts";
import { checkWhole } from "./pair-watch.ts";
import { serves } from "./served.ts";
import { watchSight } from "./sight.ts";
import { createSite, type Site, type SiteWorld } from "./site.ts";
import { startTraffic, type Traffic } from "./traffic.ts";
import { createWorld, run, tell } from "./world.ts";

/**
 * One seed: two sites of two nodes each, their trunk, agents with phones and desktops, callers;
 * weather and faults drawn from the seed; invariants watched all the time and checked when
 * everything has settled. First safety: faults. Then liveness: the faults end, and everyone must be
 * in service. Then silence: nothing may be left.
 */
export interface SimulationChoice {
  readonly seed: number;
  readonly hours: number;
  readonly agents: number;
  readonly mutant?: MutantName;
  /** Instead of those that the seed plans. */
  readonly faults?: readonly PlannedFault[];
}

export interface SimulationReport {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  readonly calls: Traffic["counts"];
  readonly faults: number;
  readonly takeovers: number;
  readonly coldStarts: number;
  readonly passed: boolean;
  readonly failures: readonly string[];
  /** What happened last before a failure. */
  readonly trail: readonly string[];
}

const hourMs = 3_600_000;
/** After the last fault: both nodes of each pair. */
const wholeMs = 15_000;
/** After the last fault: an agent whose phone is slow to register again waits longest. */
const settleMs = 120_000;
const silenceMs = 400_000;

export function simulate(choice: SimulationChoice): SimulationReport {
  const world = createWorld(choice.seed);
  const network = createNetwork(drawClimate(world));
  const { tamper, node: nodeMutant, door: doorMutant } = mutants[choice.mutant ?? "none"];
  const setting: SiteWorld = {
    world,
    network,
    tamper: tamper ?? ((effects) => effects),
    nodeMutant: nodeMutant ?? {},
    doorMutant: doorMutant ?? {},
    sites: [],
    onTrouble: () => undefined,
  };
  const dns = Array.from({ length: choice.agents }, (_, index) => String(1_001 + index));
  const sites: readonly [Site, Site] = [
    createSite(setting, siteConfig(1, dns)),
    createSite(setting, siteConfig(2, dns)),
  ];
  const traffic = startTraffic(setting, {
    dns,
    numbers: [...dns, queueNumber, queueNumber],
    siteHosts: [sites[0].config.host, sites[1].config.host],
    callEveryMs: Math.max(200, Math.floor(240_000 / choice.agents)),
    talkMs: 60_000,
    isServed: (callId) => sites.some((site) => serves(site, callId)),
  });
  const desktops = dns.map((dn) =>
    createDesktopModel(setting, sites, dn, fastTimes, numbersFor(dns, dn)),
  );
  setting.onTrouble = traffic.trouble;
  watchSight(setting);
  const plan = choice.faults ?? planFaults(choice.seed, Math.round(choice.hours * hourMs));
  const faults = startFaults(setting, traffic, plan);
  run(world, Math.round(choice.hours * hourMs));
  faults.stop();
  for (const desktop of desktops) desktop.rest();
  run(world, world.nowMs + wholeMs);
  if (world.failures.length === 0) for (const site of sites) checkWhole(world, site);
  run(world, world.nowMs + settleMs - wholeMs);
  checkSettled(world, sites, desktops);
  traffic.stop();
  run(world, world.nowMs + silenceMs);
  checkNoLeaks(world, sites, desktops);
  checkPairsSame(world, sites);
  return report(choice, world, traffic, faults.count(), desktops, sites);
}

/** Whom an agent may name: every other, a queue, the world outside, and nobody. */
function numbersFor(dns: readonly string[], own: string): readonly string[] {
  return [...dns.filter((dn) => dn !== own), queueNumber, "0555", "7777"];
}

const queueNumber = "5000";

/** Every second agent serves it. */
function queueOf(dns: readonly string[]): NonNullable<DnConfig["queue"]> {
  return {
    agents: dns.filter((_, index) => index % 2 === 0).map((dn) => `agent-${dn}`),
    overflowDn: dns[1] ?? null,
    overflowMs: 60_000,
    waitingMax: 20,
    noAnswerTimeoutMs: 8_000,
    announcementDn: null,
  };
}

function report(
  choice: SimulationChoice,
  world: SiteWorld["world"],
  traffic: Traffic,
  faults: number,
  desktops: readonly DesktopModel[],
  sites: readonly Site[],
): SimulationReport {
  for (const { dn, ledger } of desktops) {
    tell(world, `desktop ${dn} heard ${ledger.counts.begun} ${ledger.counts.ended}`);
  }
  const passed = world.failures.length === 0;
  return {
    seed: choice.seed,
    hash: digestText(world.digest),
    steps: world.steps,
    calls: traffic.counts,
    faults,
    takeovers: sites.reduce((sum, { watch }) => sum + watch.takeovers, 0),
    coldStarts: sites.reduce((sum, { watch }) => sum + watch.coldStarts, 0),
    passed,
    failures: world.failures,
    trail: passed ? [] : world.trail,
  };
}

function siteConfig(site: 1 | 2, dns: readonly string[]): SwitchConfig {
  const host = `10.${site}.0.10`;
  return testConfig({
    site: `site-${site}`,
    host,
    peer: {
      site: `site-${3 - site}`,
      addresses: [{ host: `10.${3 - site}.0.10`, port: 5060 }],
      monitorMs: 500,
      timeoutMs: 3_000,
      forward: "no-agent",
    },
    dns: [...dns.map((number) => testDn(number)), testDn(queueNumber, { queue: queueOf(dns) })],
    dialPlan: [{ prefix: "0", strip: 0, prepend: "", trunks: [`gateway-${site}`] }],
    agentLogins: dns.map((code) => ({ code, userName: `agent-${code}` })),
    trunks: [1, 2].map((number) => ({
      name: `gateway-${number}`,
      host: `10.9.${number - 1}.1`,
      port: 5_100,
      transport: "UDP" as const,
      sources: [],
    })),
  });
}
