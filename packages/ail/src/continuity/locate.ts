import { backOffMs } from "@tandem/cti";
import type { SitePlan } from "../configuration/plan-sites.ts";
import { connectTo } from "./attach.ts";
import type { ContinuityEvent } from "./events.ts";
import type { ConfigurationMemory } from "./state.ts";
import { arm, attachmentOf, change, disarm, enter, warn, type Turn } from "./turn.ts";

/**
 * R1, R3, R10: the Configuration Server Proxies. One connection is in use; another may be pending:
 * at start the next local site's, then the preferred site's, after a switchover the new site's.
 */
export function start(turn: Turn): void {
  if (turn.state.phase.kind !== "offline" || turn.context.local.sites.length === 0) return;
  // R1: the first site of the local configuration; R4's cache comes in a later round.
  enter(
    turn,
    { kind: "locating", local: 0, asked: 1, rounds: 0, isMoving: false },
    {
      code: "started",
    },
  );
  openLocal(turn, 0);
}

function openLocal(turn: Turn, local: number): void {
  const site = turn.context.local.sites[local];
  if (site !== undefined) openConfiguration(turn, site.configUrls, site.applicationName);
}

function openConfiguration(turn: Turn, urls: readonly string[], applicationName: string): void {
  const number = turn.state.configuration.lastNumber + 1;
  changeConfiguration(turn, { lastNumber: number, pending: { number } });
  turn.effects.push({ kind: "openConfiguration", configuration: number, urls, applicationName });
}

export function onConfigurationUnreachable(turn: Turn, number: number): void {
  const { configuration, phase } = turn.state;
  if (configuration.pending?.number !== number) return;
  changeConfiguration(turn, { pending: null });
  turn.effects.push({ kind: "closeConfiguration", configuration: number });
  if (phase.kind !== "locating") {
    retryLater(turn);
    return;
  }
  if (phase.isMoving) {
    // R3: stay at the other one; that is not an error.
    connectTo(turn, siteInUse(turn, phase.local), { code: "preferred-unreachable" });
    return;
  }
  const { length } = turn.context.local.sites;
  if (phase.asked < length) {
    // R1: the other site, at once.
    const local = (phase.local + 1) % length;
    change(turn, { phase: { ...phase, local, asked: phase.asked + 1 } });
    openLocal(turn, local);
    return;
  }
  // R1: both in turn, for ever, later and later.
  const rounds = phase.rounds + 1;
  change(turn, { phase: { ...phase, asked: 0, rounds } });
  arm(turn, "locate/retry", backOffMs(rounds, turn.context.entropy));
}

export function onLocateRetry(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "locating") return;
  const local = (phase.local + 1) % turn.context.local.sites.length;
  change(turn, { phase: { ...phase, local, asked: 1 } });
  openLocal(turn, local);
}

export function onConfigurationRefused(
  turn: Turn,
  event: Extract<ContinuityEvent, { kind: "configurationRefused" }>,
): void {
  const { configuration, phase } = turn.state;
  const isPending = configuration.pending?.number === event.configuration;
  if (!isPending && configuration.inUse?.number !== event.configuration) return;
  if (phase.kind === "locating" && !phase.isMoving) {
    // R1: wrong credentials end the attempt at once; no other site would say otherwise.
    turn.effects.push({ kind: "closeConfiguration", configuration: event.configuration });
    changeConfiguration(turn, { pending: null });
    const detail = `${event.errorCode}: ${event.errorMessage}`;
    enter(turn, { kind: "offline" }, { code: "configuration-refused", detail });
    return;
  }
  if (isPending) return onConfigurationUnreachable(turn, event.configuration);
  turnOff(turn, `${event.errorCode}: ${event.errorMessage}`);
}

