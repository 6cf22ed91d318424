import type { Call } from "./phone-state.ts";
import type { PhoneCommand } from "./phone-event.ts";
import { destinationOf, isTalking, writeInDialog } from "./calls.ts";
import { startClient } from "./transactions.ts";
import type { Turn } from "./turn.ts";

/**
 * Transfer by the phone itself (RFC 3515, RFC 5589): REFER in the dialog of the call that is given
 * away. What the other side reports with NOTIFY is acknowledged, and it ends the call with BYE.
 */
export function refer(
  turn: Turn,
  call: Call,
  command: Extract<PhoneCommand, { kind: "refer" }>,
): void {
  if (!isTalking(call)) return;
  const { dialog, flow } = call.phase;
  const target = destinationOf(dialog, flow);
  const uri = `sip:${command.number}@${flow.host}:${flow.port}`;
  const replaces = command.to === undefined ? "" : replacesOf(turn, command.to);
  const headers = [["Refer-To", `<${uri}${replaces}>`]] as const;
  const { text, branch } = writeInDialog(turn, dialog, call.account, "REFER", target, { headers });
  const owner = { kind: "nobody" } as const;
  startClient(turn, { text, branch, method: "REFER", flow: target, owner });
}

function replacesOf(turn: Turn, id: number): string {
  const other = turn.state.calls.get(id);
  if (other === undefined || !isTalking(other)) return "";
  const { callId, remoteTag, localTag } = other.phase.dialog;
  const value = `${callId};to-tag=${remoteTag};from-tag=${localTag}`;
  return `?Replaces=${encodeURIComponent(value)}`;
}
