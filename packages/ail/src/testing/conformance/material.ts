import type {
  AddressInfo,
  CallEvent,
  CallInfo,
  Lease,
  PartyState,
  TlibCallEvent,
  TlibEvent,
  UserData,
} from "@tandem/cti";
import type { LocalConfiguration } from "../../configuration/local-configuration.ts";
import { profiles } from "../../configuration/desktop-options.ts";
import type { SitePlan } from "../../configuration/plan-sites.ts";
import type { ContinuityContext, ContinuityEvent } from "../../continuity/events.ts";
import type { TelephonyNode } from "../../continuity/state.ts";
import type { ConformanceSettings, ConformanceStep } from "./conformance-case.ts";

/** The deployment, the events and the beginnings that the conformance table is made of. */
export const dn = "1001";

export const twoSites: LocalConfiguration = {
  sites: [
    { applicationName: "desk-1", configUrls: ["ws://config-1"] },
    { applicationName: "desk-2", configUrls: ["ws://config-2"] },
  ],
};

/** `preferred`: index in the local configuration of the preferred site. */
export function planOf(settings: ConformanceSettings, preferred: 0 | 1 = 0): SitePlan {
  const sites = [0, 1].map((local) => ({
    local,
    name: `site-${local + 1}`,
    applicationName: `desk-${local + 1}`,
    configUrls: [`ws://config-${local + 1}`],
    tlibUrls: [`ws://sip-${local + 1}`],
    placeName: `place-${local + 1}`,
    dns: [dn],
    hasStatServer: false,
  }));
  const ordered = preferred === 0 ? sites : sites.toReversed();
  return {
    sites: settings.isAlone === true ? ordered.slice(0, 1) : ordered,
    agentID: "1001",
    userName: "agent-1001",
    options: {
      ...profiles.seed,
      ...(settings.siteTimeoutMs === undefined ? {} : { siteTimeoutMs: settings.siteTimeoutMs }),
      ...(settings.sipRegisterTimeoutMs === undefined
        ? {}
        : { sipRegisterTimeoutMs: settings.sipRegisterTimeoutMs }),
      ...(settings.restoreState === undefined ? {} : { restoreState: settings.restoreState }),
    },
    warnings: [],
  };
}

export function contextOf(settings: ConformanceSettings, wallMs: number): ContinuityContext {
  const sites = settings.isAlone === true ? twoSites.sites.slice(0, 1) : twoSites.sites;
  const hasEndpoint = settings.hasEndpoint ?? false;
  return { wallMs, entropy: 0, local: { sites }, hasEndpoint };
}

export function located(
  configuration: number,
  settings: ConformanceSettings = {},
  preferred: 0 | 1 = 0,
): ContinuityEvent {
  return { kind: "located", configuration, plan: planOf(settings, preferred) };
}

/** `P4 B4` is a node that serves in epoch 4 and one that stands by; `-` is not connected. */
export function nodes(number: number, text: string): ContinuityEvent {
  return {
    kind: "telephonySeen",
    number,
    nodes: text.split(" ").map((word, index): TelephonyNode => {
      const url = `ws://node-${index}`;
      if (word === "-") return { url, isConnected: false, role: null, epoch: null };
      const role = word[0] === "P" ? "primary" : "backup";
      return { url, isConnected: true, role, epoch: Number(word.slice(1)) };
    }),
  };
}

export function opened(number: number, isResumed = false, serverStartTime = 7): ContinuityEvent {
  return { kind: "sessionOpened", number, isResumed, serverStartTime };
}

export function registered(
  number: number,
  inService = true,
  calls: readonly CallInfo[] = [],
): ContinuityEvent {
  const address: AddressInfo = { dn, inService, calls };
  return { kind: "registered", number, address };
}

export function lease(epoch: number, site = "site-1"): Lease {
  return { epoch, time: 500, site };
}

/** With `isOwn` it answers this desktop's request. */
export function loggedIn(
  number: number,
  epoch: number = number,
  isOwn: boolean = true,
): ContinuityEvent {
  return told(number, {
    event: "EventAgentLogin",
    thisDN: dn,
    agentID: "1001",
    lease: lease(epoch),
    ...numbers,
    ...(isOwn ? { referenceID: 9 } : {}),
  });
}

