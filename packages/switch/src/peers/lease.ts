import { isLaterLease, isSessionOpen, type Agent } from "../agents/agent.ts";
import { logOut } from "../agents/logout.ts";
import type { Turn } from "../turn.ts";
import type { PeerLogin } from "./peer.ts";

/**
 * P3: of two logins of one agent or DN, one with an open session beats one without; then epoch,
 * then time, then site name. A site decides only when it holds the peer's full state and has sent
 * its own, and only the side that loses acts.
 */
export function decideLogin(turn: Turn, dn: string): void {
  if (!mayDecide(turn)) return;
  const there = turn.state.peer.logins.get(dn);
  if (there === undefined) return;
  const here = loginOfSame(turn, there);
  if (here === null || !loses(here, there)) return;
  logOut(turn, here.dn, {
    reasonCode: "dr-peer-login",
    wonBy: { lease: there.lease, agentID: there.agentID },
  });
}

export function decideAll(turn: Turn): void {
  for (const dn of turn.state.peer.logins.keys()) decideLogin(turn, dn);
}

function mayDecide(turn: Turn): boolean {
  const { holdsFull, subscriber } = turn.state.peer;
  return holdsFull && subscriber !== null && subscriber.hasFull;
}

/** The login here of the same DN, or of the same person on another one. */
function loginOfSame(turn: Turn, there: PeerLogin): Agent | null {
  const sameDn = turn.state.agents.get(there.dn);
  if (sameDn !== undefined) return sameDn;
  const dn = turn.state.dnByUser.get(there.userName);
  return (dn === undefined ? undefined : turn.state.agents.get(dn)) ?? null;
}

export function loses(here: Agent, there: PeerLogin): boolean {
  const isOpenHere = isSessionOpen(here);
  if (isOpenHere !== there.isOpen) return there.isOpen;
  return isLaterLease(there.lease, here.lease);
}
