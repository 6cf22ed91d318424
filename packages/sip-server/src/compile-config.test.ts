import type { ApplicationObject, DnObject } from "@tandem/cti";
import { describe, expect, test } from "vitest";
import { compileConfig, type ServerObjects } from "./compile-config.ts";

const application = (name: string, own: Partial<ApplicationObject> = {}): ApplicationObject => ({
  name,
  type: "TServer",
  host: `host-${name}`,
  connections: [],
  ...own,
});
const extension = (number: string, own: Partial<DnObject> = {}): DnObject => ({
  number,
  type: "Extension",
  group: "group",
  ha1: { md5: `md5-${number}`, sha256: `sha-${number}` },
  ...own,
});
const trunk = (number: string, options: Record<string, string>, own = {}): DnObject => ({
  number,
  type: "Trunk",
  group: "group",
  options: { TServer: options },
  ...own,
});

const objects: ServerObjects = {
  applications: [
    application("sip-1a", { port: 7000, ports: { sip: 5060, http: 7080 } }),
    application("sip-2a", { ports: { sip: 5070 } }),
    application("config-1a", {
      type: "ConfigurationServer",
      publicKeys: [{ kid: "k1", x: "x".repeat(43) }],
    }),
  ],
  hosts: [
    { name: "host-sip-1a", address: "192.0.2.1" },
    { name: "host-sip-2a", address: "192.0.2.2" },
  ],
  groups: [{ name: "group", sites: ["site-1", "site-2"], realm: "realm", domain: "domain" }],
  switches: [
    { name: "switch-1", site: "site-1", group: "group", tserver: "sip-1a" },
    { name: "switch-2", site: "site-2", group: "group", tserver: "sip-2a" },
  ],
  dns: [
    extension("1001", { options: { TServer: { "no-answer-timeout": 12, "peer-dn": "2001" } } }),
    extension("1002", { options: { TServer: { "dr-forward": "no-agent" } } }),
    extension("9999", { group: "another" }),
    trunk("gw-a", {
      contact: "sip:192.0.2.7:5070;transport=tcp",
      prefix: "9",
      "replace-prefix": "",
    }),
    trunk("gw-b", { contact: "sip:192.0.2.8", prefix: "9", sources: "192.0.2.8, 192.0.2.9" }),
    trunk("gw-2", { contact: "sip:192.0.2.6" }, { switch: "switch-2" }),
  ],
  persons: [
    { userName: "a", employeeId: "e", role: "agent", agentLogins: ["77", "78"], places: {} },
  ],
  agentGroups: [
    { name: "sales", agents: ["a", "b"] },
    { name: "support", agents: ["b", "c"] },
  ],
  agentLogins: [],
};

function compiled(own: Partial<ServerObjects> = {}): ReturnType<typeof compileConfig> {
  return compileConfig({ ...objects, ...own }, "sip-1a");
}

