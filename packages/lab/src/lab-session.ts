/**
 * A lab with people in it: agents at their desktops, callers behind the gateways, somebody who
 * breaks things. Keeps what the view shows: events with their causes, the score of the last
 * failure.
 */
import { type Breakage, createBreakage } from "./breakage.ts";
import { type DesktopFacts, type DesktopNews, type LabDesktop, unknownFacts } from "./desktops.ts";
import { type HealthWatch, watchHealth } from "./health-watch.ts";
import { beginWork, type People, watchPeople } from "./people.ts";
import { type Lab, type LabOptions, startLab } from "./start-lab.ts";
import { type AgentTopology, type SiteNumber, type Topology, siteOf } from "./topology.ts";
import { type Callers, startCallers } from "./traffic/callers.ts";
import { countOf } from "./traffic/call-book.ts";
import type { LabAction } from "./view/keys.ts";
import type { EventView, NodeView, ServerView, SiteView, ViewModel } from "./view/view-model.ts";

export interface LabSession {
  readonly lab: Lab;
  readonly model: () => ViewModel;
  readonly act: (action: LabAction) => void;
  readonly stop: () => Promise<void>;
}

export interface LabSessionOptions extends LabOptions {
  readonly hasCallers: boolean;
  /** Opens the desktops of all agents; resolves when each has begun. */
  readonly openDesktops: (topology: Topology, news: DesktopNews) => Promise<readonly LabDesktop[]>;
  readonly onEvent: (event: EventView) => void;
}

const eventsKeptMax = 200;
export async function startLabSession(options: LabSessionOptions): Promise<LabSession> {
  const startedAt = performance.now();
  const nowMs = (): number => performance.now() - startedAt;
  const events: EventView[] = [];
  const say = (text: string): void => {
    const event = { atMs: nowMs(), text };
    events.push(event);
    if (events.length > eventsKeptMax) events.shift();
    options.onEvent(event);
  };
  const lab = await startLab({
    ...options,
    onServerExit: (name, how) => say(`${name} ended: ${how}`),
  });
  const { topology } = lab;
  const facts = new Map<string, DesktopFacts>();
  // The view shows the score itself; a log has to be told.
  const tell = (text: string): void => options.onEvent({ atMs: nowMs(), text });
  const primaryOf = (site: SiteNumber): string | null =>
    health?.of(site).nodes.find(({ role }) => role === "primary")?.name ?? null;
  const broken = createBreakage({ lab, say, tell, nowMs, primaryOf });
  const onChange = ({ dn }: AgentTopology, now: DesktopFacts): void => {
    facts.set(dn, now);
    const kind = now.phase === "inService" ? "inService" : "noticed";
    broken.score({ kind, dn, atMs: nowMs() });
  };
  const onTimeline = ({ dn }: AgentTopology, line: string): void => say(`${dn} ${line}`);
  let callers: Callers | null = null;
  let desktops: readonly LabDesktop[] = [];
  let health: HealthWatch | null = null;
  let people: People | null = null;
  const stop = async (): Promise<void> => {
    health?.stop();
    people?.stop();
    broken.stop();
    await callers?.stop();
    await Promise.all(desktops.map((desktop) => desktop.close()));
    await lab.stop();
  };
  try {
    health = watchHealth(topology);
    desktops = await options.openDesktops(topology, { onChange, onTimeline });
    await Promise.all(desktops.map((desktop) => beginWork(desktop, say)));
    say("every agent is at work");
    people = watchPeople(desktops, (dn) => lab.phones[indexOf(topology, dn)]);
    const free = (): readonly string[] =>
      topology.agents.map(({ dn }) => dn).filter((dn) => isFree(facts.get(dn) ?? unknownFacts));
    callers = !options.hasCallers
      ? null
      : await startCallers({
          topology,
          whom: free,
          onLost: (call) => {
            say(`call lost: ${call}`);
            broken.score({ kind: "callLost", name: call, atMs: nowMs() });
          },
        });
  } catch (error) {
    await stop();
    throw error;
  }
  const act = (action: LabAction): void => {
    if (action.kind === "callers" && callers !== null) {
      callers.setCalling(!callers.isCalling());
      say(callers.isCalling() ? "callers call again" : "callers stop calling");
      return;
    }
    const here = (site: SiteNumber): readonly string[] =>
      [...facts]
        .filter(([, { site: at, phase }]) => at === site && phase === "inService")
        .map(([dn]) => dn);
    broken.act(action, here, (site) => callers?.siteDied(site));
  };
  const seen = health;
  return {
    lab,
    act,
    stop,
    model: () => modelOf({ lab, events, facts, callers, health: seen, broken, nowMs }),
  };
}

function indexOf({ agents }: Topology, dn: string): number {
  return agents.findIndex((agent) => agent.dn === dn);
}

function isAtSite(phase: string): boolean {
  return phase === "inService" || phase === "impaired" || phase === "draining";
}

function isFree({ phase, state, call }: DesktopFacts): boolean {
  return phase === "inService" && state === "Ready" && call === "none";
}

interface Shown {
  readonly lab: Lab;
  readonly events: readonly EventView[];
  readonly facts: ReadonlyMap<string, DesktopFacts>;
  readonly callers: Callers | null;
  readonly health: HealthWatch;
  readonly broken: Breakage;
  readonly nowMs: () => number;
}

function modelOf({ lab, events, facts, callers, health, broken, nowMs }: Shown): ViewModel {
  const { topology } = lab;
  const book = callers?.book();
  return {
    lab: topology.lab,
    profile: topology.profile,
    elapsedMs: nowMs(),
    sites: [siteView(1), siteView(2)],
    isTrunkCut: lab.isTrunkCut(),
    agents: topology.agents.map((agent, index) => {
      const { phase, site, state, reason, call } = facts.get(agent.dn) ?? unknownFacts;
      const phone = lab.phones[index];
      const registered = [
        phone?.isRegistered(0) ?? false,
        phone?.isRegistered(1) ?? false,
      ] as const;
      const at = isAtSite(phase) ? site : null;
      return { dn: agent.dn, site: at, state, reason, call, continuity: phase, phone: registered };
    }),
    callers: {
      waiting: book === undefined ? 0 : countOf(book, "waiting"),
      talking: book === undefined ? 0 : countOf(book, "talking"),
      answered: book?.answered ?? 0,
      lost: book?.lost ?? 0,
    },
    events,
    score: broken.lastScore(),
    ownPhone: [],
    isHelpShown: false,
  };

  function nodeView(number: SiteNumber, name: string, word: ServerView | "up"): NodeView {
    const own = lab.nodeState(name);
    const seen = health.of(number).nodes.find((node) => node.name === name);
    if (own !== "up") return { state: word === "fenced" ? "fenced" : own, role: "" };
    return { state: seen?.readiness ?? "starting", role: seen?.role ?? "" };
  }

  function siteView(number: SiteNumber): SiteView {
    const site = siteOf(topology, number);
    const word = broken.fenced.has(number) ? "fenced" : lab.siteState(number);
    const seen = health.of(number);
    return {
      name: site.name,
      host: site.host,
      servers: [
        ...site.nodes.map(({ name }) => ({ name, ...nodeView(number, name, word) })),
        { name: site.configServer, state: word === "up" ? seen.config : word, role: "" },
      ],
      isReadyToSwitch: seen.nodes.some(({ isReadyToSwitch }) => isReadyToSwitch),
      isPeerSeen: word === "up" ? seen.isPeerSeen : null,
      calls: book === undefined ? 0 : countOf(book, "talking", number),
    };
  }
}
