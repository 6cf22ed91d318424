import { drainOrSwitch } from "./switch-over.ts";
import { armOnce, attachmentOf, enter, recordedIn, warn, type Turn } from "./turn.ts";

/**
 * R13: no phone is registered for the DN here. The desktop waits `site-sip-register-timeout` for
 * EventDNBackInService; an embedded endpoint is asked to register again, and launched again once
 * when it has not by half of the time. Expiry means a DR switchover.
 */
export function onPhoneOut(turn: Turn): void {
  const { phase, plan } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment === null || plan === null || phase.kind === "draining") return;
  const isKnown = phase.kind === "impaired" && phase.ground === "phone";
  const cause = { code: "phone-unregistered" } as const;
  const toll = { recorded: recordedIn(phase) };
  enter(turn, { kind: "impaired", ...attachment, ground: "phone" }, cause, toll);
  if (!isKnown) {
    warn(turn, "phone-unregistered", "The phone is not registered; the login follows when it is.");
    if (turn.context.hasEndpoint) turn.effects.push({ kind: "endpoint", order: "reRegister" });
  }
  const { sipRegisterTimeoutMs } = plan.options;
  if (sipRegisterTimeoutMs === 0) return; // never on this ground
  armOnce(turn, "phone/register-timeout", sipRegisterTimeoutMs);
  if (turn.context.hasEndpoint && !isKnown) {
    armOnce(turn, "phone/relaunch", Math.floor(sipRegisterTimeoutMs / 2));
  }
}

export function onRelaunchTime(turn: Turn): void {
  if (turn.state.phoneInService === false) {
    turn.effects.push({ kind: "endpoint", order: "relaunch" });
  }
}

export function onRegisterTimeout(turn: Turn): void {
  if (turn.state.phoneInService !== false) return;
  drainOrSwitch(turn, { code: "site-sip-register-timeout" }, "stay");
}
