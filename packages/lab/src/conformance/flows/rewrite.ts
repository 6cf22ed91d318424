/** The live dialog that a flow's Replaces names (RFC 3891 §3), with the live tags. */
import type { Agent, Leg } from "./agent.ts";
import type { Replay } from "./replay.ts";

/**
 * `call-id;to-tag=…;from-tag=…`: the dialog is the agent's own where it has one of that name, else
 * whoever's it is. A dialog that nobody has keeps the flow's words.
 */
export function replacesOf({ agents }: Replay, agent: Agent, value: string): string {
  const [callId = "", ...params] = value.split(";");
  const early = params.some((param) => /^early-only$/i.test(param.trim())) ? ";early-only" : "";
  const owners = [agent, ...[...agents.values()].filter((each) => each !== agent)];
  const isNamed = ({ flowCallId, dialog }: Leg): boolean =>
    flowCallId === callId.trim() && dialog !== null;
  const owner = owners.find(({ legs }) => legs.some(isNamed));
  const dialog = owner?.legs.findLast(isNamed)?.dialog;
  if (dialog === undefined || dialog === null) return value;
  // Seen by whoever is asked: his own tag is the to-tag.
  return `${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}${early}`;
}
