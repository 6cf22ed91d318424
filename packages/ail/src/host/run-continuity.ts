import type { TlibEvent, UnnumberedRequest } from "@tandem/cti";
import {
  openConfig,
  openPair,
  type ConfigClient,
  type PairLink,
  type PairListenerReport,
  type RequestOutcome,
} from "@tandem/link";
import { planSites, type PlanOptions, type Site } from "../configuration/plan-sites.ts";
import type { LocalConfiguration } from "../configuration/local-configuration.ts";
import type {
  ContinuityEffect,
  ContinuityEvent,
  RestoreOrder,
  TimelineEntry,
  TimerKey,
  Warning,
} from "../continuity/events.ts";
import { createContinuity, type Continuity } from "../continuity/state.ts";
import { stepContinuity } from "../continuity/step-continuity.ts";

/**
 * Performs what the continuity machine orders, over links, and tells it what comes of it. Each
 * connection is known by the number that the machine gave it; what a closed one still says is not
 * heard (R16).
 */
export interface ContinuityRun {
  readonly state: () => Continuity;
  readonly dispatch: (event: ContinuityEvent) => void;
  /** The link of the attachment that is in use, if any. */
  readonly link: () => PairLink | null;
  readonly close: () => void;
}

export interface ContinuityRunOptions extends PlanOptions {
  readonly local: LocalConfiguration;
  readonly userName: string;
  readonly password: string;
  readonly hasEndpoint?: boolean;
  readonly connectTimeoutMs?: number;
}

export interface ContinuityListener {
  readonly changed: () => void;
  readonly timeline: (entry: TimelineEntry) => void;
  readonly warning: (warning: Warning, isAlarm: boolean) => void;
  readonly endpoint: (order: "reRegister" | "relaunch") => void;
  /** Every event of the attachment in use. */
  readonly event: (event: TlibEvent) => void;
}

const connectTimeoutPresetMs = 5_000;
const hourMs = 3_600_000;

interface Run {
  readonly options: ContinuityRunOptions;
  readonly listener: ContinuityListener;
  readonly configurations: Map<number, ConfigClient>;
  readonly links: Map<number, PairLink>;
  readonly timers: Map<TimerKey, ReturnType<typeof setTimeout>>;
  state: Continuity;
  /** Events that came while one was being taken. */
  readonly waiting: ContinuityEvent[];
  isStepping: boolean;
  token: string | null;
}

export function runContinuity(
  options: ContinuityRunOptions,
  listener: ContinuityListener,
): ContinuityRun {
  const run: Run = {
    options,
    listener,
    configurations: new Map(),
    links: new Map(),
    timers: new Map(),
    state: createContinuity(),
    waiting: [],
    isStepping: false,
    token: null,
  };
  const renewal = setInterval(() => renewToken(run), hourMs);
  dispatch(run, { kind: "start" });
  return {
    state: () => run.state,
    dispatch: (event) => dispatch(run, event),
    link: () => run.links.get(attachmentNumber(run.state)) ?? null,
    close() {
      clearInterval(renewal);
      dispatch(run, { kind: "close" });
      for (const timer of run.timers.values()) clearTimeout(timer);
      for (const link of run.links.values()) link.close();
      for (const client of run.configurations.values()) client.close();
    },
  };
}

/** Of the attachment that is in use; 0 where there is none. */
function attachmentNumber({ phase }: Continuity): number {
  return "number" in phase ? phase.number : 0;
}

function dispatch(run: Run, event: ContinuityEvent): void {
  run.waiting.push(event);
  if (run.isStepping) return;
  run.isStepping = true;
  try {
    for (let next = run.waiting.shift(); next !== undefined; next = run.waiting.shift()) {
      const step = stepContinuity(run.state, next, {
        wallMs: Date.now(),
        entropy: Math.floor(Math.random() * 2 ** 32),
        local: run.options.local,
        hasEndpoint: run.options.hasEndpoint ?? false,
      });
      run.state = step.next;
      for (const effect of step.effects) perform(run, effect);
    }
  } finally {
    run.isStepping = false;
  }
  run.listener.changed();
}

