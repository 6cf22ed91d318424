/**
 * The scene of the scenarios: a pair at site 1, a single node at site 2, three members of etcd,
 * each on a host of its own, and at the phones' switch baresip, desktops of the SDK and callers.
 */
import type { Phone } from "@tandem/softphone";
import {
  comesTrue,
  openScene,
  withinMs,
  type Scene,
  type SceneAgent,
} from "../end-to-end/scene.ts";
import { nodeHttp, siteOf, type SiteNumber } from "../topology.ts";
import { until } from "../until.ts";
import { firstSentAfter, nowMs, openSights, sentSince, type HostSights } from "./host-sights.ts";
import { openLabHosts } from "./lab-hosts.ts";
import type { Network } from "./network.ts";

export interface NetScene {
  readonly scene: Scene;
  readonly cables: Network;
  readonly sights: HostSights;
  readonly agents: readonly SceneAgent[];
  /** Until the pair of site 1 is whole: who serves, and who stands by. */
  readonly whole: () => Promise<Pair>;
  readonly say: (line: string) => void;
  readonly stop: () => Promise<void>;
}

export interface Pair {
  readonly primary: string;
  readonly standby: string;
}

/** Packets of 20 ms that count as sound: half a second. */
const packetsMin = 25;
const agentCount = 2;

export async function openNetScene(say: (line: string) => void): Promise<NetScene> {
  const hosts = openLabHosts({ withoutStandby: "site-2" });
  const scene = await openScene({
    agents: agentCount,
    seating: "site-1",
    arbiter: "etcd",
    withoutStandby: "site-2",
    hosts,
    onProgress: say,
    onServerExit: (name, how) => say(`${name} has ended: ${how}`),
  });
  const site = siteOf(scene.lab.topology, 1);
  const sights = openSights(
    site.nodes.map((node) => ({
      name: node.name,
      on: hosts.cables.on(node.name),
      http: nodeHttp(site, node),
    })),
  );
  const stop = async (): Promise<void> => {
    sights.close();
    await scene.stop();
  };
  const { agents } = scene;
  await until(() => agents.every((agent) => agent.isLoggedIn()), withinMs, "all are logged in");
  for (const { desktop } of agents) await desktop.commands.setReady();
  const names = site.nodes.map(({ name }) => name);
  return {
    scene,
    cables: hosts.cables,
    sights,
    agents,
    say,
    async whole() {
      await until(
        () => names.every((name) => sights.now(name).isReady),
        withinMs,
        "the pair of site 1 is whole",
      );
      const primary = names.find((name) => sights.now(name).role === "primary") ?? "nobody";
      const standby = names.find((name) => sights.now(name).role === "standby") ?? "nobody";
      return { primary, standby };
    },
    stop,
  };
}

/** A call from the gateway of a site to the first agent's baresip, with sound both ways. */
export interface StandingCall {
  /** Hold and resume from baresip: a re-INVITE each, seen by the caller and the desktop. */
  readonly holdAndResume: () => Promise<void>;
  /** The caller's BYE ends it at baresip and on the desktop. */
  readonly hangUp: () => Promise<void>;
  /** The same where no desktop looks on: baresip says that it is over. */
  readonly hangUpUnseen: () => Promise<void>;
  /** Until both have heard half a second more. */
  readonly hasSound: () => Promise<void>;
  /** Names of the events that the desktop heard. */
  readonly events: () => readonly string[];
}

export interface CallChoice {
  /** Through whose gateway. */
  readonly site?: SiteNumber;
  readonly dn?: string;
}

export async function standingCall(
  { scene, agents }: NetScene,
  { site = 1, dn = "1001" }: CallChoice = {},
): Promise<StandingCall> {
  const agent = agents.find((each) => each.dn === dn);
  if (agent === undefined) throw new Error(`nobody has ${dn}`);
  const caller = scene.callerAt(site);
  agent.begin();
  const call = caller.call(dn);
  await haveSound(caller, call, agent, 0);
  const events = (): readonly string[] => agent.heard().map(({ event }) => event);
  const hasSound = async (): Promise<void> =>
    haveSound(caller, call, agent, await agent.phone.heardPackets());
  return {
    events,
    hasSound,
    async hangUpUnseen() {
      caller.hangup(call);
      const isOver = (): boolean => agent.phone.events().some(({ type }) => type === "CALL_CLOSED");
      await until(isOver, withinMs, "baresip's call is over");
    },
    async holdAndResume() {
      const held = caller.waitFor("held", withinMs);
      await agent.phone.command(0, "hold");
      await held;
      const retrieved = caller.waitFor("retrieved", withinMs);
      await agent.phone.command(0, "resume");
      await retrieved;
      await hasSound();
    },
    async hangUp() {
      caller.hangup(call);
      await until(() => events().includes("EventReleased"), withinMs, "the call is over");
    },
  };
}

/** A whole call, placed, answered and ended. */
export async function wholeCall(
  net: NetScene,
  choice: CallChoice = {},
): Promise<readonly string[]> {
  const call = await standingCall(net, choice);
  await call.hangUp();
  return call.events();
}

async function haveSound(
  caller: Phone,
  call: number,
  agent: SceneAgent,
  heardBefore: number,
): Promise<void> {
  const before = caller.rtp(call)?.receivedPackets ?? 0;
  await until(
    () => (caller.rtp(call)?.receivedPackets ?? 0) >= before + packetsMin,
    withinMs,
    "the caller hears the phone",
  );
  await comesTrue(
    "the phone hears the caller",
    async () => (await agent.phone.heardPackets()) >= heardBefore + packetsMin,
  );
}

/** Until a host's node says something of itself. */
export function seen(
  { sights, say }: NetScene,
  host: string,
  what: string,
  isSo: (sight: ReturnType<HostSights["now"]>) => boolean,
): Promise<void> {
  const from = nowMs();
  return until(() => isSo(sights.now(host)), withinMs, `${host} ${what}`).then(() =>
    say(`${host} ${what} after ${(nowMs() - from).toFixed(0)} ms`),
  );
}

/** Datagrams of the old primary since the new one's first after the fault. */
export function sentByBoth(
  { sights }: NetScene,
  { primary, standby }: Pair,
  faultAt: number,
): number {
  const firstAt = firstSentAfter(sights.of(standby), faultAt);
  if (firstAt === null) throw new Error(`${standby} has sent nothing`);
  return sentSince(sights.of(primary), firstAt);
}

/** Where each agent is and what it is doing, as its desktop says. */
export function desks({ agents }: NetScene): readonly string[] {
  return agents.map(({ desktop }) => {
    const { state, site, agent } = desktop.snapshot();
    return `${agent.dn} ${state} at ${site}, ${agent.state?.state ?? "logged out"}`;
  });
}

/** How many phones a site has registered, as they know it. */
export function phonesRegisteredAt({ agents }: NetScene, site: SiteNumber): number {
  return agents.filter(({ phone }) => phone.isRegistered(site - 1)).length;
}
