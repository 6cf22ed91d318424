import type { Turn } from "../turn.ts";

/** A DN has changed in what the peer is told of it (P2): told with the turn's other changes. */
export function reportDn(turn: Turn, dn: string): void {
  turn.state.peer.subscriber?.changed.add(dn);
}