function perform(run: Run, effect: ContinuityEffect): void {
  switch (effect.kind) {
    case "openConfiguration":
      return openConfiguration(run, effect);
    case "closeConfiguration":
      run.configurations.get(effect.configuration)?.close();
      run.configurations.delete(effect.configuration);
      return;
    case "openSite":
      return openSite(run, effect.site, effect.number);
    case "closeSite":
      run.links.get(effect.number)?.close();
      run.links.delete(effect.number);
      return;
    case "registerDns":
      for (const dn of effect.dns) registerDn(run, effect.number, dn);
      return;
    case "logIn":
      return logIn(run, effect);
    case "restoreState":
      return send(run, effect.number, restoreRequest(effect.dn, effect.restore), () => undefined);
    case "arm":
      disarm(run, effect.key);
      run.timers.set(
        effect.key,
        setTimeout(() => {
          run.timers.delete(effect.key);
          dispatch(run, { kind: "timer", key: effect.key });
        }, effect.afterMs),
      );
      return;
    case "disarm":
      return disarm(run, effect.key);
    case "endpoint":
      return run.listener.endpoint(effect.order);
    case "warn":
      return run.listener.warning(effect.warning, effect.isAlarm);
    case "report":
      return run.listener.timeline(effect.entry);
  }
}

function disarm(run: Run, key: TimerKey): void {
  const timer = run.timers.get(key);
  if (timer !== undefined) clearTimeout(timer);
  run.timers.delete(key);
}

function openConfiguration(
  run: Run,
  effect: Extract<ContinuityEffect, { kind: "openConfiguration" }>,
): void {
  const { configuration, urls, applicationName } = effect;
  const connectTimeoutMs = run.options.connectTimeoutMs ?? connectTimeoutPresetMs;
  const client = openConfig({ urls, applicationName, connectTimeoutMs }, (report) => {
    if (run.configurations.get(configuration) !== client) return; // closed meanwhile
    switch (report.kind) {
      case "loggedIn": {
        useToken(run, report.login.token);
        if (report.isAgain) return dispatch(run, { kind: "configurationOn", configuration });
        const plan = planSites(run.options.local, report.login.objects, run.options);
        return dispatch(run, { kind: "located", configuration, plan });
      }
      case "refused": {
        const { errorCode, errorMessage } = report;
        const kind = "configurationRefused";
        return dispatch(run, { kind, configuration, errorCode, errorMessage });
      }
      case "unreachable":
        return dispatch(run, { kind: "configurationUnreachable", configuration });
      case "off":
        return dispatch(run, { kind: "configurationOff", configuration });
      default:
        return;
    }
  });
  run.configurations.set(configuration, client);
  const { userName: user, password } = run.options;
  client.start(
    run.token === null ? { kind: "password", user, password } : { kind: "token", token: run.token }, // R15: no password is asked for again
  );
}

/** The session's token, good at both sites, for the connections to come. */
function useToken(run: Run, token: string): void {
  run.token = token;
  for (const link of run.links.values()) link.renewToken(token);
}

function renewToken(run: Run): void {
  const { token } = run;
  const client = [...run.configurations.values()].at(-1);
  if (token === null || client === undefined) return;
  void client.renew(token).then((outcome) => {
    const isNew = outcome.kind === "answered" && outcome.event.event === "EventLogin";
    if (isNew) useToken(run, outcome.event.token);
  });
}

