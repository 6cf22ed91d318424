import {
  createFakeConfigServer,
  createFakeSipServer,
  type FakeConfigServer,
  type FakeObjects,
  type FakeSipServer,
} from "@tandem/cti/testing";
import { configSubprotocol, tlibSubprotocol } from "@tandem/link";
import { serveEndpoint, type ServedEndpoint } from "@tandem/link/testing";
import type { OptionSection } from "@tandem/cti";
import type { LocalConfiguration } from "../configuration/local-configuration.ts";

/**
 * Two sites with one SIP Server and one Configuration Server Proxy each, in this process, behind
 * real WebSockets on loopback: for tests of a desktop without phones. They share the configuration
 * and accept each other's tokens.
 */
export interface FakeDeployment {
  readonly local: LocalConfiguration;
  readonly userName: string;
  readonly password: string;
  readonly dn: string;
  /** Both sites, site 1 first. */
  readonly sites: readonly [FakeSite, FakeSite];
  readonly stop: () => Promise<void>;
}

export interface FakeSite {
  readonly sip: FakeSipServer;
  readonly sipServed: ServedEndpoint;
  readonly config: FakeConfigServer;
  readonly configServed: ServedEndpoint;
}

export interface FakeDeploymentOptions {
  /** Section `agent-desktop` of both Applications. */
  readonly application?: OptionSection;
  /** Section `agent-desktop` of the Person. */
  readonly person?: OptionSection;
}

const userName = "agent-1001";
const password = "tandem";
const dn = "1001";
/** Answers at once when the desktop calls it. */
export const answeringNumber = "0701";

export async function startFakeDeployment(
  options: FakeDeploymentOptions = {},
): Promise<FakeDeployment> {
  const tokenOf = (user: string): string => `token of ${user}`;
  const userOf = (token: string): string | undefined =>
    token.startsWith("token of ") ? token.slice("token of ".length) : undefined;
  const nowMs = (): number => Date.now();
  const objects = fakeObjects(options);
  const startSite = async (number: number): Promise<FakeSite> => {
    const sip = createFakeSipServer({
      site: `site-${number}`,
      dns: { [dn]: true },
      agentLogins: { [dn]: userName },
      answeringNumbers: [answeringNumber],
      nowMs,
      userOf,
    });
    const config = createFakeConfigServer({
      objects,
      passwords: { [userName]: password },
      nowMs,
      tokenOf,
      userOf,
    });
    const sipServed = await serveEndpoint(sip, "/tlib", tlibSubprotocol);
    const configServed = await serveEndpoint(config, "/config", configSubprotocol);
    addServers(objects, number, portOf(sipServed.url), portOf(configServed.url));
    return { sip, sipServed, config, configServed };
  };
  const sites = [await startSite(1), await startSite(2)] as const;
  return {
    local: {
      sites: sites.map((site, index) => ({
        applicationName: `desktop-${index + 1}`,
        configUrls: [site.configServed.url],
      })),
    },
    userName,
    password,
    dn,
    sites,
    stop: async () => {
      for (const { sipServed, configServed } of sites) {
        await sipServed.kill();
        await configServed.kill();
      }
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function addServers(objects: FakeObjects, number: number, tlib: number, config: number): void {
  objects.Application.push(
    {
      name: `sip-${number}a`,
      type: "TServer",
      site: `site-${number}`,
      host: "host",
      port: tlib,
      connections: [],
    },
    {
      name: `config-${number}a`,
      type: "ConfigurationServer",
      site: `site-${number}`,
      host: "host",
      port: config,
      connections: [],
    },
  );
}

function fakeObjects(options: FakeDeploymentOptions): FakeObjects {
  return {
    Tenant: [{ name: "tandem" }],
    AgentGroup: [],
    Person: [
      {
        userName,
        employeeId: "e1001",
        role: "agent",
        agentLogins: [dn],
        places: { "site-1": "place-1001", "site-2": "place-1001" },
        annex: {
          "agent-desktop": { "site-1": "desktop-1", "site-2": "desktop-2", ...options.person },
        },
      },
    ],
    AgentLogin: [{ code: dn }],
    Place: [{ name: "place-1001", dns: [dn] }],
    Application: [1, 2].map((number) => ({
      name: `desktop-${number}`,
      type: "ThirdPartyApplication" as const,
      site: `site-${number}`,
      connections: [`config-${number}a`, `sip-${number}a`],
      options: { "agent-desktop": options.application ?? {} },
    })),
    Host: [{ name: "host", address: "127.0.0.1" }],
    Group: [{ name: "group-1", sites: ["site-1", "site-2"], realm: "tandem", domain: "tandem" }],
    Switch: [],
    Dn: [{ number: dn, type: "Extension", group: "group-1" }],
  };
}
