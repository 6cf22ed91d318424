/**
 * The drills of a pair: calls that stay, calls being set up, clients that watch, and then the
 * primary is killed, frozen, or asked to hand over. The pair is made whole again, and the next
 * round takes the other node.
 *
 *     establish ─▶ ( fault ─▶ answers again? ─▶ all calls kept? ─▶ whole again ) × rounds ─▶ BYE
 */
import { openFrozenHosts, type FrozenHosts } from "../netns/frozen-hosts.ts";
import { startLab, type Lab } from "../start-lab.ts";
import { nodeHttp, siteOf, type SiteTopology } from "../topology.ts";
import { until } from "../until.ts";
import { CallFarm } from "./call-farm.ts";
import { watchEvents, type EventWatch } from "./event-watch.ts";
import type { HaDrill, HaMeasure, HaPlace, HaRound } from "./ha-report.ts";
import { placingNotices } from "./placing-notices.ts";
import { openProbeCall, type ProbeCall } from "./probe-call.ts";

export interface HaOptions {
  readonly drill: HaDrill;
  /** `host`: only in an own world (netns/own-world.ts). */
  readonly as?: HaPlace;
  readonly calls: number;
  /** Set-ups a second that go on through everything. */
  readonly setupRate: number;
  readonly rounds: number;
  readonly transport: "udp" | "tcp";
  readonly say: (line: string) => void;
}

const dns = 45;
const establishPerSecond = 100;
const wholeWithinMs = 30_000;
const answersWithinMs = 10_000;
/** Calls that were set up within this time of the fault count as in set-up. */
const setupBeforeMs = 1_000;
const setupAfterMs = 2_000;
const frozenForMs = 5_000;
/** What was answered this long ago is not owed again: the drill's own questions are no load. */
const quietMs = 4_000;

export async function haDrill(options: HaOptions): Promise<HaMeasure> {
  const hosts = options.as === "host" ? openFrozenHosts() : null;
  const lab = await startLab({
    agents: dns,
    withoutPhones: true,
    forward: "off",
    arbiter: options.drill === "ha-host" || hosts !== null ? "etcd" : "supervisor",
    onProgress: options.say,
    ...hosts?.labOptions,
  });
  const site = siteOf(lab.topology, 1);
  const transport = options.transport === "tcp" ? "TCP" : "UDP";
  const { topology } = lab;
  const farm = new CallFarm({ topology, site, transport });
  let watch: EventWatch | null = null;
  let probe: ProbeCall | null = null;
  try {
    hosts?.look(site);
    await isWhole(site);
    options.say("the pair is whole");
    await farm.open();
    watch = await watchEvents(topology, site);
    await farm.establish(options.calls, establishPerSecond);
    options.say(`${options.calls} calls stand`);
    probe = await openProbeCall({ site, dn: topology.agents.at(-1)?.dn ?? "" });
    farm.keepCalling(options.setupRate);
    const rounds: HaRound[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      rounds.push(await oneRound(options, { lab, hosts, site, farm, probe }, round));
    }
    farm.stopCalling();
    await farm.setupsOver();
    await probe.close();
    probe = null;
    const lastCalls = farm.stableCalls();
    const gaps = farm.mediaGapsMs();
    const packetsHeard = farm.packetsHeard();
    const lastCallsEnded = await farm.hangUpAll();
    return {
      rounds,
      ...(await eventCounts(farm, watch)),
      mediaGapsMs: gaps,
      packetsHeard,
      lastCalls,
      lastCallsEnded,
      placingCallsNoticed: placingNotices(lab, site),
    };
  } finally {
    watch?.close();
    await probe?.close();
    await farm.close();
    hosts?.close();
    await lab.stop();
  }
}

interface Cast {
  readonly lab: Lab;
  readonly hosts: FrozenHosts | null;
  readonly site: SiteTopology;
  readonly farm: CallFarm;
  readonly probe: ProbeCall;
}

