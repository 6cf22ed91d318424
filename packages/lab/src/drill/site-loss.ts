/**
 * The drill `site-loss`: all agents sit at site 1, some in a call, some about to be, in different
 * states; then every process of the site is stopped (SIGSTOP: no address refuses, nothing answers,
 * nothing is fenced), and each agent is watched until the first call at site 2 has sound both ways.
 *
 *     seat ─▶ calls ─▶ kill ─▶ watch each desktop ─▶ former calls end ─▶ first calls
 */
import { type LabDesktop, type DesktopFacts, unknownFacts } from "../desktops.ts";
import { startLab, type Lab } from "../start-lab.ts";
import { type AgentTopology, type Profile, siteOf } from "../topology.ts";
import type { RunLabOptions } from "../run-lab.ts";
import { DrillCalls } from "./drill-calls.ts";
import type { AgentMeasure, RoundMeasure } from "./site-loss-report.ts";
import { heldByCall, stateWord, stepStopwatch, stoppedWatch, type Stopwatch } from "./stopwatch.ts";
import { until } from "../until.ts";

export interface SiteLossOptions {
  readonly profile: Profile;
  readonly agents: number;
  readonly openDesktops: RunLabOptions["openDesktops"];
  /** What happens, for whoever waits. */
  readonly say: (line: string) => void;
}

/** An agent's part in the drill, by its place in the row. */
type Part = "idle" | "talking" | "lunch" | "wrapping-up" | "ringing";
const parts: readonly Part[] = ["talking", "idle", "lunch", "wrapping-up", "ringing"];

const seatedWithinMs = 30_000;
/** After the kill, by profile: everyone must be back by then. */
const backWithinMs = { fast: 30_000, seed: 90_000 } as const;
const hangUpAfterMs = 1_000;
const wrapUpMs = 600_000;
const lunch = "lunch";

export async function siteLossRound(
  options: SiteLossOptions,
  round: number,
): Promise<RoundMeasure> {
  const lab = await startLab({
    profile: options.profile,
    agents: options.agents,
    seating: "site-1",
    onProgress: options.say,
  });
  const watched = createWatched(lab);
  let desktops: readonly LabDesktop[] = [];
  const calls = new DrillCalls(lab);
  try {
    desktops = await options.openDesktops(lab.topology, {
      onChange: watched.onChange,
      onTimeline: ({ dn }, line) => options.say(`${dn} ${line}`),
    });
    await until(
      () => lab.topology.agents.every(({ dn }) => isSeated(lab, dn, watched.factsOf(dn))),
      seatedWithinMs,
      "every agent is logged in at site 1 and every phone registered at both sites",
    );
    await takeParts(desktops, watched.factsOf);
    await calls.open();
    await calls.establish(dnsOf(lab, "talking"));
    await calls.beginToRing(dnsOf(lab, "ringing"));
    options.say("site 1 dies without a word");
    watched.kill();
    calls.keepCalling(lab.topology.ownDn);
    const measures = await Promise.all(
      desktops.map((desktop, index) =>
        measureAgent(options, desktop, partOf(index), watched, calls),
      ),
    );
    return {
      agents: measures.map((measure) => ({ ...measure, round })),
      ...(await calls.counts()),
    };
  } finally {
    await calls.close();
    await Promise.all(desktops.map((desktop) => desktop.close()));
    await lab.killSite(1);
    await lab.stop();
  }
}

function partOf(index: number): Part {
  return parts[index % parts.length] ?? "idle";
}

function dnsOf(lab: Lab, part: Part): readonly string[] {
  return lab.topology.agents.filter((_, index) => partOf(index) === part).map(({ dn }) => dn);
}

function isSeated(lab: Lab, dn: string, facts: DesktopFacts): boolean {
  const index = lab.topology.agents.findIndex((agent) => agent.dn === dn);
  const phone = lab.phones[index];
  const isRegistered = phone !== undefined && phone.isRegistered(0) && phone.isRegistered(1);
  return isRegistered && facts.phase === "inService" && facts.site === 1;
}

