import type { OptionSection } from "@tandem/cti";
import type { SwitchOptions } from "@tandem/switch";

/** The section of options of SIP Servers, DNs and Agent Logins. */
export const optionSection = "TServer";

export function optionsOf(holder: {
  readonly options?: { readonly [name: string]: OptionSection };
}): OptionSection {
  return holder.options?.[optionSection] ?? {};
}

/**
 * Options of a SIP Server's section `TServer`, with their defaults. Durations are written in
 * seconds, as the field does, and kept in milliseconds.
 */
export function compileOptions(options: OptionSection): SwitchOptions {
  const seconds = (name: string, preset: number): number => numberOf(options, name, preset);
  const ms = (name: string, preset: number): number =>
    Math.round(numberOf(options, name, preset) * 1000);
  const count = (name: string, preset: number): number => numberOf(options, name, preset);
  return {
    t1Ms: ms("sip-t1", 0.5),
    t2Ms: ms("sip-t2", 4),
    t4Ms: ms("sip-t4", 5),
    registerExpiresMinSeconds: seconds("register-expires-min", 10),
    registerExpiresMaxSeconds: seconds("register-expires-max", 3_600),
    registerExpiresDefaultSeconds: seconds("register-expires", 60),
    flowExpiresSeconds: seconds("flow-expires", 30),
    bindingsPerDnMax: count("bindings-per-dn", 5),
    noAnswerTimeoutMs: ms("no-answer-timeout", 30),
    outOfServiceCheckMs: ms("oos-check", 30),
    outOfServiceAfterFailures: count("oos-failures", 2),
    eventKeepMs: ms("event-keep", 30),
    eventsMax: count("events-max", 100_000),
    resumeWindowMs: ms("resume-window", 60),
    sessionGraceMs: ms("session-grace", 10),
    afterCallWorkMs: ms("wrap-up-time", 0),
    doNotDisturbStatus: Number(options["dnd-response"]) === 603 ? 603 : 480,
    sessionExpiresSeconds: count("session-expires", 1_800),
    sessionExpiresMinSeconds: count("min-se", 90),
    callsMax: count("calls-max", 50_000),
    sessionsMax: count("sessions-max", 50_000),
  };
}

/** P1's intervals: the profile `fast` writes 0.5 and 3. */
export function peerTimes(options: OptionSection): { monitorMs: number; timeoutMs: number } {
  return {
    monitorMs: Math.round(numberOf(options, "peer-monitor", 2) * 1000),
    timeoutMs: Math.round(numberOf(options, "peer-timeout", 4) * 1000),
  };
}

/** The names that the section knows, for the configuration's check of misspelt ones. */
export const knownOptions: readonly string[] = [
  "sip-t1",
  "sip-t2",
  "sip-t4",
  "register-expires-min",
  "register-expires-max",
  "register-expires",
  "flow-expires",
  "bindings-per-dn",
  "no-answer-timeout",
  "oos-check",
  "oos-failures",
  "event-keep",
  "events-max",
  "resume-window",
  "session-grace",
  "wrap-up-time",
  "dnd-response",
  "calls-max",
  "session-expires",
  "min-se",
  "sessions-max",
  "peer-monitor",
  "peer-timeout",
  "peer-contact",
  "dr-forward",
  "dr-redirect",
];

/** Milliseconds of an option in seconds, or undefined where it is not given. */
export function msOption(options: OptionSection, name: string): number | undefined {
  const given = options[name];
  return given === undefined ? undefined : Math.round(numberOf(options, name, 0) * 1000);
}

export function numberOf(options: OptionSection, name: string, preset: number): number {
  const value = options[name];
  const number = typeof value === "number" ? value : Number(value ?? Number.NaN);
  return Number.isFinite(number) && number >= 0 ? number : preset;
}
