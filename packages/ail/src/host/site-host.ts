import type { EventError, TlibEvent, UnnumberedRequest } from "@tandem/cti";
import {
  openPair,
  type LinkPlatform,
  type PairLink,
  type PairListenerReport,
  type RequestOutcome,
} from "@tandem/link";
import type { DesktopOptions } from "../configuration/desktop-options.ts";
import type { Site } from "../configuration/plan-sites.ts";
import type { ContinuityEffect, RestoreOrder, SiteEvent } from "../continuity/events.ts";

/**
 * One attachment to a site's SIP Server pair: performs what the machine orders there, and says what
 * comes of it with the attachment's number (R16). After `close` it says nothing more.
 */
export interface SiteHost {
  readonly registerDns: (dns: readonly string[]) => void;
  readonly logIn: (order: Extract<ContinuityEffect, { kind: "logIn" }>) => void;
  readonly restoreState: (dn: string, restore: RestoreOrder) => void;
  /** Exactly one outcome, at the latest after `requestTimeoutMs`. */
  readonly request: (
    request: UnnumberedRequest,
    settled: (outcome: RequestOutcome) => void,
  ) => void;
  readonly renewToken: (token: string) => void;
  readonly close: () => void;
}

export interface SiteHostOptions {
  readonly number: number;
  readonly site: Site;
  readonly agentID: string;
  readonly token: string;
  readonly options: DesktopOptions;
  readonly platform: LinkPlatform;
  readonly requestTimeoutMs: number;
  readonly report: (event: SiteEvent) => void;
}

export function openSiteHost(host: SiteHostOptions): SiteHost {
  const { number, site, options, platform, report } = host;
  let isClosed = false;
  const say = (event: SiteEvent): void => {
    if (!isClosed) report(event);
  };
  const pair: PairLink = openPair(
    {
      token: host.token,
      applicationName: site.applicationName,
      urls: site.tlibUrls,
      addpTimeoutSeconds: options.addpTimeoutSeconds,
      addpRemoteTimeoutSeconds: options.addpRemoteTimeoutSeconds,
      connectTimeoutMs: options.connectTimeoutMs,
      platform,
    },
    (heard) => {
      const event = siteEventOf(number, heard);
      if (event !== null) say(event);
    },
  );

  const request = (asked: UnnumberedRequest, settled: (outcome: RequestOutcome) => void): void => {
    let isSettled = false;
    const settle = (outcome: RequestOutcome): void => {
      if (isSettled) return;
      isSettled = true;
      cancel();
      settled(outcome);
    };
    const cancel = platform.setTimer(host.requestTimeoutMs, () => settle({ kind: "unknown" }));
    pair.request(asked, settle);
  };

  const registerDns = (dns: readonly string[]): void => {
    for (const thisDN of dns) {
      request({ request: "RequestRegisterAddress", thisDN }, (outcome) => {
        const error = errorOf(outcome);
        if (error !== null) {
          const { errorCode, errorMessage } = error;
          say({ kind: "registerRefused", number, dn: thisDN, errorCode, errorMessage });
        } else if (outcome.kind === "answered" && outcome.event.event === "EventRegistered") {
          say({ kind: "registered", number, address: outcome.event.address });
        }
      });
    }
  };

  const logIn = (order: Extract<ContinuityEffect, { kind: "logIn" }>): void => {
    request(
      {
        request: "RequestAgentLogin",
        thisDN: order.dn,
        agentID: host.agentID,
        placeName: site.placeName,
        leaseEpoch: order.leaseEpoch,
        ...(order.restore === null ? {} : { restore: order.restore }),
      },
      (outcome) => {
        // A login that was done is heard as EventAgentLogin.
        const error = errorOf(outcome);
        if (error !== null) say(loginRefused(number, error));
        else if (outcome.kind !== "answered") say({ kind: "loginUnknown", number });
      },
    );
  };

  return {
    registerDns,
    logIn,
    restoreState: (dn, restore) => {
      request(stateRequest(dn, restore), () => {
        // Its event changes the state; a refusal leaves the agent Not Ready, which is shown.
      });
    },
    request,
    renewToken: (token) => pair.renewToken(token),
    close: () => {
      isClosed = true;
      pair.close();
    },
  };
}

function siteEventOf(number: number, report: PairListenerReport): SiteEvent | null {
  switch (report.kind) {
    case "changed":
      return { kind: "telephonySeen", number, nodes: report.view.nodes };
    case "sessionOpened": {
      const { isResumed, serverStartTime } = report;
      return { kind: "sessionOpened", number, isResumed, serverStartTime };
    }
    case "clientRefused": {
      const { errorCode, errorMessage } = report.error;
      return { kind: "clientRefused", number, errorCode, errorMessage };
    }
    case "delivered":
      return { kind: "told", number, event: report.event };
    case "resumeTooOld":
    case "malformed":
      return null; // a new session follows; a frame that is no message is ignored
  }
}

function loginRefused(number: number, error: EventError): SiteEvent {
  const { errorCode, errorMessage, retryAfter } = error;
  return {
    kind: "loginRefused",
    number,
    errorCode,
    errorMessage,
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  };
}

/** The request that puts a logged-in agent into a state. */
export function stateRequest(thisDN: string, restore: RestoreOrder): UnnumberedRequest {
  const { state, workMode, reasons, afterCallWorkMs } = restore;
  const told = reasons === undefined ? {} : { reasons };
  if (state === "Ready") {
    const mode = workMode === undefined ? {} : { workMode };
    return { request: "RequestAgentSetReady", thisDN, ...mode, ...told };
  }
  const mode = state === "AfterCallWork" ? "AfterCallWork" : workMode;
  return {
    request: "RequestAgentSetNotReady",
    thisDN,
    ...(mode === undefined ? {} : { workMode: mode }),
    ...told,
    ...(afterCallWorkMs === undefined ? {} : { afterCallWorkMs }),
  };
}

function errorOf(outcome: RequestOutcome): EventError | null {
  if (outcome.kind !== "answered") return null;
  const { event }: { readonly event: TlibEvent } = outcome;
  return event.event === "EventError" ? event : null;
}
