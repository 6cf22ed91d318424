/** What is cut in a scene (net-scene.ts), and what the pair, its calls and agents make of it. */
import { withinMs } from "../end-to-end/scene.ts";
import { until } from "../until.ts";
import { nowMs, rolesSince, type Sight } from "./host-sights.ts";
import { memberHost } from "./lab-hosts.ts";
import {
  desks,
  phonesRegisteredAt,
  seen,
  sentByBoth,
  standingCall,
  wholeCall,
  type NetScene,
  type Pair,
} from "./net-scene.ts";

export type Facts = Readonly<Record<string, unknown>>;
export type Scenario = (net: NetScene) => Promise<Facts>;

/** Longer than a lease lives. */
const leaseIsOverMs = 4_000;
/** `no-primary-timeout`, `site-timeout`, `switchover-spread` of the lab, and a login. */
const agentsMovedWithinMs = 3_000 + 3_000 + 500 + 2_000;

/** The cable of the primary's host is pulled, and later put in again. */
const hostCut: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  const faultAt = nowMs();
  net.cables.unplug(pair.primary);
  return replaced(net, pair, call, faultAt);
};

/** The primary's host sees the phones, and nobody else sees it. */
const onlyPhones: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  const faultAt = nowMs();
  net.cables.moveToPhones(pair.primary);
  return replaced(net, pair, call, faultAt);
};

/** The standby serves, the old primary leaves, and stands by when its host is back. */
async function replaced(
  net: NetScene,
  pair: Pair,
  call: Awaited<ReturnType<typeof standingCall>>,
  faultAt: number,
): Promise<Facts> {
  await seen(net, pair.standby, "serves", isServing);
  await call.holdAndResume();
  await seen(net, pair.primary, "has left", hasLeft);
  const during = desks(net);
  await call.hangUp();
  const events = call.events();
  const nextCall = await wholeCall(net);
  net.cables.heal();
  const after = await net.whole();
  return {
    desks: during,
    events,
    nextCall,
    hasChangedPlaces: after.primary === pair.standby && after.standby === pair.primary,
    sentByBoth: sentByBoth(net, pair, faultAt),
  };
}

/** Both nodes reach everybody but each other. */
const linkCut: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  const faultAt = nowMs();
  net.cables.part([pair.primary, pair.standby]);
  await seen(net, pair.standby, "is no standby any more", ({ role }) => role !== "standby");
  await call.holdAndResume();
  await call.hangUp();
  const events = call.events();
  const nextCall = await wholeCall(net);
  const during = desks(net);
  net.cables.heal();
  const after = await net.whole();
  return {
    desks: during,
    events,
    nextCall,
    isAsBefore: after.primary === pair.primary && after.standby === pair.standby,
    rolesOfPrimary: rolesSince(net.sights.of(pair.primary), faultAt),
    hasStandbyServed: rolesSince(net.sights.of(pair.standby), faultAt).includes("primary"),
  };
};

/** Each member of etcd in turn, the leader among them, is cut for longer than a lease lives. */
const minorityLost: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  const { epoch } = net.sights.now(pair.primary);
  const faultAt = nowMs();
  for (const index of [0, 1, 2]) {
    net.cables.unplug(memberHost(index));
    await passes(leaseIsOverMs);
    net.cables.plug(memberHost(index));
    await passes(leaseIsOverMs / 4);
  }
  await call.holdAndResume();
  await call.hangUp();
  await net.whole();
  return {
    desks: desks(net),
    events: call.events(),
    rolesOfPrimary: rolesSince(net.sights.of(pair.primary), faultAt),
    rolesOfStandby: rolesSince(net.sights.of(pair.standby), faultAt),
    epochsGone: net.sights.now(pair.primary).epoch - epoch,
  };
};

/** Two members are cut: a pair that is whole goes on, and says that it is not safe to switch. */
const majorityLost: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  const faultAt = nowMs();
  for (const index of [0, 1]) net.cables.unplug(memberHost(index));
  await seen(net, pair.primary, "is not ready to switch", ({ isReady }) => !isReady);
  await passes(leaseIsOverMs);
  await call.holdAndResume();
  await call.hangUp();
  const events = call.events();
  const nextCall = await wholeCall(net);
  net.cables.heal();
  await net.whole();
  return {
    desks: desks(net),
    events,
    nextCall,
    rolesOfPrimary: rolesSince(net.sights.of(pair.primary), faultAt),
    rolesOfStandby: rolesSince(net.sights.of(pair.standby), faultAt),
  };
};

/**
 * Two members are cut, then the primary's process is killed: nobody may serve, and agents move. Its
 * keeper starts it again, as a member of nothing.
 */
const majorityLostThenKill: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  for (const index of [0, 1]) net.cables.unplug(memberHost(index));
  await seen(net, pair.primary, "is not ready to switch", ({ isReady }) => !isReady);
  const faultAt = nowMs();
  process.kill(net.sights.now(pair.primary).pid, "SIGKILL");
  await until(
    () => desks(net).every((desk) => desk.includes("inService at site-2")),
    withinMs,
    "every agent is at site 2",
  );
  const movedMs = nowMs() - faultAt;
  net.say(`every agent is at site 2 after ${movedMs.toFixed(0)} ms`);
  const during = desks(net);
  const registeredAt2 = phonesRegisteredAt(net, 2);
  const nextCall = await wholeCall(net, { site: 2, dn: "1002" });
  await call.hasSound();
  const rolesOf = (host: string): readonly string[] => rolesSince(net.sights.of(host), faultAt);
  const haveServed = [...rolesOf(pair.primary).slice(1), ...rolesOf(pair.standby)];
  net.cables.heal();
  const after = await net.whole();
  await call.hangUpUnseen();
  return {
    desks: during,
    registeredAt2,
    nextCall,
    isWithinBound: movedMs <= agentsMovedWithinMs,
    hasSomebodyServed: haveServed.includes("primary"),
    hasChangedPlaces: after.primary === pair.standby && after.standby === pair.primary,
  };
};

function isServing({ role, address }: Sight): boolean {
  return role === "primary" && address === "held";
}

function hasLeft({ role, address }: Sight): boolean {
  return role === "left" && address === "dropped";
}

/** Nothing is waited for: that nothing happens takes time to show. */
async function passes(ms: number): Promise<void> {
  const endsAt = nowMs() + ms;
  await until(() => nowMs() >= endsAt, 2 * ms, "time has passed");
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  hostCut,
  linkCut,
  onlyPhones,
  minorityLost,
  majorityLost,
  majorityLostThenKill,
};
