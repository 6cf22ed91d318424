import {
  clientAddpTimes,
  type ConfigEvent,
  type ConfigObjectType,
  type ObjectFilter,
  type TandemObjects,
} from "@tandem/cti";
import { platform as defaultPlatform } from "#platform";
import {
  configLinkDeadline,
  createConfigLink,
  stepConfigLink,
  type ConfigLinkEvent,
  type ConfigLinkReport,
  type Credentials,
  type UnnumberedConfigRequest,
} from "../config/config-link.ts";
import type { LinkPlatform } from "../platform.ts";
import { runMachine } from "./run-machine.ts";

/**
 * One site's Configuration Server Proxies as a client has them. `start` logs in; the listener hears
 * `loggedIn`, `refused` or `unreachable`, and afterwards `off` and `loggedIn` again.
 *
 * @example
 * const config = openConfig(
 *   { urls: ["ws://127.0.1.10:7010/config"], applicationName: "sip-1a", connectTimeoutMs: 5_000 },
 *   (report) => console.log(report.kind),
 * );
 * config.start({ kind: "applicationSecret", applicationSecret });
 */
export interface ConfigClient {
  readonly start: (credentials: Credentials) => void;
  /** A fresh token with one still good; the answer also goes into the next logins. */
  readonly renew: (token: string) => Promise<ConfigOutcome>;
  /** All objects of a type that the filter lets through, page by page. */
  readonly read: <Type extends ConfigObjectType>(
    type: Type,
    filter?: ObjectFilter,
  ) => Promise<ReadOutcome<Type>>;
  /** Changes come to the listener as `delivered`, and go on after a lost connection. */
  readonly subscribe: (
    revision?: number,
    types?: readonly ConfigObjectType[],
  ) => Promise<ConfigOutcome>;
  readonly close: () => void;
}

export type ConfigOutcome =
  | { readonly kind: "answered"; readonly event: ConfigEvent }
  /** No connection, or it was lost before the answer. */
  | { readonly kind: "unknown" };

export type ReadOutcome<Type extends ConfigObjectType> =
  | {
      readonly kind: "done";
      readonly objects: readonly TandemObjects[Type][];
      readonly revision: number;
    }
  | { readonly kind: "refused"; readonly errorCode: string; readonly errorMessage: string }
  | { readonly kind: "unknown" };

export type ConfigListenerReport = Exclude<
  ConfigLinkReport,
  { kind: "accepted" | "notSent" | "answered" | "unknown" }
>;

export interface OpenConfigOptions {
  /** The primary's, then the backup's. */
  readonly urls: readonly string[];
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** Silence after which the connection counts as lost. */
  readonly addpTimeoutSeconds?: number;
  readonly platform?: LinkPlatform;
}

export const configSubprotocol = "tandem.config.1";
const addpTimeoutDefaultSeconds = 20;
/** Pages of one read; above it the read is refused. */
const pagesMax = 1_000;

export function openConfig(
  options: OpenConfigOptions,
  listener: (report: ConfigListenerReport) => void,
): ConfigClient {
  const platform = options.platform ?? defaultPlatform;
  const times = {
    connectTimeoutMs: options.connectTimeoutMs,
    addp: clientAddpTimes(options.addpTimeoutSeconds ?? addpTimeoutDefaultSeconds),
  };
  const { applicationName } = options;
  let link = createConfigLink(options.urls);
  const settleBy = new Map<number, (outcome: ConfigOutcome) => void>();
  const unnumbered: ((outcome: ConfigOutcome) => void)[] = [];

  const settle = (referenceID: number, outcome: ConfigOutcome): boolean => {
    const settled = settleBy.get(referenceID);
    settleBy.delete(referenceID);
    settled?.(outcome);
    return settled !== undefined;
  };
  const report = (effect: ConfigLinkReport): void => {
    switch (effect.kind) {
      case "accepted": {
        const settled = unnumbered.shift();
        if (settled !== undefined) settleBy.set(effect.referenceID, settled);
        return;
      }
      case "notSent":
        unnumbered.shift()?.({ kind: "unknown" });
        return;
      case "answered": {
        const { event } = effect;
        // The answer to a subscription that the link itself made again has no asker.
        const wasAsked = settle(effect.referenceID, { kind: "answered", event });
        if (!wasAsked) listener({ kind: "delivered", event });
        return;
      }
      case "unknown":
        settle(effect.referenceID, { kind: "unknown" });
        return;
      default:
        listener(effect);
    }
  };
  const runner = runMachine<ConfigLinkEvent, ConfigLinkReport>(
    {
      step: (event) => {
        const context = {
          nowMs: platform.nowMs(),
          entropy: platform.entropy(),
          times,
          applicationName,
        };
        const step = stepConfigLink(link, event, context);
        link = step.next;
        return step.effects;
      },
      deadline: () => configLinkDeadline(link),
    },
    platform,
    configSubprotocol,
    report,
  );
  const ask = (request: UnnumberedConfigRequest): Promise<ConfigOutcome> =>
    new Promise((resolve) => {
      unnumbered.push(resolve);
      runner.step({ kind: "request", request });
    });
  return {
    start: (credentials) => runner.step({ kind: "start", credentials }),
    renew: (token) => ask({ request: "RequestLogin", token, applicationName }),
    read: (type, filter) => readAll(ask, type, filter),
    subscribe: (revision, types) =>
      ask({
        request: "RequestSubscribe",
        ...(revision === undefined ? {} : { revision }),
        ...(types === undefined ? {} : { types }),
      }),
    close: () => {
      runner.step({ kind: "stop" });
      runner.end();
    },
  };
}

async function readAll<Type extends ConfigObjectType>(
  ask: (request: UnnumberedConfigRequest) => Promise<ConfigOutcome>,
  type: Type,
  filter: ObjectFilter | undefined,
): Promise<ReadOutcome<Type>> {
  const objects: TandemObjects[Type][] = [];
  let after: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const outcome = await ask({
      request: "RequestReadObjects",
      type,
      ...(filter === undefined ? {} : { filter }),
      ...(after === undefined ? {} : { after }),
    });
    if (outcome.kind === "unknown") return outcome;
    const { event } = outcome;
    if (event.event === "EventError") {
      const { errorCode, errorMessage } = event;
      return { kind: "refused", errorCode, errorMessage };
    }
    if (event.event !== "EventObjects" || event.type !== type) break;
    objects.push(...(event.objects as readonly TandemObjects[Type][])); // of the type beside it
    if (event.next === undefined) return { kind: "done", objects, revision: event.revision };
    after = event.next;
  }
  return {
    kind: "refused",
    errorCode: "too-many-objects",
    errorMessage: "The server's answer was not an end of the objects asked for.",
  };
}
