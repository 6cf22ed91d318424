/**
 * A BYE for each dialog of the calls that still stand: a call that was answered lasts until
 * somebody hangs up, and is nothing left behind. They are made from the machine's own dialogs, seen
 * from the far end.
 */
import { buildRequest, type Dialog } from "@tandem/sip";
import type { Address, Subject } from "../subject.ts";

export interface Farewell {
  readonly at: Address;
  readonly text: string;
}

let count = 0;
const depthMax = 6;

export function farewells(subject: Subject): readonly Farewell[] {
  return [...subject.state.calls.values()].flatMap((call) => farewellsIn(call, depthMax));
}

interface Leg {
  readonly dialog: Dialog;
  readonly target: Address;
}

/** Whatever rows a call has: what holds a dialog and a target is a leg. */
function farewellsIn(value: unknown, depth: number): readonly Farewell[] {
  if (typeof value !== "object" || value === null || depth === 0) return [];
  if (isLeg(value)) return [farewell(value)];
  const parts = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.flatMap((part) => farewellsIn(part, depth - 1));
}

function isLeg(value: object): value is Leg {
  const { dialog, target } = value as Partial<Leg>; // both are looked at before they are used
  return typeof dialog?.localTag === "string" && typeof target?.host === "string";
}

function farewell({ dialog, target }: Leg): Farewell {
  count += 1;
  const { transport, host, port } = target;
  const text = buildRequest({
    method: "BYE",
    uri: "sip:127.0.1.10",
    headers: [
      ["Via", `SIP/2.0/${transport} ${host}:${port};branch=z9hG4bKfarewell${count};rport`],
      ["Max-Forwards", "70"],
      ["From", `${dialog.remoteUri};tag=${dialog.remoteTag}`],
      ["To", `${dialog.localUri};tag=${dialog.localTag}`],
      ["Call-ID", dialog.callId],
      ["CSeq", `${Math.max(0, dialog.remoteCseq ?? 0) + 1} BYE`],
    ],
  });
  return { at: { transport, host, port }, text };
}
