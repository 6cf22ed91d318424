import type { DnObject, GroupObject, OptionSection } from "@tandem/cti";
import type { AutoAnswer, DnConfig, DrForward, QueueConfig } from "@tandem/switch";
import type { ServerObjects } from "./compile-config.ts";
import { msOption, numberOf, optionsOf } from "./compile-options.ts";

/**
 * The group's DNs as the machine needs them: Extensions, and ACD queues with the agents of their
 * agent groups. A queue's options: `agent-groups` (names of Agent Groups, with commas between
 * them), `overflow-dn`, `overflow-time`, `queue-length-max`, `no-answer-timeout`, `announcement-dn`.
 */
export function compileDns(
  objects: ServerObjects,
  group: GroupObject,
  faults: string[],
): DnConfig[] {
  const extensions = extensionsOf(objects, group).map(extensionOf);
  const queues = objects.dns
    .filter((dn) => dn.type === "AcdQueue" && dn.group === group.name)
    .map((dn) => ({
      ...plainDn(dn.number),
      queue: queueOf(objects, dn, faults),
    }));
  return [...extensions, ...queues];
}

export function extensionsOf(objects: ServerObjects, group: GroupObject): DnObject[] {
  return objects.dns.filter((dn) => dn.type === "Extension" && dn.group === group.name);
}

export function forwardOf(options: OptionSection): DrForward | null {
  const value = options["dr-forward"];
  return value === "off" || value === "no-agent" || value === "oos" ? value : null;
}

function plainDn(number: string): DnConfig {
  return { number, peerDn: null, noAnswerTimeoutMs: null, forward: null };
}

function extensionOf(dn: DnObject): DnConfig {
  const options = optionsOf(dn);
  const peerDn = options["peer-dn"];
  const autoAnswer = autoAnswerOf(options);
  const afterCallWorkMs = msOption(options, "wrap-up-time");
  return {
    number: dn.number,
    peerDn: peerDn === undefined ? null : String(peerDn),
    noAnswerTimeoutMs: msOption(options, "no-answer-timeout") ?? null,
    forward: forwardOf(options),
    ...(isOn(options["dr-redirect"]) === null
      ? {}
      : { isRedirected: isOn(options["dr-redirect"]) === true }),
    ...redirectionOf(options),
    ...(autoAnswer === null ? {} : { autoAnswer }),
    ...(afterCallWorkMs === undefined ? {} : { afterCallWorkMs }),
  };
}

function redirectionOf(options: OptionSection): Pick<DnConfig, "redirection"> {
  const value = options["redirection"];
  return value === "refuse" || value === "pass" ? { redirection: value } : {};
}

/** Null where the option says nothing. */
export function isOn(value: string | number | boolean | undefined): boolean | null {
  return value === undefined ? null : value === true || value === "true";
}

function autoAnswerOf(options: OptionSection): AutoAnswer | null {
  const value = options["auto-answer"];
  const isKnown =
    value === "none" || value === "alert-info" || value === "call-info" || value === "notify-talk";
  return isKnown ? value : null;
}

function queueOf(objects: ServerObjects, dn: DnObject, faults: string[]): QueueConfig {
  const options = optionsOf(dn);
  const agents = new Set<string>();
  for (const name of namesOf(options["agent-groups"])) {
    const found = objects.agentGroups.find((each) => each.name === name);
    if (found === undefined) faults.push(`Queue ${dn.number}: Agent Group ${name} does not exist`);
    for (const userName of found?.agents ?? []) agents.add(userName);
  }
  const overflowDn = options["overflow-dn"];
  if (String(overflowDn) === dn.number) faults.push(`Queue ${dn.number}: it overflows into itself`);
  const announcementDn = options["announcement-dn"];
  return {
    agents: [...agents],
    overflowDn: overflowDn === undefined ? null : String(overflowDn),
    overflowMs: msOption(options, "overflow-time") ?? overflowMsPreset,
    waitingMax: Math.min(waitingMaxMost, numberOf(options, "queue-length-max", waitingMaxPreset)),
    noAnswerTimeoutMs: msOption(options, "no-answer-timeout") ?? null,
    announcementDn: announcementDn === undefined ? null : String(announcementDn),
  };
}

/** An hour: no call waits for ever. */
const overflowMsPreset = 3_600_000;
const waitingMaxPreset = 500;
const waitingMaxMost = 5_000;

function namesOf(value: string | number | boolean | undefined): string[] {
  return String(value ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