describe("what becomes of the objects", () => {
  test("this site's address, its peer, its DNs, trunks and dial plan, and all token keys", () => {
    const result = compiled();
    if (!result.ok) throw new Error(result.failure.join("; "));
    const { config, secrets, publicKeys, tlib, httpPort } = result.value;
    expect([config.site, config.host, config.port, config.realm]).toEqual([
      "site-1",
      "192.0.2.1",
      5060,
      "realm",
    ]);
    expect(config.peer).toEqual({
      site: "site-2",
      addresses: [{ host: "192.0.2.2", port: 5070 }],
      monitorMs: 2_000,
      timeoutMs: 4_000,
      forward: "off",
      isRedirecting: false,
    });
    expect(config.dns).toEqual([
      { number: "1001", peerDn: "2001", noAnswerTimeoutMs: 12_000, forward: null },
      { number: "1002", peerDn: null, noAnswerTimeoutMs: null, forward: "no-agent" },
    ]);
    const trunk = {
      failoverMs: 4_000,
      monitorMs: 30_000,
      isTrusted: false,
      calledRules: [],
      callerRules: [],
      callerOutRules: [],
      isPortGiven: true,
    };
    expect(config.trunks).toEqual([
      {
        ...trunk,
        name: "gw-a",
        host: "192.0.2.7",
        port: 5070,
        transport: "TCP" as const,
        sources: [],
      },
      {
        ...trunk,
        isPortGiven: false,
        name: "gw-b",
        host: "192.0.2.8",
        port: 5060,
        transport: "UDP",
        sources: ["192.0.2.8", "192.0.2.9"],
      },
    ]);
    expect(config.dialPlan).toEqual([
      { prefix: "9", strip: 1, prepend: "", trunks: ["gw-a", "gw-b"] },
    ]);
    expect(config.agentLogins).toEqual([
      { code: "77", userName: "a" },
      { code: "78", userName: "a" },
    ]);
    expect([...secrets.keys()]).toEqual(["1001", "1002"]);
    expect(publicKeys).toEqual([{ kid: "k1", x: "x".repeat(43) }]);
    expect([tlib, httpPort]).toEqual([{ host: "192.0.2.1", port: 7000 }, 7080]);
  });

  test("a queue has the agents of its groups, each once; DNs and logins have their own options", () => {
    const options = {
      "agent-groups": "sales, support",
      "overflow-dn": "1001",
      "overflow-time": 20,
    };
    const result = compiled({
      dns: [
        { number: "5000", type: "AcdQueue", group: "group", options: { TServer: options } },
        extension("1001", {
          options: { TServer: { "auto-answer": "notify-talk", "wrap-up-time": 5 } },
        }),
      ],
      agentLogins: [{ code: "78", annex: { TServer: { "wrap-up-time": 0.5 } } }],
    });
    if (!result.ok) throw new Error(result.failure.join("; "));
    const plain = { peerDn: null, noAnswerTimeoutMs: null, forward: null };
    expect(result.value.config.dns).toEqual([
      { number: "1001", ...plain, autoAnswer: "notify-talk", afterCallWorkMs: 5_000 },
      {
        number: "5000",
        ...plain,
        queue: {
          agents: ["a", "b", "c"],
          overflowDn: "1001",
          overflowMs: 20_000,
          waitingMax: 500,
          noAnswerTimeoutMs: null,
          announcementDn: null,
        },
      },
    ]);
    expect(result.value.config.agentLogins[1]).toEqual({
      code: "78",
      userName: "a",
      afterCallWorkMs: 500,
    });
  });

  test("peer-contact says where the peer is reached instead", () => {
    const [own, ...others] = objects.applications;
    const options = { TServer: { "peer-contact": "sip:198.51.100.1:5061, 198.51.100.2" } };
    const result = compiled({
      applications: [{ ...(own as ApplicationObject), options }, ...others],
    });
    expect(result.ok && result.value.config.peer?.addresses).toEqual([
      { host: "198.51.100.1", port: 5061 },
      { host: "198.51.100.2", port: 5060 },
    ]);
  });
});

describe("what cannot be compiled is said in sentences", () => {
  test.each([
    [{ applications: [] }, "Application sip-1a does not exist"],
    [{ switches: [] }, "no Switch names sip-1a as its tserver"],
    [{ groups: [] }, "Group group does not exist"],
    [{ hosts: [] }, "Host host-sip-1a of sip-1a does not exist"],
    [
      {
        dns: [
          {
            number: "5000",
            type: "AcdQueue",
            group: "group",
            options: { TServer: { "agent-groups": "nobody" } },
          } as const,
        ],
      },
      "Queue 5000: Agent Group nobody does not exist",
    ],
    [{ dns: [trunk("gw", { contact: "nonsense" })] }, "Trunk gw: contact must be sip:"],
  ])("%#", (own, sentence) => {
    const result = compiled(own);
    expect(result.ok ? "" : result.failure.join("; ")).toContain(sentence);
  });
});