export function onLocated(turn: Turn, number: number, plan: SitePlan): void {
  const { configuration, phase } = turn.state;
  if (configuration.pending?.number !== number) return;
  if (configuration.inUse !== null) {
    turn.effects.push({ kind: "closeConfiguration", configuration: configuration.inUse.number });
  }
  const wasTold = configuration.failures > 0;
  changeConfiguration(turn, { inUse: { number }, pending: null, failures: 0, status: "ON" });
  disarm(turn, "configuration/retry");
  if (phase.kind !== "locating") {
    // After a switchover: the plan stays as it was read at the start, its order with it.
    if (wasTold) warn(turn, "configuration-on", "The configuration can be reached again.");
    return;
  }
  change(turn, { plan });
  for (const sentence of plan.warnings) warn(turn, "configuration-incomplete", sentence);
  const preferred = plan.sites[0];
  if (preferred === undefined) return;
  const isThere = phase.isMoving || preferred.local === phase.local;
  if (isThere || preferred.configUrls.length === 0) {
    connectTo(turn, 0, { code: "located" });
    return;
  }
  // R3: the proxy in use is not the preferred site's: move there.
  change(turn, { phase: { ...phase, isMoving: true } });
  openConfiguration(turn, preferred.configUrls, preferred.applicationName);
}

/** Which site of the plan the local site is whose proxy answered; the preferred one if none. */
function siteInUse(turn: Turn, local: number): number {
  const index = turn.state.plan?.sites.findIndex((site) => site.local === local) ?? -1;
  return index < 0 ? 0 : index;
}

/** R10: OFF is told and alarmed, and is never a reason to change site. */
export function onConfigurationOff(turn: Turn, number: number): void {
  if (turn.state.configuration.inUse?.number === number) turnOff(turn, "the connection was lost");
}

function turnOff(turn: Turn, reason: string): void {
  if (turn.state.configuration.status === "OFF") return;
  changeConfiguration(turn, { status: "OFF" });
  warnOff(turn, reason);
}

function warnOff(turn: Turn, reason: string): void {
  warn(
    turn,
    "configuration-off",
    `The configuration cannot be reached (${reason}). Calls are not affected.`,
    true,
  );
}

export function onConfigurationOn(turn: Turn, number: number): void {
  const { configuration } = turn.state;
  if (configuration.inUse?.number !== number || configuration.status === "ON") return;
  changeConfiguration(turn, { status: "ON" });
  warn(turn, "configuration-on", "The configuration can be reached again.");
}

/** R10 */
export function onStatistics(turn: Turn, isOn: boolean): void {
  const status = isOn ? "ON" : "OFF";
  const { statistics } = turn.state;
  if (statistics === status) return;
  change(turn, { statistics: status });
  if (!isOn) warn(turn, "statistics-off", "Statistics cannot be reached.", true);
  else if (statistics === "OFF") warn(turn, "statistics-on", "Statistics can be reached again.");
}

/** R15: everything of the old site is closed; the new site's proxies are asked in their turn. */
export function moveConfiguration(turn: Turn, site: number): void {
  for (const open of openConfigurations(turn.state.configuration)) {
    turn.effects.push({ kind: "closeConfiguration", configuration: open });
  }
  changeConfiguration(turn, { inUse: null, pending: null, failures: 0, status: "OFF" });
  disarm(turn, "configuration/retry");
  const target = turn.state.plan?.sites[site];
  if (target === undefined || target.configUrls.length === 0) return;
  openConfiguration(turn, target.configUrls, target.applicationName);
}

function retryLater(turn: Turn): void {
  const failures = turn.state.configuration.failures + 1;
  changeConfiguration(turn, { failures });
  if (failures === 1) warnOff(turn, "no Configuration Server Proxy of the site answers");
  arm(turn, "configuration/retry", backOffMs(failures, turn.context.entropy));
}

export function onConfigurationRetry(turn: Turn): void {
  const { phase, configuration } = turn.state;
  if (configuration.inUse !== null || configuration.pending !== null) return;
  const site = turn.state.plan?.sites[attachmentOf(phase)?.site ?? 0];
  if (site !== undefined) openConfiguration(turn, site.configUrls, site.applicationName);
}

export function openConfigurations(configuration: ConfigurationMemory): readonly number[] {
  return [configuration.inUse, configuration.pending].flatMap((open) =>
    open === null ? [] : [open.number],
  );
}

export function closeConfigurations(turn: Turn): void {
  for (const open of openConfigurations(turn.state.configuration)) {
    turn.effects.push({ kind: "closeConfiguration", configuration: open });
  }
  changeConfiguration(turn, { inUse: null, pending: null });
}

function changeConfiguration(turn: Turn, changed: Partial<ConfigurationMemory>): void {
  change(turn, { configuration: { ...turn.state.configuration, ...changed } });
}
