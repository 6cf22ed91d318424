import { runContinuity, type ContinuityRun, type TimelineEntry } from "@tandem/ail";
import type { UnnumberedRequest } from "@tandem/cti";
import {
  unknownFacts,
  type DesktopFacts,
  type DesktopNews,
  type LabDesktop,
} from "./desktops.ts";
import type { AgentTopology, Topology } from "./topology.ts";

/** The lab's desktops: the SDK without a screen. */
export async function openDesktops(
  topology: Topology,
  news: DesktopNews,
): Promise<readonly LabDesktop[]> {
  return topology.agents.map((agent) => openDesktop(topology, agent, news));
}

function openDesktop(topology: Topology, agent: AgentTopology, news: DesktopNews): LabDesktop {
  let facts: DesktopFacts = unknownFacts;
  let site: 1 | 2 | null = null;
  const local = {
    sites: topology.sites.map(({ number, host, ports }) => ({
      applicationName: `desktop-${number}`,
      configUrls: [`ws://${host}:${ports.config}/config`],
    })),
  };
  const { userName } = agent;
  const refresh = (run: ContinuityRun): void => {
    const next = factsOf(run, site);
    site = next.site;
    if (JSON.stringify(next) === JSON.stringify(facts)) return;
    facts = next;
    news.onChange(agent, facts);
  };
  let opened: ContinuityRun | null = null;
  const run = runContinuity(
    { local, userName, password: topology.password, profile: topology.profile },
    {
      changed: () => opened !== null && refresh(opened),
      timeline: (entry) => news.onTimeline(agent, lineOf(entry)),
      warning: () => undefined,
      endpoint: () => undefined,
      event: () => undefined,
    },
  );
  opened = run;
  return {
    agent,
    facts: () => facts,
    setReady: () => ask(run, { request: "RequestAgentSetReady", thisDN: agent.dn }),
    setNotReady: (reason) =>
      ask(run, {
        request: "RequestAgentSetNotReady",
        thisDN: agent.dn,
        reasons: { ReasonCode: reason },
      }),
    setAfterCallWork: (ms) =>
      ask(run, {
        request: "RequestAgentSetNotReady",
        thisDN: agent.dn,
        workMode: "AfterCallWork",
        afterCallWorkMs: ms,
      }),
    callOver: () => run.dispatch({ kind: "callOver" }),
    close: async () => run.close(),
  };
}

function ask(run: ContinuityRun, request: UnnumberedRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = run.link();
    if (link === null) return reject(new Error(`${request.request}: the desktop is at no site`));
    link.request(request, (outcome) => {
      if (outcome.kind !== "answered") return reject(new Error(`${request.request}: ${outcome.kind}`));
      const { event } = outcome;
      run.dispatch({ kind: "told", number: numberOf(run), event });
      if (event.event === "EventError") reject(new Error(event.errorMessage));
      else resolve();
    });
  });
}

function numberOf(run: ContinuityRun): number {
  const { phase } = run.state();
  return "number" in phase ? phase.number : 0;
}

const words = { Ready: "Ready", NotReady: "Not Ready", AfterCallWork: "After Call" } as const;
const callWords = {
  Ringing: "ringing",
  Dialing: "dialing",
  Established: "talking",
  Held: "held",
} as const;

function factsOf(run: ContinuityRun, lastSite: 1 | 2 | null): DesktopFacts {
  const { phase, plan, agent, isSessionOpen } = run.state();
  const index = "site" in phase ? phase.site : null;
  const name = index === null ? null : (plan?.sites[index]?.applicationName ?? null);
  const at = name === "desktop-1" ? 1 : name === "desktop-2" ? 2 : null;
  const isIn = agent.login.kind === "in";
  const call = agent.calls[0];
  const reason = agent.present?.reasons?.["ReasonCode"];
  return {
    site: isIn ? at : lastSite,
    state: isIn && agent.present !== null ? words[agent.present.state] : "Logged Out",
    reason: reason === undefined ? null : String(reason),
    call: call === undefined ? "none" : callWords[call.partyState],
    isConnected: isSessionOpen,
    phase: phase.kind,
  };
}

function lineOf({ from, to, cause, lost, restored }: TimelineEntry): string {
  const at = (place: { state: string; site: string | null }): string =>
    place.site === null ? place.state : `${place.state} at ${place.site}`;
  const why = cause.detail === undefined ? cause.code : `${cause.code} (${cause.detail})`;
  const cost = lost.length === 0 ? "" : `, ${lost.length} calls lost`;
  const back = restored === null ? "" : `, ${restored.state} restored`;
  return `${at(from)} → ${at(to)}: ${why}${back}${cost}`;
}

