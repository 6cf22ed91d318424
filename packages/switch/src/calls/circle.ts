import { headerOf, type SipRequest } from "@tandem/sip";
import { isPeerHost } from "../peers/peer.ts";
import { arm, type Turn } from "../turn.ts";
import { callTimer, isLive, keyOf, type Call, type Leg } from "./call.ts";
import { sendInDialog } from "./leg.ts";
import { counterpart } from "./relay.ts";
import { endCall } from "./release.ts";

/**
 * Transfers between the sites can leave a call in which nobody takes part: both its parties are the
 * peer's, whose parties are ours again (somebody was transferred to himself, through the peer).
 * Either site sees two ordinary parties. So a call whose parties are both the peer's asks round, by
 * an OPTIONS in one of its dialogs that the peer passes on, and ends when its own question comes
 * back by the other.
 *
 *     X-Tandem-Round: site-1/c8a67c66af2b6edc;1
 */
const headerName = "X-Tandem-Round";
/** Both ends are there by then. */
const askAfterMs = 5_000;
/** More sites than a group has. */
const hopsMax = 8;

/** After a transfer. */
export function askRoundSoon(turn: Turn, call: Call): void {
  if (isBetweenPeers(turn, call)) arm(turn, callTimer(call, "round"), askAfterMs);
}

/** `call/<key>/round`, and whenever a session of it is refreshed. */
export function askRound(turn: Turn, call: Call): void {
  if (!isBetweenPeers(turn, call)) return;
  passRound(turn, call, call.destination, nameOf(turn, call), 1);
}

/** An OPTIONS in the dialog of a leg. */
export function heedRound(turn: Turn, call: Call, leg: Leg, request: SipRequest): void {
  const value = headerOf(request, headerName.toLowerCase());
  if (value === undefined || !isPeersLeg(turn, leg) || !isBetweenPeers(turn, call)) return;
  const [, name = "", hops = ""] = /^([^;]{1,120});(\d{1,2})$/.exec(value) ?? [];
  if (name === nameOf(turn, call)) {
    return endCall(turn, call, { by: null, status: 482, callState: "Dropped" });
  }
  if (name === "" || Number(hops) >= hopsMax) return;
  passRound(turn, call, counterpart(call, leg), name, Number(hops) + 1);
}

function nameOf(turn: Turn, call: Call): string {
  return `${turn.config.site}/${call.key}`;
}

function passRound(turn: Turn, call: Call, leg: Leg | null, name: string, hops: number): void {
  if (leg === null || leg.state !== "confirmed") return;
  const owner = { kind: "probe", ...keyOf(call, leg) } as const;
  const headers = [[headerName, `${name};${hops}`] as const];
  sendInDialog(turn, leg, "OPTIONS", owner, { headers, body: "" });
}

function isBetweenPeers(turn: Turn, { origination, destination }: Call): boolean {
  return isPeersLeg(turn, origination) && isPeersLeg(turn, destination);
}

function isPeersLeg(turn: Turn, leg: Leg | null): boolean {
  return isLive(leg) && isPeerHost(turn, leg.target.transport, leg.target.host);
}
