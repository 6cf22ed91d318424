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

/** DNs with a phone that need not register again soon, whatever it is reached over. */
export function registeredOf({ replica }: Site): readonly string[] {
  if (replica === null) return [];
  const { now, state } = replica;
  return [...state.dns.values()].flatMap(({ number, bindings }) =>
    bindings.some(({ expiresAt }) => expiresAt > now + soonMs) ? [number] : [],
  );
}

const soonMs = 10_000;

/** A node that takes over takes no phone for lost, whatever became of its connection. */
export function checkRegistered(site: Site, before: readonly string[]): void {
  const { state } = site.replica ?? {};
  if (state === undefined) return;
  for (const number of before) {
    const isLeft = (state.dns.get(number)?.bindings.length ?? 0) > 0;
    if (!isLeft) fail(site.setting.world, `${site.name}: a takeover has taken ${number} off`);
  }
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
