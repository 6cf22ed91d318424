import { nextUint32 } from "@tandem/kernel";
import type { TrunkConfig, TrunkPlace } from "../config.ts";
import type { FlowTarget, Located } from "../input.ts";
import { arm, type Turn } from "../turn.ts";
import { trunkRow, type Trunk } from "./trunk.ts";

/**
 * Where a trunk is (RFC 3263): addresses stand in the configuration, names are asked for when it
 * comes and again when their answer grows old. A call never waits for the name service: what was
 * known last is used until something else is known.
 */
export function askForTrunk(turn: Turn, config: TrunkConfig): void {
  const trunk = trunkRow(turn, config.name);
  for (const place of placesOf(config)) {
    if (isAddress(place.host)) continue;
    trunk.isAsking = true;
    const { host: name, port, transport } = place;
    turn.effects.push({ kind: "resolve", name, port, transport });
  }
}

/** `trunk/<name>/resolve`. */
export function onResolveTimer(turn: Turn, name: string): void {
  const config = turn.state.configured.trunks.get(name);
  if (config !== undefined) askForTrunk(turn, config);
}

export function onResolved(turn: Turn, name: string, records: readonly Located[]): void {
  for (const config of turn.state.configured.trunks.values()) {
    if (!placesOf(config).some(({ host }) => host === name)) continue;
    const trunk = trunkRow(turn, config.name);
    trunk.isAsking = false;
    if (records.length > 0) {
      const others = trunk.located.filter((each) => each.name !== name);
      const bounded = records.slice(0, recordsMax).map((record) => ({ ...record, name }));
      trunk.located = [...others, ...bounded];
    }
    const shortest = Math.min(...records.map(({ ttlMs }) => ttlMs), ttlMaxMs);
    const afterMs = records.length === 0 ? askAgainMs : Math.max(shortest, ttlMinMs);
    arm(turn, `trunk/${config.name}/resolve`, afterMs);
  }
}

/**
 * The places to try for one call, in order: by priority, among equals by weight (RFC 2782), those
 * that do not answer last.
 */
export function targetsOf(turn: Turn, config: TrunkConfig): FlowTarget[] {
  const trunk = turn.state.trunks.get(config.name);
  const targets: FlowTarget[] = [];
  for (const place of placesOf(config)) {
    const { host, port, transport } = place;
    if (isAddress(host))
      targets.push(targetTo(transport ?? "UDP", host, port ?? presetPort(transport)));
    else {
      const found = (trunk?.located ?? []).filter(({ name }) => name === host);
      for (const each of inOrder(turn, found)) {
        targets.push(targetTo(each.transport, each.host, each.port));
      }
    }
  }
  if (trunk === undefined || trunk.failures.size === 0) return targets;
  const isDown = (target: FlowTarget): boolean =>
    (trunk.failures.get(placeKey(target)) ?? 0) >= failuresMax;
  return [...targets.filter((each) => !isDown(each)), ...targets.filter(isDown)];
}

export function placeKey({ host, port }: FlowTarget): string {
  return `${host}:${port}`;
}

/** Unanswered OPTIONS in a row that put a place last. */
export const failuresMax = 2;

function targetTo(transport: FlowTarget["transport"], host: string, port: number): FlowTarget {
  return { transport, name: "", host, port };
}

function presetPort(transport: TrunkPlace["transport"]): number {
  return transport === "TLS" ? 5061 : 5060;
}

/** The trunk's own place, and those that follow it. */
export function placesOf(config: TrunkConfig): readonly TrunkPlace[] {
  const { host, port, transport } = config;
  const first = { host, port: config.isPortGiven === false ? null : port, transport };
  return [first, ...(config.others ?? [])];
}

function inOrder(turn: Turn, records: Trunk["located"]): Located[] {
  const rest = records.toSorted((a, b) => a.priority - b.priority);
  const ordered: Located[] = [];
  while (rest.length > 0) {
    const priority = rest[0]?.priority;
    const equals = rest.filter((each) => each.priority === priority);
    const total = equals.reduce((sum, { weight }) => sum + weight + 1, 0);
    let left = nextUint32(turn.random) % total;
    const chosen = equals.find(({ weight }) => (left -= weight + 1) < 0) ?? equals[0];
    if (chosen === undefined) break;
    ordered.push(chosen);
    rest.splice(rest.indexOf(chosen), 1);
  }
  return ordered;
}

export function isAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}

const recordsMax = 32;
const ttlMinMs = 5_000;
const ttlMaxMs = 3_600_000;
const askAgainMs = 15_000;
