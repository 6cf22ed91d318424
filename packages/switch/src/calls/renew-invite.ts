import { callIdOf, ownText, type SipResponse } from "@tandem/sip";
import type { Binding } from "../registrar/dn.ts";
import { viaTo } from "../sent-by.ts";
import { abandonInvite, sendRequest } from "../transactions/client.ts";
import { newBranch, newIdentifier, type Turn } from "../turn.ts";
import { keyOf, type Call, type Leg } from "./call.ts";
import { contactOf, leaveDialog } from "./leg.ts";

/**
 * An INVITE that was sent over a lost flow and has no final answer, as a new one over the phone's
 * new flow (replication.md, Connections): another Call-ID and branch, so that a phone that kept the
 * old one does not take it for a repetition. It is the same leg of the same call: what its desktops
 * were told stands, and nobody is told of a second ringing.
 */
export function renewInvite(
  turn: Turn,
  call: Call,
  leg: Leg,
  text: string,
  { contact, path }: Binding,
): void {
  beginAnew(turn, leg, newIdentifier(turn));
  leg.renewed = leg.clientInvite;
  const branch = newBranch(turn);
  const end = text.indexOf("\r\n\r\n");
  const lines = text.slice(0, end).split("\r\n").slice(1);
  const kept = lines.filter((line) => !renewed.has(line.slice(0, line.indexOf(":")).toLowerCase()));
  const again = [
    `INVITE ${contact} SIP/2.0`,
    `Via: ${viaTo(turn, leg.target, branch)}`,
    ...path.map((value) => `Route: ${value}`),
    `Call-ID: ${leg.callId}`,
    `Contact: ${contactOf(turn, leg)}`,
    ...kept,
  ];
  const own = { method: "INVITE", branch, text: `${again.join("\r\n")}${text.slice(end)}` };
  const owner = { kind: "invite", ...keyOf(call, leg) } as const;
  leg.clientInvite = sendRequest(turn, own, leg.target, owner);
}

function beginAnew(turn: Turn, leg: Leg, callId: string): void {
  leaveDialog(turn, leg);
  leg.dialog = null;
  leg.state = "trying";
  leg.rseqHeard = 0;
  leg.callId = callId;
}

/** The phone had answered the old one, and says so over its new flow: the new one is taken back. */
export function takeRenewed(turn: Turn, leg: Leg, key: string, response: SipResponse): boolean {
  if (leg.renewed !== key || leg.clientInvite === null || leg.state === "confirmed") return false;
  abandonInvite(turn, leg.clientInvite, "cancel");
  beginAnew(turn, leg, ownText(callIdOf(response)));
  leg.clientInvite = key;
  leg.renewed = null;
  return true;
}

const renewed: ReadonlySet<string> = new Set(["via", "route", "call-id", "contact"]);
