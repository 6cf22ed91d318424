import type { ConfigObjectType, TandemObjects } from "@tandem/cti";
import { openConfig, type ConfigClient } from "@tandem/link";
import { compileConfig, type Compiled } from "./compile-config.ts";

/**
 * Where a SIP Server learns its configuration: logged in at its site's Configuration Server, it
 * reads what it needs, hears of changes, and compiles the whole anew. While the Configuration
 * Server is away it goes on with what it has.
 */
export interface ConfigurationSource {
  readonly isConnected: () => boolean;
  readonly close: () => void;
}

export interface ConfigurationSourceOptions {
  readonly urls: readonly string[];
  readonly applicationName: string;
  readonly secret: string;
  readonly onConfiguration: (compiled: Compiled) => void;
  /** Sentences for the log. `isFatal`: trying again would not help. */
  readonly onTrouble: (sentence: string, isFatal: boolean) => void;
}

const connectTimeoutMs = 5_000;
const retryMs = 250;
/** Changes that come together are compiled once. */
const gatherMs = 50;

export function openConfigurationSource(options: ConfigurationSourceOptions): ConfigurationSource {
  let isConnected = false;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  const credentials = { kind: "applicationSecret", applicationSecret: options.secret } as const;
  const { urls, applicationName } = options;
  const client = openConfig({ urls, applicationName, connectTimeoutMs }, (report) => {
    switch (report.kind) {
      case "loggedIn":
        isConnected = true;
        void client.subscribe();
        return later(0, readAgain);
      case "delivered":
        if (report.event.event === "EventObjectChanged") later(gatherMs, readAgain);
        return;
      case "off":
        isConnected = false;
        return options.onTrouble(`Configuration Server lost: ${report.reason}`, false);
      case "unreachable":
        options.onTrouble(`Configuration Server not reached: ${report.reason}`, false);
        return later(retryMs, () => client.start(credentials));
      case "refused":
        return options.onTrouble(`${report.errorCode}: ${report.errorMessage}`, true);
      case "malformed":
        return options.onTrouble(
          `Configuration Server said what is no message: ${report.detail}`,
          false,
        );
    }
  });

  function later(ms: number, act: () => void): void {
    if (timer !== null) clearTimeout(timer);
    if (!isClosed) timer = setTimeout(act, ms);
  }

  function readAgain(): void {
    void readAll(client).then((objects) => {
      if (objects === null) return; // the connection went; the next login reads again
      const compiled = compileConfig(objects, applicationName);
      if (compiled.ok) options.onConfiguration(compiled.value);
      else options.onTrouble(`configuration unusable: ${compiled.failure.join("; ")}`, false);
    });
  }

  client.start(credentials);
  return {
    isConnected: () => isConnected,
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      client.close();
    },
  };
}

async function readAll(client: ConfigClient): Promise<Parameters<typeof compileConfig>[0] | null> {
  const read = async <Type extends ConfigObjectType>(
    type: Type,
  ): Promise<readonly TandemObjects[Type][] | null> => {
    const outcome = await client.read(type);
    return outcome.kind === "done" ? outcome.objects : null;
  };
  const [applications, hosts, groups, switches, dns, persons, agentGroups, agentLogins] =
    await Promise.all([
      read("Application"),
      read("Host"),
      read("Group"),
      read("Switch"),
      read("Dn"),
      read("Person"),
      read("AgentGroup"),
      read("AgentLogin"),
    ]);
  if (!(applications && hosts && groups && switches)) return null;
  if (!(dns && persons && agentGroups && agentLogins)) return null;
  return { applications, hosts, groups, switches, dns, persons, agentGroups, agentLogins };
}
