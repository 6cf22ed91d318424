import type { Site } from "./site.ts";
import { fail } from "./world.ts";

/** Which calls a site holds together, and whether a takeover keeps them. */
export function serves(site: Site, callId: string): boolean {
  for (const call of site.replica?.state.calls.values() ?? []) {
    const { origination, destination, departing } = call;
    // It hands its part over, and has it back if nobody takes it.
    if (departing?.callId === callId) return departing.state !== "ended";
    const isIt = origination.callId === callId || destination?.callId === callId;
    if (isIt) return origination.state !== "ended" && destination?.state !== "ended";
  }
  return false;
}

/** No stable call is lost to one node: what phones talk in is served by the next primary. */
export function checkServed(site: Site): void {
  const { talking } = site.watch;
  site.watch.talking = [];
  for (const callId of talking) {
    if (serves(site, callId)) continue;
    fail(site.setting.world, `${site.name}: call ${callId} is lost with a node`);
  }
}
