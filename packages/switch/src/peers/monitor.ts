import { arm, alarm, disarm, newBranch, newIdentifier, notice, type Turn } from "../turn.ts";
import { plainRequest, sendRequest } from "../transactions/client.ts";
import { rerouteUnheard } from "../calls/reroute.ts";
import { forgetPeer } from "./peer.ts";
import { tellServerInfo } from "./server-info.ts";
import { refreshSubscription, subscribe } from "./subscribe.ts";

/**
 * P1: OPTIONS over the peer trunk to both nodes' addresses. The peer is held dead when no node has
 * answered 200 for `peer-timeout`, or at once when every address refuses.
 */
export const monitorTimer = "peer/monitor";

export function startMonitor(turn: Turn): void {
  if (turn.config.peer === null) {
    disarm(turn, monitorTimer);
    if (turn.state.peer.isAlive) hold(turn, false, "no peer is configured");
    return;
  }
  arm(turn, monitorTimer, 0);
}

/**
 * After a takeover: monitoring and our subscription went over connections that are gone. The peer
 * has had no chance to answer, so that its time begins anew.
 */
export function resumePeer(turn: Turn): void {
  const { peer } = turn.state;
  if (turn.config.peer === null) return;
  peer.refused.clear();
  if (peer.lastAnswerAt !== null) peer.lastAnswerAt = turn.now;
  arm(turn, monitorTimer, 0);
  if (peer.isAlive) refreshSubscription(turn);
}

export function onMonitorTimer(turn: Turn): void {
  const configured = turn.config.peer;
  if (configured === null) return;
  const { peer } = turn.state;
  const last = peer.lastAnswerAt;
  if (peer.isAlive && last !== null && turn.now - last >= configured.timeoutMs) {
    hold(turn, false, `no answer for ${turn.now - last} ms`);
  }
  configured.addresses.forEach(({ host, port }, index) => {
    const target = { transport: "TCP", name: "", host, port } as const;
    const uri = `sip:${host}:${port};transport=tcp`;
    const request = plainRequest(turn, {
      method: "OPTIONS",
      requestUri: uri,
      toUri: uri,
      callId: newIdentifier(turn),
      fromTag: newIdentifier(turn),
      branch: newBranch(turn),
      target,
    });
    sendRequest(turn, request, target, { kind: "peerOptions", index });
  });
  arm(turn, monitorTimer, configured.monitorMs);
}

/** Only 200 counts: a node that does not serve answers 503. */
export function onMonitorAnswered(
  turn: Turn,
  index: number,
  status: number,
  isRefused: boolean,
): void {
  const { peer } = turn.state;
  peer.refused.set(index, isRefused);
  if (status === 200) {
    peer.lastAnswerAt = turn.now;
    if (!peer.isAlive) hold(turn, true, "it answers");
    return;
  }
  const addresses = turn.config.peer?.addresses ?? [];
  const allRefuse = addresses.every((_, each) => peer.refused.get(each) === true);
  if (allRefuse && peer.isAlive) hold(turn, false, "its addresses refuse");
}

function hold(turn: Turn, isAlive: boolean, why: string): void {
  const { peer } = turn.state;
  peer.isAlive = isAlive;
  const site = turn.config.peer?.site ?? "peer";
  alarm(turn, isAlive ? "peer-found" : "peer-lost", `${site}: ${why}`);
  notice(turn, "peer", `${site} ${isAlive ? "found" : "lost"}: ${why}`);
  tellServerInfo(turn);
  if (isAlive) return subscribe(turn);
  forgetPeer(peer);
  rerouteUnheard(turn, "unheard");
}
