import type { Telephony, TelephonyNode } from "./state.ts";
import { armConnect, settle } from "./attach.ts";
import { armDrain, switchOver } from "./switch-over.ts";
import { armOnce, attachmentOf, change, disarm, enter, type Turn } from "./turn.ts";

/**
 * R7, R8: whether the pair serves. ON while a connected node says that it does; of two that say so
 * the one of the highest epoch seen is right. OFF when no node is connected, or when none has
 * served for `no-primary-timeout`, which is longer than any switchover inside a pair: in between,
 * telephony counts as ON.
 */
export function onTelephonySeen(turn: Turn, nodes: readonly TelephonyNode[]): void {
  const before = turn.state.telephony;
  const { index: servingIndex, epochMax } = servingNode(nodes, before.epochMax);
  const isConnected = nodes.some((node) => node.isConnected);
  const isUncertain = isConnected && before.kind !== "off";
  const kind = servingIndex !== null ? "on" : isUncertain ? "uncertain" : "off";
  const telephony: Telephony = { kind, nodes, servingIndex, epochMax };
  change(turn, { telephony });
  if (kind !== "on") {
    change(turn, { isSessionOpen: false });
    armConnectAgain(turn);
  }
  if (kind === "uncertain") armNoPrimary(turn);
  else disarm(turn, "telephony/no-primary");
  if (kind === before.kind) return;
  if (kind === "on") onTelephonyOn(turn);
  else if (kind === "off") onTelephonyOff(turn);
}

/** The node that is believed, and the highest epoch seen. */
export function servingNode(
  nodes: readonly TelephonyNode[],
  epochSeen: number,
): { readonly index: number | null; readonly epochMax: number } {
  const epochMax = nodes.reduce((highest, node) => Math.max(highest, node.epoch ?? 0), epochSeen);
  const index = nodes.findIndex(
    (node) => node.isConnected && node.role === "primary" && node.epoch === epochMax,
  );
  return { index: index < 0 ? null : index, epochMax };
}

/** R20: a target that served and stopped before the login was made has `connect-timeout` again. */
function armConnectAgain(turn: Turn): void {
  const { kind } = turn.state.phase;
  if (kind === "connecting" || kind === "switchingOver") armConnect(turn);
}

function armNoPrimary(turn: Turn): void {
  const { plan, phase } = turn.state;
  const isWatching =
    phase.kind === "inService" || phase.kind === "impaired" || phase.kind === "draining";
  if (plan !== null && isWatching) {
    armOnce(turn, "telephony/no-primary", plan.options.noPrimaryTimeoutMs);
  }
}

/** R7: none has served for so long. */
export function onNoPrimaryTimeout(turn: Turn): void {
  if (turn.state.telephony.kind !== "uncertain") return;
  change(turn, { telephony: { ...turn.state.telephony, kind: "off" } });
  onTelephonyOff(turn);
}

function onTelephonyOff(turn: Turn): void {
  const { phase, plan } = turn.state;
  change(turn, { isSessionOpen: false });
  if (plan === null) return;
  const { siteTimeoutMs } = plan.options;
  switch (phase.kind) {
    case "inService":
    case "impaired": {
      const { site, number } = phase;
      const ground = "telephony";
      enter(turn, { kind: "impaired", site, number, ground }, { code: "telephony-off" });
      // R8: absent or 0 means never on this ground.
      if (siteTimeoutMs > 0) armOnce(turn, "telephony/site-timeout", siteTimeoutMs);
      return;
    }
    case "draining":
      return armDrain(turn);
    case "connecting":
    case "switchingOver":
    case "offline":
    case "locating":
    case "noSite":
    case "closed":
      return;
  }
}

function onTelephonyOn(turn: Turn): void {
  disarm(turn, "site/connect");
  // R8: ON ends what was measured.
  disarm(turn, "telephony/site-timeout");
  disarm(turn, "drain/telephony");
  settle(turn, { code: "telephony-on" });
}

/** R8: OFF for the whole of `site-timeout`. */
export function onSiteTimeout(turn: Turn): void {
  if (turn.state.telephony.kind !== "off") return;
  const isAttached = attachmentOf(turn.state.phase) !== null;
  if (isAttached) switchOver(turn, { code: "site-timeout" }, "stay");
}
