import type { LoginObjects } from "@tandem/cti";
import { platform as defaultPlatform, type LinkPlatform } from "@tandem/link";
import type { Profile } from "../configuration/desktop-options.ts";
import type { LocalConfiguration } from "../configuration/local-configuration.ts";
import { planSites } from "../configuration/plan-sites.ts";
import type {
  ContinuityContext,
  ContinuityEffect,
  ContinuityEvent,
  TimelineEntry,
} from "../continuity/events.ts";
import { createContinuity, type Continuity } from "../continuity/state.ts";
import { stepContinuity } from "../continuity/step-continuity.ts";
import { attachmentOf, siteAt } from "../continuity/turn.ts";
import type { Desktop, DesktopEvents } from "../desktop/desktop.ts";
import { snapshotOf, type DesktopSnapshot } from "../desktop/snapshot.ts";
import { createCommands } from "./commands.ts";
import { createConfigurationHost } from "./configuration-host.ts";
import { callListener, createListeners } from "./listeners.ts";
import { createServerNews } from "./server-news.ts";
import { openSiteHost, type SiteHost } from "./site-host.ts";

/**
 * Connects a desktop: from the local configuration and the person's credentials to an agent in
 * service, and back in service after whatever happens (SPEC.md). Runs in Node and in browsers.
 *
 * @example
 * const desktop = connectDesktop({
 *   local: { sites: [{ applicationName: "desktop-1", configUrls: ["ws://127.0.1.10:7010/config"] }] },
 *   userName: "agent-1001",
 *   password: "tandem",
 * });
 * desktop.on("call", (event) => {
 *   if (event.event === "EventRinging") void desktop.commands.answer(event.connID);
 * });
 */
export interface ConnectOptions {
  readonly local: LocalConfiguration;
  readonly userName: string;
  readonly password: string;
  /** Timers where the configuration gives none. */
  readonly profile?: Profile;
  /** Where the person has several Agent Logins: the code to use. */
  readonly agentID?: string;
  /** The desktop has a SIP endpoint of its own: `endpoint` events tell it what to do (R13). */
  readonly hasEndpoint?: boolean;
  /** For an answer to a request; then its outcome is unknown. 15 s, as in the seed's sample. */
  readonly requestTimeoutMs?: number;
  readonly platform?: LinkPlatform;
}

/** Entries of the timeline that are kept. */
export const timelineMax = 1_000;
const requestTimeoutDefaultMs = 15_000;
/** Until the Application's own is known. */
const configConnectTimeoutMs = 5_000;

export function connectDesktop(options: ConnectOptions): Desktop {
  const platform = options.platform ?? defaultPlatform;
  const requestTimeoutMs = options.requestTimeoutMs ?? requestTimeoutDefaultMs;
  const listeners = createListeners<DesktopEvents>();
  const subscribers = new Set<() => void>();
  const timeline: TimelineEntry[] = [];
  const sites = new Map<number, SiteHost>();
  const timers = new Map<string, () => void>();
  const waiting: ContinuityEvent[] = [];
  let isStepping = false;
  let state: Continuity = createContinuity();
  let objects: LoginObjects | null = null;
  let snapshot: DesktopSnapshot = snapshotOf(state);

  const configuration = createConfigurationHost({
    userName: options.userName,
    password: options.password,
    connectTimeoutMs: configConnectTimeoutMs,
    platform,
    loggedIn: (number, login) => {
      objects = login.objects;
      const plan = planSites(options.local, login.objects, options);
      take({ kind: "located", configuration: number, plan });
    },
    refused: (errorCode, errorMessage) => listeners.emit("refused", { errorCode, errorMessage }),
    tokenRenewed: (token) => {
      for (const site of sites.values()) site.renewToken(token);
    },
    report: (event) => take(event),
  });

  const contextOf = (): ContinuityContext => ({
    wallMs: platform.wallMs(),
    entropy: platform.entropy(),
    local: options.local,
    hasEndpoint: options.hasEndpoint ?? false,
  });

  /** One event at a time; what arrives from within waits. */
  const take = (event: ContinuityEvent): void => {
    waiting.push(event);
    if (isStepping) return;
    isStepping = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) stepOnce(next);
    } finally {
      isStepping = false;
    }
  };

  const stepOnce = (event: ContinuityEvent): void => {
    const isHeard = event.kind === "told" && event.number === attachmentOf(state.phase)?.number;
    const step = stepContinuity(state, event, contextOf());
    const hasChanged = step.next !== state;
    state = step.next;
    if (hasChanged) snapshot = snapshotOf(state);
    for (const effect of step.effects) perform(effect);
    if (isHeard) announce(event.event);
    if (hasChanged) for (const subscriber of [...subscribers]) callListener(subscriber);
  };

  const isNews = createServerNews();
  const announce = (event: DesktopEvents["event"]): void => {
    if (!isNews(event)) return;
    listeners.emit("event", event);
    if ("connID" in event) listeners.emit("call", event);
  };

  const perform = (effect: ContinuityEffect): void => {
    switch (effect.kind) {
      case "openConfiguration":
        return configuration.open(effect.configuration, effect.urls, effect.applicationName);
      case "closeConfiguration":
        return configuration.close(effect.configuration);
      case "openSite":
        return openSite(effect.site, effect.number);
      case "closeSite":
        sites.get(effect.number)?.close();
        sites.delete(effect.number);
        return;
      case "registerDns":
        return sites.get(effect.number)?.registerDns(effect.dns);
      case "logIn":
        return sites.get(effect.number)?.logIn(effect);
      case "restoreState":
        return sites.get(effect.number)?.restoreState(effect.dn, effect.restore);
      case "arm":
        timers.get(effect.key)?.();
        timers.set(
          effect.key,
          platform.setTimer(effect.afterMs, () => take({ kind: "timer", key: effect.key })),
        );
        return;
      case "disarm":
        timers.get(effect.key)?.();
        timers.delete(effect.key);
        return;
      case "endpoint":
        return listeners.emit("endpoint", { order: effect.order });
      case "warn":
        return listeners.emit("warning", { ...effect.warning, isAlarm: effect.isAlarm });
      case "report":
        timeline.push(effect.entry);
        if (timeline.length > timelineMax) timeline.shift();
        return listeners.emit("state", effect.entry);
    }
  };

  const openSite = (index: number, number: number): void => {
    const site = siteAt(state, index);
    if (site === undefined || state.plan === null) return;
    const host = openSiteHost({
      number,
      site,
      agentID: state.plan.agentID,
      token: configuration.token(),
      options: state.plan.options,
      platform,
      requestTimeoutMs,
      report: (event) => take(event),
    });
    sites.set(number, host);
  };

  const subscribe = (listener: () => void): (() => void) => {
    subscribers.add(listener);
    return () => void subscribers.delete(listener);
  };
  // Listeners that are added at once hear everything from the beginning.
  queueMicrotask(() => take({ kind: "start" }));
  return {
    snapshot: () => snapshot,
    subscribe,
    on: listeners.on,
    timeline: () => [...timeline],
    objects: () => objects,
    commands: createCommands({
      state: () => state,
      take,
      siteHost: () => sites.get(attachmentOf(state.phase)?.number ?? -1),
      subscribe,
      setTimer: platform.setTimer,
      requestTimeoutMs,
    }),
    close: () => {
      take({ kind: "close" });
      configuration.end();
      for (const cancel of timers.values()) cancel();
      timers.clear();
      subscribers.clear();
      listeners.clear();
    },
  };
}
