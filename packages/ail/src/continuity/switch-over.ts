import { drainTimeoutDefaultMs } from "../configuration/desktop-options.ts";
import { connectTo, armConnect, forgetAttachment, loseCalls, openAttachment } from "./attach.ts";
import { closeConfigurations, moveConfiguration } from "./locate.ts";
import { enterNoSite } from "./no-site.ts";
import { unreachable } from "@tandem/kernel";
import type { Cause } from "./state.ts";
import { armOnce, attachmentOf, change, enter, otherSite, warn, type Turn } from "./turn.ts";

/**
 * R14, R15, R20: leaving a site. Everything of the old site is closed before anything of the new
 * one is opened, one switchover at a time. What cannot be reached afterwards is looked for at both
 * sites.
 */

/** R14, R13: at once, or, with a call in progress, when the last one is over. */
export function drainOrSwitch(turn: Turn, cause: Cause, alone: "stay" | "noSite"): void {
  const { phase, agent } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment === null) return;
  if (agent.calls.length === 0) return switchOver(turn, cause, alone);
  enter(turn, { kind: "draining", ...attachment, cause }, cause);
  if (turn.state.telephony.kind === "off") armDrain(turn);
}

/** R14: what a draining desktop waits for while telephony is OFF. */
export function armDrain(turn: Turn): void {
  const siteTimeoutMs = turn.state.plan?.options.siteTimeoutMs ?? 0;
  armOnce(turn, "drain/telephony", siteTimeoutMs > 0 ? siteTimeoutMs : drainTimeoutDefaultMs);
}

/** `alone`: what to do where no other site is known. */
export function switchOver(turn: Turn, cause: Cause, alone: "stay" | "noSite"): void {
  const { phase } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment === null) return;
  if (phase.kind === "switchingOver") {
    // R15: recorded, not queued.
    change(turn, { phase: { ...phase, recorded: [...phase.recorded, cause] } });
    return warn(turn, "cause-recorded", `Already switching over; noted: ${cause.code}.`);
  }
  const target = otherSite(turn.state, attachment.site);
  if (target === null) {
    warn(turn, "no-other-site", "There is no other site to go to.");
    if (alone === "noSite") enterNoSite(turn, cause, []);
    return;
  }
  // R15: the old site is closed, and its listeners are gone, before anything of the new one.
  turn.effects.push({ kind: "closeSite", number: attachment.number });
  const { lastNumber } = turn.state;
  const lost = loseCalls(turn);
  const from = attachment.site;
  const phaseNext = { from, site: target, number: lastNumber + 1, cause, recorded: [] };
  enter(turn, { kind: "switchingOver", ...phaseNext }, cause, { lost });
  moveConfiguration(turn, target);
  openAttachment(turn, target);
  armConnect(turn);
}

/** R5, R20: no node of the target has served in time, or it said "not in service here". */
export function targetFailed(turn: Turn, cause: Cause): void {
  const { phase } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment === null) return;
  const refusedBy = cause.code === "not-in-service" ? [attachment.site] : [];
  switch (phase.kind) {
    case "connecting": {
      const target = otherSite(turn.state, attachment.site);
      const isFirst = phase.search === null && attachment.site === 0 && target !== null;
      if (!isFirst) return enterNoSite(turn, cause, refusedBy);
      // R5: nothing is lost yet: the other site.
      turn.effects.push({ kind: "closeSite", number: attachment.number });
      forgetAttachment(turn);
      return connectTo(turn, target, cause);
    }
    case "switchingOver":
      return enterNoSite(turn, cause, refusedBy);
    case "inService":
    case "impaired":
      // The site in use sends its agents away: as in R14.
      return drainOrSwitch(turn, cause, "noSite");
    case "draining":
    case "offline":
    case "locating":
    case "noSite":
    case "closed":
      return;
    default:
      return unreachable(phase);
  }
}

/** R14: the user does not want to wait for the last call; or wants to be at the other site. */
export function onSwitchoverAsked(turn: Turn): void {
  const { kind } = turn.state.phase;
  if (kind === "connecting") return; // R24: nothing to leave yet
  switchOver(turn, { code: "asked-by-user" }, "stay");
}

export function close(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind === "closed") return;
  const numbers =
    phase.kind === "noSite"
      ? (phase.trying ?? []).map((each) => each.number)
      : [attachmentOf(phase)?.number].filter((number) => number !== undefined);
  for (const number of numbers) turn.effects.push({ kind: "closeSite", number });
  closeConfigurations(turn);
  forgetAttachment(turn);
  enter(turn, { kind: "closed" }, { code: "closed" });
}