function openSite(run: Run, index: number, number: number): void {
  const { plan } = run.state;
  const site: Site | undefined = plan?.sites[index];
  if (plan === null || site === undefined || run.token === null) return;
  const { addpTimeoutSeconds, addpRemoteTimeoutSeconds, connectTimeoutMs } = plan.options;
  let link: PairLink | null = null;
  link = openPair(
    {
      token: run.token,
      applicationName: site.applicationName,
      urls: site.tlibUrls,
      addpTimeoutSeconds,
      addpRemoteTimeoutSeconds,
      connectTimeoutMs,
    },
    (report) => {
      // What it says while it is being made is read below.
      if (link !== null && run.links.get(number) === link) hear(run, number, report);
    },
  );
  run.links.set(number, link);
  dispatch(run, { kind: "telephonySeen", number, nodes: link.view().nodes });
}

function hear(run: Run, number: number, report: PairListenerReport): void {
  switch (report.kind) {
    case "changed":
      return dispatch(run, { kind: "telephonySeen", number, nodes: report.view.nodes });
    case "sessionOpened": {
      const { isResumed, serverStartTime } = report;
      return dispatch(run, { kind: "sessionOpened", number, isResumed, serverStartTime });
    }
    case "clientRefused": {
      const { errorCode, errorMessage } = report.error;
      return dispatch(run, { kind: "clientRefused", number, errorCode, errorMessage });
    }
    case "delivered":
      return told(run, number, report.event);
    default:
      return;
  }
}

function told(run: Run, number: number, event: TlibEvent): void {
  dispatch(run, { kind: "told", number, event });
  if (number === attachmentNumber(run.state)) run.listener.event(event);
}

function send(
  run: Run,
  number: number,
  request: UnnumberedRequest,
  settled: (outcome: RequestOutcome) => void,
): void {
  const link = run.links.get(number);
  if (link === undefined) return settled({ kind: "notSent" });
  link.request(request, (outcome) => {
    if (run.links.get(number) !== link) return; // an old site's late answer (R16)
    const isEvent = outcome.kind === "answered" && outcome.event.event !== "EventError";
    if (isEvent) told(run, number, outcome.event);
    settled(outcome);
  });
}

function registerDn(run: Run, number: number, dn: string): void {
  send(run, number, { request: "RequestRegisterAddress", thisDN: dn }, (outcome) => {
    if (outcome.kind !== "answered") return; // the next session registers anew
    const { event } = outcome;
    if (event.event === "EventRegistered") {
      return dispatch(run, { kind: "registered", number, address: event.address });
    }
    if (event.event !== "EventError") return;
    const { errorCode, errorMessage } = event;
    dispatch(run, { kind: "registerRefused", number, dn, errorCode, errorMessage });
  });
}

function logIn(run: Run, effect: Extract<ContinuityEffect, { kind: "logIn" }>): void {
  const { number, dn, leaseEpoch, restore } = effect;
  const agentID = run.state.plan?.agentID ?? "";
  const request: UnnumberedRequest = {
    request: "RequestAgentLogin",
    thisDN: dn,
    agentID,
    leaseEpoch,
    ...(restore === null ? {} : { restore }),
  };
  send(run, number, request, (outcome) => {
    if (outcome.kind !== "answered") return dispatch(run, { kind: "loginUnknown", number });
    const { event } = outcome;
    if (event.event !== "EventError") return;
    const { errorCode, errorMessage, retryAfter } = event;
    dispatch(run, {
      kind: "loginRefused",
      number,
      errorCode,
      errorMessage,
      ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    });
  });
}

function restoreRequest(thisDN: string, restore: RestoreOrder): UnnumberedRequest {
  const reasons = restore.reasons === undefined ? {} : { reasons: restore.reasons };
  if (restore.state === "Ready") return { request: "RequestAgentSetReady", thisDN };
  if (restore.state === "NotReady") {
    const workMode = restore.workMode === undefined ? {} : { workMode: restore.workMode };
    return { request: "RequestAgentSetNotReady", thisDN, ...workMode, ...reasons };
  }
  const { afterCallWorkMs } = restore;
  return {
    request: "RequestAgentSetNotReady",
    thisDN,
    workMode: "AfterCallWork",
    ...reasons,
    ...(afterCallWorkMs === undefined ? {} : { afterCallWorkMs }),
  };
}
