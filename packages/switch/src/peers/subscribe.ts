import {
  buildRequest,
  dialogFromResponse,
  dialogRequest,
  parseMessage,
  type SipResponse,
} from "@tandem/sip";
import type { FlowTarget } from "../input.ts";
import { sendRequest } from "../transactions/client.ts";
import { arm, disarm, newBranch, newIdentifier, type Turn } from "../turn.ts";
import type { Subscription } from "./peer.ts";
import { forgetPeer } from "./peer.ts";

/**
 * P2, our side: SUBSCRIBE to the peer's event package `tandem-dn` (RFC 6665), refreshed in the same
 * dialog. Each refresh brings the full state anew, so that nothing missed stays missed.
 */
export const refreshTimer = "peer/refresh";
const expiresSeconds = 600;
const refreshMs = 300_000;
const retryMs = 1_000;

export function subscribe(turn: Turn): void {
  const { peer } = turn.state;
  const address = turn.config.peer?.addresses[0];
  if (address === undefined || !peer.isAlive) return;
  forgetPeer(peer);
  const target: FlowTarget = { transport: "TCP", name: "", host: address.host, port: address.port };
  const subscription: Subscription = {
    callId: newIdentifier(turn),
    localTag: newIdentifier(turn),
    dialog: null,
    request: "",
    target,
  };
  peer.subscription = subscription;
  send(turn, subscription);
}

function send(turn: Turn, subscription: Subscription): void {
  const { host, port } = turn.config;
  const { target, dialog } = subscription;
  const branch = newBranch(turn);
  const via = `SIP/2.0/TCP ${host}:${port};branch=${branch};rport`;
  const contact = `<sip:${host}:${port};transport=tcp>`;
  const own = [
    ["Event", "tandem-dn"],
    ["Expires", String(expiresSeconds)],
    ["Accept", "application/json"],
  ] as const;
  const uri = `sip:${target.host}:${target.port};transport=tcp`;
  const text =
    dialog !== null
      ? dialogRequest(dialog, "SUBSCRIBE", { via, contact, headers: own }).text
      : buildRequest({
          method: "SUBSCRIBE",
          uri,
          headers: [
            ["Via", via],
            ["Max-Forwards", "70"],
            ["From", `<sip:${host}:${port}>;tag=${subscription.localTag}`],
            ["To", `<${uri}>`],
            ["Call-ID", subscription.callId],
            ["CSeq", "1 SUBSCRIBE"],
            ["Contact", contact],
            ...own,
          ],
        });
  subscription.request = dialog === null ? text : "";
  sendRequest(turn, { method: "SUBSCRIBE", branch, text }, target, { kind: "peerSubscribe" });
}

/** Asks for the full state again, in the dialog there is. */
export function refreshSubscription(turn: Turn): void {
  const { subscription } = turn.state.peer;
  if (subscription === null || subscription.dialog === null) return subscribe(turn);
  send(turn, subscription);
}

export function onSubscribeAnswered(
  turn: Turn,
  status: number,
  response: SipResponse | null,
): void {
  const { peer } = turn.state;
  const { subscription } = peer;
  if (subscription === null) return;
  if (status >= 200 && status < 300 && response !== null) {
    if (subscription.dialog === null) {
      const parsed = parseMessage(subscription.request);
      const request = parsed.ok && parsed.value.kind === "request" ? parsed.value : null;
      const dialog = request === null ? undefined : dialogFromResponse(request, response);
      if (dialog !== undefined) subscription.dialog = dialog;
      subscription.request = "";
    }
    arm(turn, refreshTimer, refreshMs);
    return;
  }
  // 481: the peer knows no such subscription (it started anew). Anything else: ask again soon.
  if (status === 481) forgetPeer(peer);
  disarm(turn, refreshTimer);
  arm(turn, refreshTimer, retryMs);
}

export function onRefreshTimer(turn: Turn): void {
  if (!turn.state.peer.isAlive) return;
  refreshSubscription(turn);
}
