/** The lab's desktops: the SDK without a screen, through the same door as everybody's. */
import { type Desktop, type Outcome, type TimelineEntry, connectDesktop } from "@tandem/ail";
import { type DesktopFacts, type DesktopNews, type LabDesktop, unknownFacts } from "./desktops.ts";
import { type AgentTopology, type Topology, configUrl, desktopName } from "./topology.ts";

export async function openDesktops(
  topology: Topology,
  news: DesktopNews,
): Promise<readonly LabDesktop[]> {
  return topology.agents.map((agent) => openDesktop(topology, agent, news));
}

function openDesktop(topology: Topology, agent: AgentTopology, news: DesktopNews): LabDesktop {
  let facts: DesktopFacts = unknownFacts;
  const { profile, password } = topology;
  const desktop = connectDesktop({
    local: {
      sites: topology.sites.map((site) => ({
        applicationName: desktopName(site.number),
        configUrls: [configUrl(site)],
      })),
    },
    userName: agent.userName,
    password,
    profile,
  });
  const refresh = (): void => {
    const next = factsOf(topology, desktop);
    if (JSON.stringify(next) === JSON.stringify(facts)) return;
    facts = next;
    news.onChange(agent, facts);
  };
  const { commands } = desktop;
  desktop.subscribe(refresh);
  desktop.on("state", (entry) => news.onTimeline(agent, lineOf(entry)));
  desktop.on("refused", ({ errorMessage }) => news.onTimeline(agent, errorMessage));
  const reasonOf = (reason: string) => ({ reasons: { ReasonCode: reason } });
  return {
    agent,
    facts: () => facts,
    setReady: () => done(commands.setReady()),
    setNotReady: (reason) => done(commands.setNotReady(reasonOf(reason))),
    setAfterCallWork: (afterCallWorkMs) =>
      done(commands.setNotReady({ workMode: "AfterCallWork", afterCallWorkMs })),
    callOver: () => done(commands.callOver()),
    close: async () => desktop.close(),
  };
}

/** Rejects with the sentence of a command that was not done. */
async function done(outcome: Promise<Outcome>): Promise<void> {
  const { kind, ...rest } = await outcome;
  if (kind !== "done") throw new Error("sentence" in rest ? rest.sentence : kind);
}

const stateWords = { Ready: "Ready", NotReady: "Not Ready", AfterCallWork: "After Call" } as const;
const callWords = {
  Ringing: "ringing",
  Dialing: "dialing",
  Queued: "ringing", // at a queue only, which has no desktop of an agent
  Established: "talking",
  Held: "held",
} as const;

function factsOf(topology: Topology, desktop: Desktop): DesktopFacts {
  const { state: phase, site, services, agent, calls } = desktop.snapshot();
  const reason = agent.state?.reasons?.["ReasonCode"];
  const call = calls[0];
  return {
    site: topology.sites.find(({ name }) => name === site)?.number ?? null,
    state: agent.state === null ? "Logged Out" : stateWords[agent.state.state],
    reason: reason === undefined ? null : String(reason),
    call: call === undefined ? "none" : callWords[call.partyState],
    isConnected: services.telephony.status === "ON",
    phase,
  };
}

function lineOf({ from, to, cause, lost, restored }: TimelineEntry): string {
  const at = (place: { readonly state: string; readonly site: string | null }): string =>
    place.site === null ? place.state : `${place.state} at ${place.site}`;
  const why = cause.detail === undefined ? cause.code : `${cause.code} (${cause.detail})`;
  const cost = lost.length === 0 ? "" : `, ${lost.length} calls lost`;
  const back = restored === null ? "" : `, ${restored.state} restored`;
  return `${at(from)} → ${at(to)}: ${why}${back}${cost}`;
}
