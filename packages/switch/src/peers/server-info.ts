import type { EventServerInfo } from "@tandem/cti";
import type { Turn } from "../turn.ts";

/** EventServerInfo: what this server is to a desktop, and whether it sees its peer (P1). */
export function serverInfo(turn: Turn): EventServerInfo {
  return {
    event: "EventServerInfo",
    serverRole: "primary",
    epoch: turn.state.epoch,
    site: turn.config.site,
    inService: true,
    peerInService: turn.state.peer.isAlive,
    serverStartTime: turn.state.serverStartTime,
  };
}

/** A change of the peer is told to every session that is connected; it is no event of the ring. */
export function tellServerInfo(turn: Turn): void {
  const event = serverInfo(turn);
  for (const connection of turn.state.connections.keys()) {
    turn.effects.push({ kind: "cti", connection, event });
  }
}