export function loggedOut(
  number: number,
  reasonCode: string | null,
  extra: { readonly lease?: Lease; readonly wonBy?: Lease } = {},
): ContinuityEvent {
  return told(number, {
    event: "EventAgentLogout",
    thisDN: dn,
    agentID: "1001",
    lease: extra.lease ?? lease(number),
    ...(extra.wonBy === undefined ? {} : { wonBy: { lease: extra.wonBy, agentID: "1001" } }),
    ...(reasonCode === null ? {} : { extensions: { ReasonCode: reasonCode } }),
    ...numbers,
  });
}

export function ready(number: number): ContinuityEvent {
  return told(number, { event: "EventAgentReady", thisDN: dn, agentID: "1001", ...numbers });
}

export function notReady(number: number, reasons?: UserData): ContinuityEvent {
  return told(number, {
    event: "EventAgentNotReady",
    thisDN: dn,
    agentID: "1001",
    ...(reasons === undefined ? {} : { reasons }),
    ...numbers,
  });
}

export function afterCallWork(number: number, afterCallWorkUntil: number): ContinuityEvent {
  return told(number, {
    event: "EventAgentAfterCallWork",
    thisDN: dn,
    agentID: "1001",
    afterCallWorkUntil,
    ...numbers,
  });
}

export function phone(number: number, inService: boolean): ContinuityEvent {
  const event = inService ? "EventDNBackInService" : "EventDNOutOfService";
  return told(number, { event, thisDN: dn, ...numbers });
}

export function callEvent(
  number: number,
  event: Exclude<TlibCallEvent["event"], "EventDTMFSent">,
  own: Partial<CallEvent<string>> = {},
): ContinuityEvent {
  const { partyState: _, isMuted: __, ...info } = callInfo("Ringing");
  return told(number, { thisDN: dn, callState: "Ok", ...info, ...numbers, ...own, event });
}

export function callInfo(partyState: PartyState): CallInfo {
  return {
    connID: "00000000000000a1",
    callUUID: "000000000000000000000000000000a1",
    callID: 1,
    callType: "Inbound",
    thisDNRole: "Destination",
    otherDN: "0700",
    partyState,
    userData: {},
  };
}

export function loginRefused(
  number: number,
  errorCode: string,
  retryAfterMs?: number,
): ContinuityEvent {
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { kind: "loginRefused", number, errorCode, errorMessage: errorCode, ...retry };
}

export function timer(key: Extract<ContinuityEvent, { kind: "timer" }>["key"]): ContinuityEvent {
  return { kind: "timer", key };
}

function told(number: number, event: TlibEvent): ContinuityEvent {
  return { kind: "told", number, event };
}

const numbers = { time: 1, serverStartTime: 7, eventSequenceNumber: 1 };

/** In service at site 1, attachment 1, Ready. */
export function inService(settings: ConformanceSettings = {}): readonly ConformanceStep[] {
  return steps(
    { kind: "start" },
    located(1, settings),
    nodes(1, "P3 B3"),
    opened(1),
    registered(1),
    loggedIn(1),
    ready(1),
  );
}

/** The same, and the far end talks with the agent. */
export function talking(settings: ConformanceSettings = {}): readonly ConformanceStep[] {
  return [
    ...inService(settings),
    ...steps(callEvent(1, "EventRinging"), callEvent(1, "EventEstablished")),
  ];
}

/** Events whose effects a case does not look at. */
export function steps(...events: readonly ContinuityEvent[]): readonly ConformanceStep[] {
  return events.map((event) => ({ event }));
}

/** At site 2, attachment 2, as far as the login. */
export const attached: readonly ConformanceStep[] = steps(
  nodes(2, "P1 -"),
  opened(2),
  registered(2),
);

/** Switched over because site 1 was lost, and no further. */
export const leaving: readonly ConformanceStep[] = steps(
  nodes(1, "- -"),
  timer("telephony/site-timeout"),
);
