import type { TrunkConfig } from "../config.ts";
import { arm, newBranch, newIdentifier, notice, type Turn } from "../turn.ts";
import { plainRequest, sendRequest } from "../transactions/client.ts";
import { failuresMax, placeKey, targetsOf } from "./locate.ts";
import { trunkRow } from "./trunk.ts";

/**
 * OPTIONS to each place of a trunk: one that does not answer is tried after the others. Any answer
 * but 503 counts: what a carrier says to OPTIONS differs, that it says something does not.
 */
export function startTrunkMonitor(turn: Turn, config: TrunkConfig): void {
  const { monitorMs = 0 } = config;
  if (monitorMs > 0) arm(turn, `trunk/${config.name}/monitor`, monitorMs);
}

/** `trunk/<name>/monitor`. */
export function onTrunkMonitorTimer(turn: Turn, name: string): void {
  const config = turn.state.configured.trunks.get(name);
  if (config === undefined) return;
  startTrunkMonitor(turn, config);
  for (const target of targetsOf(turn, config)) {
    const uri = `sip:${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
    const request = plainRequest(turn, {
      method: "OPTIONS",
      requestUri: uri,
      toUri: uri,
      callId: newIdentifier(turn),
      branch: newBranch(turn),
      fromTag: newIdentifier(turn),
      target,
    });
    sendRequest(turn, request, target, {
      kind: "trunkCheck",
      trunk: name,
      place: placeKey(target),
    });
  }
}

export function onTrunkChecked(turn: Turn, name: string, place: string, status: number): void {
  if (!turn.state.configured.trunks.has(name)) return;
  const trunk = trunkRow(turn, name);
  const before = trunk.failures.get(place) ?? 0;
  if (status !== 408 && status !== 503) {
    trunk.failures.delete(place);
    if (before >= failuresMax) notice(turn, "trunk", `${name} answers again at ${place}`);
    return;
  }
  trunk.failures.set(place, Math.min(before + 1, failuresMax));
  if (before + 1 === failuresMax) notice(turn, "trunk", `${name} does not answer at ${place}`);
}
