import type { EventLogin } from "@tandem/cti";
import {
  openConfig,
  type ConfigClient,
  type ConfigListenerReport,
  type Credentials,
  type LinkPlatform,
} from "@tandem/link";
import type { ContinuityEvent } from "../continuity/events.ts";

/**
 * The desktop's connections to Configuration Server Proxies, by the machine's numbers, and the
 * token that they give. The password is used for the first login and then forgotten (R15); the
 * token is renewed every hour while in service.
 */
export interface ConfigurationHost {
  readonly open: (number: number, urls: readonly string[], applicationName: string) => void;
  readonly close: (number: number) => void;
  readonly token: () => string;
  readonly end: () => void;
}

export interface ConfigurationHostOptions {
  readonly userName: string;
  readonly password: string;
  readonly connectTimeoutMs: number;
  readonly platform: LinkPlatform;
  /** A login was done: what it brought becomes the plan. */
  readonly loggedIn: (number: number, login: EventLogin) => void;
  readonly refused: (errorCode: string, errorMessage: string) => void;
  readonly tokenRenewed: (token: string) => void;
  readonly report: (event: ContinuityEvent) => void;
}

const renewAfterMs = 3_600_000;

export function createConfigurationHost(host: ConfigurationHostOptions): ConfigurationHost {
  const clients = new Map<number, ConfigClient>();
  let credentials: Credentials = {
    kind: "password",
    user: host.userName,
    password: host.password,
  };
  let token = "";
  let cancelRenewal: () => void = () => undefined;

  const keepToken = (login: EventLogin): void => {
    token = login.token;
    credentials = { kind: "token", token };
    cancelRenewal();
    const halfLifeMs = Math.max(1_000, (login.expires - host.platform.wallMs()) / 2);
    cancelRenewal = host.platform.setTimer(Math.min(renewAfterMs, halfLifeMs), renew);
    host.tokenRenewed(token);
  };

  /** With whichever proxy is connected; one that is not gives a fresh one when it is again. */
  const renew = (): void => {
    for (const client of clients.values()) {
      void client.renew(token).then((outcome) => {
        const isLogin = outcome.kind === "answered" && outcome.event.event === "EventLogin";
        if (isLogin) keepToken(outcome.event);
        else if (clients.size > 0) {
          cancelRenewal = host.platform.setTimer(renewAgainMs, renew);
        }
      });
    }
  };

  const onReport = (number: number, report: ConfigListenerReport): void => {
    if (!clients.has(number)) return;
    switch (report.kind) {
      case "loggedIn":
        keepToken(report.login);
        if (report.isAgain) host.report({ kind: "configurationOn", configuration: number });
        else host.loggedIn(number, report.login);
        return;
      case "refused": {
        const { errorCode, errorMessage } = report;
        host.report({
          kind: "configurationRefused",
          configuration: number,
          errorCode,
          errorMessage,
        });
        host.refused(errorCode, errorMessage);
        return;
      }
      case "unreachable":
        host.report({ kind: "configurationUnreachable", configuration: number });
        return;
      case "off":
        host.report({ kind: "configurationOff", configuration: number });
        return;
      case "delivered":
      case "malformed":
        return; // nothing was subscribed to; a frame that is no message is ignored
    }
  };

  return {
    open: (number, urls, applicationName) => {
      const client = openConfig(
        {
          urls,
          applicationName,
          connectTimeoutMs: host.connectTimeoutMs,
          platform: host.platform,
        },
        (report) => onReport(number, report),
      );
      clients.set(number, client);
      client.start(credentials);
    },
    close: (number) => {
      const client = clients.get(number);
      clients.delete(number);
      client?.close();
    },
    token: () => token,
    end: () => {
      cancelRenewal();
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

const renewAgainMs = 60_000;
