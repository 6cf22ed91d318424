import { legById } from "../calls/call.ts";
import { onRefused } from "../calls/invite-response.ts";
import { repeatInvite } from "../calls/outgoing.ts";
import type { Turn } from "../turn.ts";
import { sendRegister } from "./register.ts";

/** The answer to a challenge has come from the edge, which keeps the secrets (RFC 7616). */

/** `value` null: the edge has no such secret. */
export function onSigned(turn: Turn, id: string, value: string | null): void {
  const pending = turn.state.signings.get(id);
  turn.state.signings.delete(id);
  if (pending === undefined) return;
  const { signing, header } = pending;
  if (signing.kind === "register") {
    if (value !== null) sendRegister(turn, signing.trunk, [header, value]);
    return;
  }
  const call = turn.state.calls.get(signing.call);
  const leg = call === undefined ? null : legById(call, signing.leg);
  if (call === undefined || leg === null || leg.state === "ended") return;
  turn.touchedCall = call.key;
  if (value === null) return onRefused(turn, call, leg, 403, undefined);
  repeatInvite(turn, call, leg, signing.text, [[header, value]]);
}
