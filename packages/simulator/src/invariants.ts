import type { DesktopModel } from "./desktop-model.ts";
import { checkSame, isLevel } from "./pair-watch.ts";
import type { Site } from "./site.ts";
import { fail, run, type World } from "./world.ts";

/** What must hold once faults have healed and things have settled, and when all have hung up. */
export function checkSettled(
  world: World,
  sites: readonly Site[],
  desktops: readonly DesktopModel[],
): void {
  for (const desktop of desktops) {
    const at = sites.filter(({ replica }) => replica?.state.agents.has(desktop.dn) === true);
    if (at.length > 1) fail(world, `agent ${desktop.dn} is logged in at both sites`);
    if (!desktop.isInService()) {
      fail(world, `agent ${desktop.dn} is not in service long after the last fault`);
    } else if (at[0]?.name !== desktop.siteName()) {
      fail(
        world,
        `desktop ${desktop.dn} believes in ${desktop.siteName()}, the login is elsewhere`,
      );
    }
  }
  for (const site of sites) {
    if (site.replica?.state.peer.isAlive !== true)
      fail(world, `${site.name} does not see its peer`);
  }
}

/** Timers that stay while nobody calls: registrations, checks, the ring, the peer, sessions. */
const standingTimers = /^(?:dn|ring|peer|session|agent)\//;

export function checkNoLeaks(
  world: World,
  sites: readonly Site[],
  desktops: readonly DesktopModel[],
): void {
  for (const { name, replica } of sites) {
    if (replica === null) continue;
    const { state } = replica;
    const left = {
      calls: state.calls.size,
      dialogs: state.dialogs.size,
      callsByDn: state.callsByDn.size,
      "dialogs of flows": state.flows.dialogs.size,
    };
    for (const [what, count] of Object.entries(left)) {
      if (count > 0) fail(world, `${name}: ${count} of ${what} are left`);
    }
    for (const key of state.timers.armed.keys()) {
      if (key.startsWith("call/")) fail(world, `${name}: timer ${key} is left`);
      else if (key.startsWith("linger/")) {
        if (!state.lingering.has(key.slice("linger/".length))) {
          fail(world, `${name}: timer ${key} is nobody's`);
        }
      } else if (!key.startsWith("tx/") && !standingTimers.test(key)) {
        fail(world, `${name}: timer ${key} is nobody's`);
      }
    }
    for (const lasting of state.lingering.keys()) {
      if (!state.timers.armed.has(`linger/${lasting}`)) {
        fail(world, `${name}: transactions of ${lasting} linger for ever`);
      }
    }
    const stale = [...state.transactions.values()].filter((each) =>
      each.role === "client" ? each.method === "INVITE" : each.machine.kind === "invite",
    );
    if (stale.length > 0) fail(world, `${name}: ${stale.length} INVITE transactions are left`);
  }
  for (const { dn, ledger } of desktops) {
    for (const connID of ledger.open()) fail(world, `desktop ${dn}: call ${connID} never ended`);
  }
}

/** A moment at which all that was framed has come over; a pair finds one soon when nobody calls. */
const levelWithinMs = 10_000;
const levelStepMs = 5;

/** Primary and standby hold the same, text by text. */
export function checkPairsSame(world: World, sites: readonly Site[]): void {
  for (const site of sites) {
    const untilMs = world.nowMs + levelWithinMs;
    while (!isLevel(site) && world.nowMs < untilMs && world.failures.length === 0) {
      run(world, world.nowMs + levelStepMs);
    }
    if (world.failures.length > 0) return;
    if (isLevel(site)) checkSame(world, site);
    else fail(world, `${site.name}: its nodes never stand at the same place`);
  }
}
