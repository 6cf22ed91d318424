import { unreachable } from "@tandem/kernel";
import {
  onClientRefused,
  onLoginAsked,
  onLoginRefused,
  onLoginUnknown,
  onRegisterRefused,
  onRegistered,
  onSessionOpened,
  settle,
} from "./attach.ts";
import type {
  ContinuityContext,
  ContinuityEvent,
  ContinuityStep,
  SiteEvent,
  TimerKey,
} from "./events.ts";
import {
  onConfigurationOff,
  onConfigurationOn,
  onConfigurationRefused,
  onConfigurationRetry,
  onConfigurationUnreachable,
  onLocateRetry,
  onLocated,
  onStatistics,
  start,
} from "./locate.ts";
import { attempt, candidateOpened, candidateSeen, onAttemptTimeout } from "./no-site.ts";
import { onRegisterTimeout, onRelaunchTime } from "./phone.ts";
import { onCallOver } from "./restore.ts";
import type { Continuity } from "./state.ts";
import { close, onSwitchoverAsked, switchOver, targetFailed } from "./switch-over.ts";
import { onNoPrimaryTimeout, onSiteTimeout, onTelephonySeen } from "./telephony.ts";
import { onTold } from "./told.ts";
import { attachmentOf, changeAgent, forgetTimer, type Turn } from "./turn.ts";

/**
 * The DR switchover of a desktop as a pure function (SPEC.md has the rules; their numbers stand at
 * the branches). The same state, event and context give the same next state and effects.
 */
export function stepContinuity(
  state: Continuity,
  event: ContinuityEvent,
  context: ContinuityContext,
): ContinuityStep {
  const turn: Turn = { state, context, effects: [] };
  if (state.phase.kind !== "closed") takeEvent(turn, event);
  return { next: turn.state, effects: turn.effects };
}

function takeEvent(turn: Turn, event: ContinuityEvent): void {
  switch (event.kind) {
    case "start":
      return start(turn);
    case "close":
      return close(turn);
    case "located":
      return onLocated(turn, event.configuration, event.plan);
    case "configurationUnreachable":
      return onConfigurationUnreachable(turn, event.configuration);
    case "configurationRefused":
      return onConfigurationRefused(turn, event);
    case "configurationOff":
      return onConfigurationOff(turn, event.configuration);
    case "configurationOn":
      return onConfigurationOn(turn, event.configuration);
    case "statistics":
      return onStatistics(turn, event.isOn);
    case "timer":
      return onTimer(turn, event.key);
    case "switchoverAsked":
      return onSwitchoverAsked(turn);
    case "callOver":
      return onCallOver(turn);
    case "loginAsked":
      return onLoginAsked(turn);
    case "logoutAsked":
      return changeAgent(turn, { isLogoutAsked: true });
    default:
      return takeSiteEvent(turn, event);
  }
}

function takeSiteEvent(turn: Turn, event: SiteEvent): void {
  // R16: everything of a site carries the attachment's number, and older ones are dropped.
  if (turn.state.phase.kind === "noSite") return takeCandidateEvent(turn, event);
  if (attachmentOf(turn.state.phase)?.number !== event.number) return;
  switch (event.kind) {
    case "telephonySeen":
      return onTelephonySeen(turn, event.nodes);
    case "sessionOpened":
      return onSessionOpened(turn, event);
    case "clientRefused":
      return onClientRefused(turn, event);
    case "registered":
      return onRegistered(turn, event);
    case "registerRefused":
      return onRegisterRefused(turn, event);
    case "loginRefused":
      return onLoginRefused(turn, event);
    case "loginUnknown":
      return onLoginUnknown(turn);
    case "told":
      return onTold(turn, event.event);
    default:
      return unreachable(event);
  }
}

/** R20: of the sites being tried only who serves counts. */
function takeCandidateEvent(turn: Turn, event: SiteEvent): void {
  if (event.kind === "telephonySeen") candidateSeen(turn, event.number, event.nodes);
  else if (event.kind === "sessionOpened") candidateOpened(turn, event);
}

function onTimer(turn: Turn, key: TimerKey): void {
  if (!turn.state.armed.includes(key)) return; // disarmed while it was on its way
  forgetTimer(turn, key);
  switch (key) {
    case "locate/retry":
      return onLocateRetry(turn);
    case "configuration/retry":
      return onConfigurationRetry(turn);
    case "site/connect":
      if (turn.state.phase.kind === "noSite") return onAttemptTimeout(turn);
      return targetFailed(turn, { code: "connect-timeout" });
    case "telephony/no-primary":
      return onNoPrimaryTimeout(turn);
    case "telephony/site-timeout":
      return onSiteTimeout(turn);
    case "phone/register-timeout":
      return onRegisterTimeout(turn);
    case "phone/relaunch":
      return onRelaunchTime(turn);
    case "login/retry":
      return settle(turn, { code: "next-attempt" });
    case "drain/telephony":
      return switchOver(turn, { code: "drain-timeout" }, "noSite");
    case "no-site/retry":
      return attempt(turn);
    default:
      return unreachable(key);
  }
}
