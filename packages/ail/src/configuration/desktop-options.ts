import type { ApplicationObject, OptionSection, PersonObject, Sections } from "@tandem/cti";

/**
 * The timers and policies of section `agent-desktop` (continuity, option names), in milliseconds.
 * The Application has the timers and policies; the Person may override policies, not timers.
 */
export interface DesktopOptions {
  readonly addpTimeoutSeconds: number;
  /** What the server is asked to do; absent: the same. */
  readonly addpRemoteTimeoutSeconds: number;
  /** Telephony OFF for so long means a DR switchover; 0: never on this ground (R8). */
  readonly siteTimeoutMs: number;
  /** The phone unregistered for so long means one; 0: never on this ground (R13). */
  readonly sipRegisterTimeoutMs: number;
  /** At a target, until a node has said that it serves (R5, R20). */
  readonly connectTimeoutMs: number;
  /** Telephony is OFF when no node has served for so long (R7). */
  readonly noPrimaryTimeoutMs: number;
  readonly restoreState: RestorePolicy;
}

/** R17: the former state; Not Ready; or nothing but the login. */
export type RestorePolicy = "always" | "not-ready" | "never";

/** Named sets of timers. Options that are given override them. */
export type Profile = "seed" | "fast";

/** Without a profile: the two grounds for a switchover are off until they are configured. */
export const optionDefaults: DesktopOptions = {
  addpTimeoutSeconds: 20,
  addpRemoteTimeoutSeconds: 20,
  siteTimeoutMs: 0,
  sipRegisterTimeoutMs: 0,
  connectTimeoutMs: 5_000,
  noPrimaryTimeoutMs: 4_000,
  restoreState: "always",
};

export const profiles: { readonly [Name in Profile]: DesktopOptions } = {
  /** The seed's recommendation. */
  seed: { ...optionDefaults, siteTimeoutMs: 30_000, sipRegisterTimeoutMs: 30_000 },
  /** For up to about 1,000 desktops a node. */
  fast: {
    ...optionDefaults,
    addpTimeoutSeconds: 2,
    addpRemoteTimeoutSeconds: 2,
    siteTimeoutMs: 3_000,
    sipRegisterTimeoutMs: 30_000,
    noPrimaryTimeoutMs: 3_000,
  },
};

/** What R14 and a draining desktop wait for where `site-timeout` is absent or 0. */
export const drainTimeoutDefaultMs = 30_000;
const secondsMax = 86_400;

export function readDesktopOptions(
  application: ApplicationObject | undefined,
  person: PersonObject | undefined,
  profile: Profile | undefined,
): DesktopOptions {
  const section = applicationSection(application);
  const personSection = sectionOf(person?.annex);
  const base = profile === undefined ? optionDefaults : profiles[profile];
  const seconds = (name: string): number | undefined => secondsOption(section, name);
  // R2: the sample's name, on the Person, counts only where the Application has no `site-timeout`.
  const aliasSeconds = secondsOption(personSection, "disaster-recovery.timeout");
  const siteTimeout = seconds("site-timeout") ?? aliasSeconds;
  const addp = seconds("addp-timeout");
  return {
    addpTimeoutSeconds: addp ?? base.addpTimeoutSeconds,
    addpRemoteTimeoutSeconds:
      seconds("addp-remote-timeout") ?? addp ?? base.addpRemoteTimeoutSeconds,
    siteTimeoutMs: inMs(siteTimeout, base.siteTimeoutMs),
    sipRegisterTimeoutMs: inMs(seconds("site-sip-register-timeout"), base.sipRegisterTimeoutMs),
    connectTimeoutMs: inMs(seconds("connect-timeout"), base.connectTimeoutMs),
    noPrimaryTimeoutMs: inMs(seconds("no-primary-timeout"), base.noPrimaryTimeoutMs),
    restoreState: restorePolicy(personSection) ?? restorePolicy(section) ?? base.restoreState,
  };
}

/** The section of an Application: in its Options, or where those lack an option in its Annex. */
function applicationSection(application: ApplicationObject | undefined): OptionSection {
  return { ...sectionOf(application?.annex), ...sectionOf(application?.options) };
}

export function sectionOf(sections: Sections | undefined): OptionSection {
  return sections?.["agent-desktop"] ?? {};
}

export function textOption(section: OptionSection, name: string): string | undefined {
  const value = section[name];
  return value === undefined || value === "" ? undefined : String(value);
}

function restorePolicy(section: OptionSection): RestorePolicy | undefined {
  const text = textOption(section, "restore-state");
  return text === "always" || text === "not-ready" || text === "never" ? text : undefined;
}

/** A number of seconds that is not negative; anything else counts as absent. */
function secondsOption(section: OptionSection, name: string): number | undefined {
  const text = textOption(section, name)?.trim();
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  return Math.min(Number(text), secondsMax);
}

function inMs(seconds: number | undefined, otherwiseMs: number): number {
  return seconds === undefined ? otherwiseMs : Math.round(seconds * 1_000);
}
