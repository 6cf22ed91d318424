import { logOut } from "./agents/logout.ts";
import { sourcesOf, type SwitchConfig } from "./config.ts";
import { startMonitor } from "./peers/monitor.ts";
import { configureQueues } from "./queues/configure.ts";
import { askForTrunk } from "./trunks/locate.ts";
import { startTrunkMonitor } from "./trunks/monitor.ts";
import { startRegistration } from "./trunks/register.ts";
import type { Turn } from "./turn.ts";

/**
 * A new configuration takes effect as a whole. What it no longer has goes: bindings of a DN, the
 * login on it. Calls go on.
 */
export function configure(turn: Turn, config: SwitchConfig): void {
  const { state } = turn;
  state.config = config;
  const { configured } = state;
  configured.dns.clear();
  for (const dn of config.dns) configured.dns.set(dn.number, dn);
  configured.trunks.clear();
  configured.trunkBySource.clear();
  for (const trunk of config.trunks) {
    configured.trunks.set(trunk.name, trunk);
    for (const source of sourcesOf(trunk)) configured.trunkBySource.set(source, trunk.name);
  }
  configured.agentLogins.clear();
  for (const login of config.agentLogins) configured.agentLogins.set(login.code, login);
  configureQueues(turn, config);
  for (const number of [...state.dns.keys()]) {
    if (configured.dns.has(number)) continue;
    logOut(turn, number, { reasonCode: "dn-removed", wonBy: null });
    state.dns.delete(number);
  }
  const next = { ...turn, config };
  for (const name of [...state.trunks.keys()]) {
    if (!configured.trunks.has(name)) state.trunks.delete(name);
  }
  for (const trunk of configured.trunks.values()) {
    askForTrunk(next, trunk);
    startTrunkMonitor(next, trunk);
    startRegistration(next, trunk);
  }
  startMonitor(next);
}
