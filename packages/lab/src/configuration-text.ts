import { stringify } from "yaml";
import type { PublicKey } from "@tandem/cti";
import {
  dnAt,
  firstNode,
  otherSite,
  siteOf,
  type AgentTopology,
  type Profile,
  type SiteTopology,
  type Topology,
} from "./topology.ts";

/**
 * The YAML that both Configuration Servers of a lab read: the same text, with the public token keys
 * of both, so that a token of either is good everywhere. Pure.
 */
export interface LabSecrets {
  readonly serverSecret: string;
  /** By Configuration Server. */
  readonly publicKeys: Readonly<Record<string, PublicKey>>;
}

export function configurationText(topology: Topology, secrets: LabSecrets): string {
  const { sites, agents } = topology;
  const document = {
    tenants: [{ name: "lab", timeZone: "UTC" }],
    hosts: sites.flatMap(({ name, host, configHost, nodes }) => [
      { name: `host-${name}`, address: host },
      ...(configHost === host ? [] : [{ name: `host-of-config-${name}`, address: configHost }]),
      ...nodes.map((node) => ({ name: `host-${node.name}`, address: node.host })),
    ]),
    groups: [
      {
        name: "lab",
        sites: sites.map(({ name }) => name),
        realm: topology.realm,
        domain: "lab.test",
      },
    ],
    applications: sites.flatMap((site) => applicationsOf(topology, site, secrets)),
    switches: sites.map((site) => ({
      name: `switch-${site.number}`,
      site: site.name,
      group: "lab",
      tserver: firstNode(site).name,
      address: site.host,
    })),
    dns: [
      extensionOf(topology, topology.ownDn),
      ...agents.flatMap((agent) => extensionsOf(topology, agent)),
      queueOf(),
      // Both gateways reach both sites; each site dials out through its own.
      ...sites.flatMap((site) => trunksOf(topology, site)),
    ],
    places: sites.flatMap((site) =>
      agents.map((agent) => ({
        name: `place-${agent.dn}-${site.number}`,
        site: site.name,
        dns: [dnAt(agent, site.number)],
      })),
    ),
    agentLogins: agents.map(({ dn }) => ({ code: dn })),
    persons: [
      supervisorOf(topology),
      ...agents.map(({ dn, userName, preferredSite }) => ({
        userName,
        employeeId: `e-${dn}`,
        role: "agent",
        password: topology.password,
        agentLogins: [dn],
        places: Object.fromEntries(sites.map((site) => [site.name, `place-${dn}-${site.number}`])),
        annex: {
          "agent-desktop": {
            "site-1": `desktop-${preferredSite}`,
            "site-2": `desktop-${otherSite(preferredSite)}`,
          },
        },
      })),
    ],
    agentGroups: [{ name: "everyone", agents: agents.map(({ userName }) => userName) }],
  };
  return `# The configuration of a Tandem lab, written at its start.\n${stringify(document)}`;
}

/** May look at every DN, force a logout, observe calls. */
function supervisorOf({ password }: Topology): object {
  const role = "supervisor";
  return { userName: role, employeeId: "e-0", role, password, agentLogins: [], places: {} };
}

function extensionOf(topology: Topology, number: string, peerDn?: string): object {
  return {
    number,
    type: "Extension",
    group: "lab",
    secret: topology.sipSecret,
    ...(peerDn === undefined ? {} : { options: { TServer: { "peer-dn": peerDn } } }),
  };
}

/** All agents serve it, at whichever site they are logged in. */
function queueOf(): object {
  const options = { "agent-groups": "everyone", "no-answer-timeout": 10 };
  return { number: queueNumber, type: "AcdQueue", group: "lab", options: { TServer: options } };
}

/** The lab's queue. */
const queueNumber = "5000";

/** One DN for both sites, or one for each, which name each other. */
function extensionsOf(topology: Topology, { dn, secondDn }: AgentTopology): object[] {
  if (secondDn === undefined) return [extensionOf(topology, dn)];
  return [extensionOf(topology, dn, secondDn), extensionOf(topology, secondDn, dn)];
}

function applicationsOf(topology: Topology, site: SiteTopology, secrets: LabSecrets): object[] {
  const isThere = site.configHost === site.host;
  const host = isThere ? `host-${site.name}` : `host-of-config-${site.name}`;
  const publicKey = secrets.publicKeys[site.configServer];
  return [
    {
      name: site.configServer,
      type: "ConfigurationServer",
      site: site.name,
      host,
      port: site.ports.config,
      ports: { http: site.ports.configHttp },
      publicKeys: publicKey === undefined ? [] : [publicKey],
    },
    ...site.nodes.map((node, index) => ({
      name: node.name,
      type: "TServer",
      site: site.name,
      host: `host-${node.name}`,
      port: site.ports.tlib,
      ports: sipServerPorts(site),
      secret: secrets.serverSecret,
      ...(index === 0 && site.nodes[1] !== undefined ? { backup: site.nodes[1].name } : {}),
      options: { TServer: serverOptions(topology, site) },
    })),
    {
      name: `desktop-${site.number}`,
      type: "ThirdPartyApplication",
      site: site.name,
      connections: [site.configServer, firstNode(site).name],
      options: { "agent-desktop": desktopOptions(topology.profile) },
    },
  ];
}

function sipServerPorts({ ports }: SiteTopology): Record<string, number> {
  const { sip, sips, ws, wss, sipHttp } = ports;
  return { sip, sips, ws, wss, http: sipHttp };
}

function serverOptions(topology: Topology, site: SiteTopology): Record<string, string | number> {
  const other = siteOf(topology, otherSite(site.number));
  const isFast = topology.profile === "fast";
  return {
    "peer-contact": `${other.relayHost}:${other.ports.sip}`,
    "peer-monitor": isFast ? 0.5 : 2,
    "peer-timeout": isFast ? 3 : 4,
    "dr-forward": topology.forward,
    "no-answer-timeout": 20,
    "oos-check": isFast ? 5 : 30,
  };
}

/** continuity.md: the seed's own timers, and the profile for up to a thousand desktops a node. */
function desktopOptions(profile: Profile): Record<string, number> {
  return profile === "fast"
    ? {
        "addp-timeout": 2,
        "addp-remote-timeout": 2,
        "no-primary-timeout": 3,
        "site-timeout": 3,
        "site-sip-register-timeout": 30,
        "switchover-spread": 0.5,
      }
    : {
        "addp-timeout": 20,
        "addp-remote-timeout": 20,
        "no-primary-timeout": 4,
        "site-timeout": 30,
        "site-sip-register-timeout": 30,
        "switchover-spread": 5,
      };
}

function trunksOf(topology: Topology, site: SiteTopology): object[] {
  return topology.sites.map(({ number, gateway }) => ({
    number: `gateway-${number}-at-${site.number}`,
    type: "Trunk",
    switch: `switch-${site.number}`,
    group: "lab",
    options: {
      TServer: {
        contact: `sip:${gateway.host}:${gateway.port}`,
        ...(number === site.number ? { prefix: "9", "replace-prefix": "" } : {}),
      },
    },
  }));
}