async function oneRound(
  options: HaOptions,
  { lab, hosts, site, farm, probe }: Cast,
  round: number,
): Promise<HaRound> {
  const silenceBeforeMs = await silenceOf(probe);
  await pause(quietMs);
  const primary = await primaryOf(site);
  options.say(`round ${round}: ${primary} ${words[options.drill]}`);
  const faultAt = performance.now();
  probe.faultNow();
  farm.repeats.begin();
  await strike(options.drill, lab, site, primary);
  const thawed = await hosts?.frozen(primary);
  const switchoverMs = await watched(probe);
  const messagesRepeated = farm.repeats.end();
  options.say(`  answers again after ${switchoverMs?.toFixed(0) ?? "?"} ms`);
  const stableCallsKept = await farm.probeAll();
  await heal(options.drill, lab, primary);
  const whole = await isWhole(site).then(
    () => true,
    () => false,
  );
  const seen = await thawed?.();
  await pause(setupAfterMs);
  const setups = farm.setups.all.filter(
    ({ startedMs }) => startedMs > faultAt - setupBeforeMs && startedMs < faultAt + setupAfterMs,
  );
  const completed = setups.filter(({ state }) => state === "established").length;
  options.say(`  kept ${stableCallsKept}, set up ${completed} of ${setups.length}`);
  return {
    stableCalls: farm.stableCalls(),
    stableCallsKept,
    setupCalls: setups.length,
    setupCallsCompleted: completed,
    placingCallsEnded: setups.filter(({ state }) => state === "givenUp").length,
    switchoverMs,
    silenceBeforeMs,
    messagesRepeated,
    isWhole: whole,
    ...(seen === undefined ? {} : { thawed: seen }),
  };
}

/** Of a site to which nothing happens: what the machine that all of this runs on makes us wait. */
function silenceOf(probe: ProbeCall): Promise<number | null> {
  probe.faultNow();
  return watched(probe);
}

async function watched(probe: ProbeCall): Promise<number | null> {
  await until(() => probe.switchoverMs() !== null, answersWithinMs, "").catch(() => undefined);
  return probe.switchoverMs();
}

const words: Readonly<Record<HaDrill, string>> = {
  "ha-kill": "is killed",
  "ha-freeze": "is frozen",
  "ha-host": "and a member of etcd are killed",
  "ha-planned": "hands over",
};

async function strike(
  drill: HaDrill,
  lab: Lab,
  site: SiteTopology,
  primary: string,
): Promise<void> {
  if (drill === "ha-host") {
    // The host of the primary is that of one member, too.
    await Promise.all([lab.killNode(primary), lab.etcd?.members[memberOf(primary)]?.kill()]);
    return;
  }
  if (drill === "ha-kill") await lab.killNode(primary);
  else if (drill === "ha-freeze") lab.freezeNode(primary);
  else lab.switchOver(site.number);
}

async function heal(drill: HaDrill, lab: Lab, node: string): Promise<void> {
  if (drill === "ha-planned") return;
  if (drill === "ha-freeze") {
    await pause(frozenForMs - setupAfterMs);
    lab.thawNode(node);
    if (lab.nodeState(node) !== "dead") return;
  }
  if (drill === "ha-host") lab.etcd?.members[memberOf(node)]?.start();
  await lab.startNode(node);
}

/** Member 1 shares the host of node a, member 2 that of node b. */
function memberOf(node: string): number {
  return node.endsWith("a") ? 0 : 1;
}

/** The name of the node that serves. */
async function primaryOf(site: SiteTopology): Promise<string> {
  for (const node of site.nodes) {
    const facts = await factsOf(`${nodeHttp(site, node)}/readyz`);
    if (facts["role"] === "primary") return node.name;
  }
  throw new Error(`no node of ${site.name} says that it serves`);
}

/** Until one node serves and the other holds everything. */
async function isWhole(site: SiteTopology): Promise<void> {
  const giveUpAt = performance.now() + wholeWithinMs;
  for (;;) {
    const facts = await Promise.all(
      site.nodes.map((node) => factsOf(`${nodeHttp(site, node)}/readyz`)),
    );
    if (facts.every(({ readyToSwitch }) => readyToSwitch === true)) return;
    if (performance.now() > giveUpAt) throw new Error(`the pair of ${site.name} is not whole`);
    await pause(100);
  }
}

async function factsOf(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    const facts: unknown = await answer.json();
    return typeof facts === "object" && facts !== null ? { ...facts } : {};
  } catch {
    return {}; // it says nothing
  }
}

/** Every call that a phone answered and ended must be in what the clients saw. */
async function eventCounts(
  farm: CallFarm,
  watch: EventWatch,
): Promise<Pick<HaMeasure, "eventsMissed" | "eventsDuplicated">> {
  const missed = (): number =>
    Math.max(0, farm.answered - watch.count("EventEstablished")) +
    Math.max(0, farm.ended - watch.count("EventReleased"));
  await until(() => missed() === 0, answersWithinMs, "").catch(() => undefined); // told as a number
  return {
    eventsMissed: missed() + watch.sessionsLost(),
    eventsDuplicated: watch.duplicates(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