async function takeParts(
  desktops: readonly LabDesktop[],
  factsOf: (dn: string) => DesktopFacts,
): Promise<void> {
  await Promise.all(
    desktops.map(async (desktop, index) => {
      const part = partOf(index);
      if (part === "lunch") await desktop.setNotReady(lunch);
      else if (part === "wrapping-up") await desktop.setAfterCallWork(wrapUpMs);
      else await desktop.setReady();
      await until(
        () => stateWord(factsOf(desktop.agent.dn)) === ownState(part),
        seatedWithinMs,
        `${desktop.agent.dn} is ${ownState(part)}`,
      );
    }),
  );
}

/** The state that the agent has for reasons of the agent's own. */
function ownState(part: Part): string {
  if (part === "lunch") return `Not Ready: ${lunch}`;
  return part === "wrapping-up" ? "After Call" : "Ready";
}

/** A call that only rang is none to go on with: the agent is restored as before it (R17). */
function wasTalking(part: Part): boolean {
  return part === "talking";
}

/** The desktops' changes, timed from the kill. */
interface Watched {
  readonly onChange: (agent: AgentTopology, facts: DesktopFacts) => void;
  readonly factsOf: (dn: string) => DesktopFacts;
  readonly watchOf: (dn: string, expected: string) => Stopwatch;
  readonly kill: () => void;
  readonly sinceKillMs: () => number;
}

function createWatched(lab: Lab): Watched {
  const latest = new Map<string, DesktopFacts>();
  const changes = new Map<string, { readonly facts: DesktopFacts; readonly atMs: number }[]>();
  let killedAt = Number.POSITIVE_INFINITY;
  const sinceKillMs = (): number => performance.now() - killedAt;
  return {
    onChange({ dn }, facts) {
      latest.set(dn, facts);
      if (sinceKillMs() < 0) return;
      const list = changes.get(dn) ?? [];
      list.push({ facts, atMs: sinceKillMs() });
      changes.set(dn, list);
    },
    factsOf: (dn) => latest.get(dn) ?? unknownFacts,
    watchOf: (dn, expected) =>
      (changes.get(dn) ?? []).reduce(
        (watch, { facts, atMs }) => stepStopwatch(watch, facts, { site: 2, expected }, atMs),
        stoppedWatch,
      ),
    kill() {
      lab.freezeSite(1);
      killedAt = performance.now();
    },
    sinceKillMs,
  };
}

/** Never rejects for an agent who does not come back: that is what is measured. */
async function measureAgent(
  { profile }: SiteLossOptions,
  desktop: LabDesktop,
  part: Part,
  watched: Watched,
  calls: DrillCalls,
): Promise<Omit<AgentMeasure, "round">> {
  const { dn } = desktop.agent;
  const expectedState = wasTalking(part) ? heldByCall : ownState(part);
  const watch = (): Stopwatch => watched.watchOf(dn, expectedState);
  const isBack = (): boolean => watch().recoveredMs !== null;
  const came = await until(isBack, backWithinMs[profile], "").then(
    () => true,
    () => false,
  );
  let firstCallMs: number | null = null;
  let isItself = true;
  if (came) {
    if (wasTalking(part)) isItself = await endFormerCall(desktop, part, watched, calls);
    else if (part === "ringing") await calls.endFormer(dn);
    const isHeard = await calls.firstCall(dn, siteOf(calls.topology, 2));
    if (isHeard) firstCallMs = watched.sinceKillMs();
  }
  const facts = watched.factsOf(dn);
  const isRestored = came && isItself;
  return {
    dn,
    ...watch(),
    firstCallMs,
    hadCall: wasTalking(part),
    expectedState,
    state: isRestored ? expectedState : `${facts.phase}, ${stateWord(facts)}`,
  };
}

/**
 * One second after the login the two who were talking hang up; then the desktop says that it is
 * over. Whether the agent has the state of before the call again.
 */
async function endFormerCall(
  desktop: LabDesktop,
  part: Part,
  watched: Watched,
  calls: DrillCalls,
): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, hangUpAfterMs));
  const { dn } = desktop.agent;
  await calls.endFormer(dn);
  const isItself = (): boolean => stateWord(watched.factsOf(dn)) === ownState(part);
  try {
    await desktop.callOver();
    await until(isItself, seatedWithinMs, `${dn} is ${ownState(part)} again`);
    return true;
  } catch {
    return false; // told by name in the report
  }
}
