/** What is cut in a scene (net-scene.ts), and what the pair, its calls and its agents make of it. */
import { desks, seen, sentByBoth, standingCall, wholeCall, type NetScene } from "./net-scene.ts";
import { nowMs } from "./host-sights.ts";

export type Facts = Readonly<Record<string, unknown>>;
export type Scenario = (net: NetScene) => Promise<Facts>;

/** The cable of the primary's host is pulled, and later put in again. */
const hostCut: Scenario = async (net) => {
  const pair = await net.whole();
  const call = await standingCall(net);
  const faultAt = nowMs();
  net.cables.unplug(pair.primary);
  await seen(net, pair.standby, "serves", ({ role, address }) => isServing(role, address));
  await call.holdAndResume();
  await seen(net, pair.primary, "has left", ({ role, address }) => hasLeft(role, address));
  const during = desks(net);
  await call.hangUp();
  const events = call.events();
  const nextCall = await wholeCall(net);
  net.cables.plug(pair.primary);
  const after = await net.whole();
  return {
    desks: during,
    events,
    nextCall,
    hasChangedPlaces: after.primary === pair.standby && after.standby === pair.primary,
    sentByBoth: sentByBoth(net, pair, faultAt),
  };
};

function isServing(role: string, address: string): boolean {
  return role === "primary" && address === "held";
}

function hasLeft(role: string, address: string): boolean {
  return role === "left" && address === "dropped";
}

export const scenarios: Readonly<Record<string, Scenario>> = { hostCut };
