import { unreachable } from "@tandem/kernel";
import { refreshTarget, tagOf } from "@tandem/sip";
import { legById, type Call, type Leg } from "./calls/call.ts";
import { onInviteResponse, onRefused } from "./calls/invite-response.ts";
import { onProbeAnswered } from "./calls/probe.ts";
import { takeRenewed } from "./calls/renew-invite.ts";
import { onRelayAnswered } from "./calls/relay.ts";
import { onRefreshAnswered } from "./calls/session-timer.ts";
import { onDigitAnswered } from "./calls/request-on-call.ts";
import { onTalkAnswered } from "./calls/request-answer.ts";
import { onMonitorAnswered } from "./peers/monitor.ts";
import { onNotifyAnswered } from "./peers/report.ts";
import { onSubscribeAnswered } from "./peers/subscribe.ts";
import { onCheckAnswered } from "./registrar/service-state.ts";
import { answer } from "./transactions/server.ts";
import { onTrunkChecked } from "./trunks/monitor.ts";
import { onRegisterAnswered } from "./trunks/register.ts";
import { abandonInvite, hangUp, type Delivery } from "./transactions/client.ts";
import type { Turn } from "./turn.ts";

/** What came of a request of ours, to whoever asked. `isRefused`: nobody listens at its address. */
export function deliver(turn: Turn, delivery: Delivery, isRefused: boolean): void {
  const { transaction, response, status } = delivery;
  const { owner } = transaction;
  switch (owner.kind) {
    case "invite":
      return deliverToLeg(turn, delivery, owner);
    case "talk": {
      const found = find(turn, owner);
      if (found === null || status < 200) return;
      return onTalkAnswered(turn, found.call, found.leg, response === null ? null : status);
    }
    case "probe": {
      const found = find(turn, owner);
      if (found !== null && status >= 200) onProbeAnswered(turn, found.call, found.leg, status);
      return;
    }
    case "relay": {
      const found = find(turn, owner);
      if (status < 200) return;
      // The call ended meanwhile: who asked must not wait for ever.
      if (found === null) return void answer(turn, owner.transaction, 481, {});
      return onRelayAnswered(turn, found.call, found.leg, owner, response, status);
    }
    case "refresh": {
      const found = find(turn, owner);
      if (found === null || status < 200) return;
      return onRefreshAnswered(turn, found.call, found.leg, status, response);
    }
    case "dtmf": {
      const found = find(turn, owner);
      if (found === null || status < 200) return;
      return onDigitAnswered(turn, found.call, found.leg, owner.digits, status);
    }
    case "check":
      if (status >= 200) onCheckAnswered(turn, owner.dn, response === null ? null : status);
      return;
    case "trunkCheck":
      if (status >= 200) onTrunkChecked(turn, owner.trunk, owner.place, status);
      return;
    case "trunkRegister":
      if (status >= 200) onRegisterAnswered(turn, owner, status, response);
      return;
    case "peerOptions":
      if (status >= 200) onMonitorAnswered(turn, owner.index, status, isRefused);
      return;
    case "peerSubscribe":
      if (status >= 200) onSubscribeAnswered(turn, status, response);
      return;
    case "peerNotify":
      if (status >= 200) onNotifyAnswered(turn, status);
      return;
    case "abandoned":
    case "nobody":
      return;
    default:
      return unreachable(owner);
  }
}

function deliverToLeg(
  turn: Turn,
  delivery: Delivery,
  owner: { readonly call: string; readonly leg: number },
): void {
  const { transaction, response, status } = delivery;
  const found = find(turn, owner);
  if (found === null) {
    // The call is gone: a 2xx must not leave a dialog behind, nor an INVITE wait for ever.
    if (status < 200) {
      const isWithin = /^To:[^\r]*;tag=/im.test(transaction.text);
      abandonInvite(turn, transaction.key, isWithin ? "keep" : "cancel");
    } else if (response !== null && status < 300) hangUp(turn, transaction, response, true);
    return;
  }
  const { call, leg } = found;
  turn.touchedCall = call.key;
  if (response === null) {
    if (leg.clientInvite !== transaction.key) return; // renewed meanwhile
    return onRefused(turn, call, leg, status, undefined);
  }
  const isAnswer = status >= 200 && status < 300;
  const isOurs =
    leg.clientInvite === transaction.key ||
    (isAnswer && takeRenewed(turn, leg, transaction.key, response));
  const isFork = isAnswer && leg.dialog?.remoteTag !== tagOf(response, "to");
  if (isFork && (!isOurs || leg.state === "confirmed")) {
    // Another fork's 2xx (RFC 3261 §13.2.2.4): acknowledged and hung up.
    return hangUp(turn, transaction, response, true);
  }
  if (!isOurs) return;
  if (status < 300 && leg.dialog !== null && leg.state === "confirmed") {
    refreshTarget(leg.dialog, response);
  }
  onInviteResponse(turn, transaction, call, leg, response);
}

function find(
  turn: Turn,
  owner: { readonly call: string; readonly leg: number },
): { call: Call; leg: Leg } | null {
  const call = turn.state.calls.get(owner.call);
  const leg = call === undefined ? null : legById(call, owner.leg);
  return call === undefined || leg === null ? null : { call, leg };
}
