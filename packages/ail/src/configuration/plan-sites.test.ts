import type { ApplicationObject, LoginObjects, OptionSection } from "@tandem/cti";
import { describe, expect, test } from "vitest";
import { optionDefaults, profiles } from "./desktop-options.ts";
import type { LocalConfiguration } from "./local-configuration.ts";
import { planSites } from "./plan-sites.ts";

const local: LocalConfiguration = {
  sites: [
    { applicationName: "desk-1", configUrls: ["ws://local-1/config"] },
    { applicationName: "desk-2", configUrls: ["ws://local-2/config"] },
  ],
};

interface Case {
  readonly person?: OptionSection;
  readonly groups?: Readonly<Record<string, OptionSection>>;
  readonly tenant?: OptionSection;
  readonly application?: OptionSection;
}

describe("which sites, in which order", () => {
  test.each<[string, Case, readonly string[]]>([
    ["R2 nobody says: the local configuration's order", {}, ["site-1", "site-2"]],
    [
      "R2 the Person says",
      { person: { "site-1": "desk-2", "site-2": "desk-1" } },
      ["site-2", "site-1"],
    ],
    [
      "R2 the Person goes before Agent Group and Tenant",
      {
        person: { "site-1": "desk-2" },
        groups: { a: { "site-1": "desk-1" } },
        tenant: { "site-1": "desk-1" },
      },
      ["site-2", "site-1"],
    ],
    [
      "R2 of the Agent Groups the last by name says",
      { groups: { b: { "site-1": "desk-2" }, a: { "site-1": "desk-1" } } },
      ["site-2", "site-1"],
    ],
    ["R2 then the Tenant", { tenant: { "site-1": "desk-2" } }, ["site-2", "site-1"]],
    [
      "R2 both sites come from the same level",
      { person: { "site-1": "desk-2" }, tenant: { "site-1": "desk-1", "site-2": "desk-3" } },
      ["site-2", "site-1"],
    ],
    [
      "R2 an equal site-2 is the other site of the local configuration",
      { person: { "site-1": "desk-2", "site-2": "desk-2" } },
      ["site-2", "site-1"],
    ],
    [
      "R2 the sample's disaster-recovery.preferred-site where site-1 is absent",
      { person: { "disaster-recovery.preferred-site": "desk-2" } },
      ["site-2", "site-1"],
    ],
    [
      "R2 site-1 goes before the sample's name",
      { person: { "disaster-recovery.preferred-site": "desk-2", "site-1": "desk-1" } },
      ["site-1", "site-2"],
    ],
    [
      "R2 a site that the local configuration does not know",
      { person: { "site-1": "desk-3", "site-2": "desk-2" } },
      ["site-3", "site-2"],
    ],
  ])("%s", (_rule, given, names) => {
    expect(planSites(local, objectsOf(given)).sites.map((site) => site.name)).toEqual(names);
  });

  test("R2 one Application for both sites, as in the sample: position decides", () => {
    const same: LocalConfiguration = {
      sites: local.sites.map((site) => ({ ...site, applicationName: "desk-1" })),
    };
    const objects = objectsOf({ person: { "disaster-recovery.preferred-site": "desk-1" } });
    expect(planSites(same, objects).sites.map((site) => site.local)).toEqual([0, 1]);
  });
});

test("R2 the Application's connections name the site's servers, both nodes of each pair", () => {
  expect(planSites(local, objectsOf({})).sites[0]).toEqual({
    local: 0,
    name: "site-1",
    applicationName: "desk-1",
    configUrls: ["ws://127.0.1.10:7010/config"],
    tlibUrls: ["ws://127.0.1.10:7000/tlib", "ws://127.0.1.12:7000/tlib"],
    placeName: "place-1",
    dns: ["1001"],
    hasStatServer: false,
  });
});

test("what is not as the guide wants it is said", () => {
  const objects = { ...objectsOf({}), applications: [], places: [] };
  expect(planSites(local, objects).warnings).toEqual([
    "Application desk-1 has no connection to a SIP Server (at desk-1).",
    "There is no Place for this person at desk-1.",
    "Application desk-2 has no connection to a SIP Server (at desk-2).",
    "There is no Place for this person at desk-2.",
  ]);
});

describe("options", () => {
  test("absent timers are off; a profile sets them; an option overrides the profile", () => {
    const timers = (given: Case, profile?: "seed" | "fast"): readonly number[] => {
      const { options } = planSites(local, objectsOf(given), profile && { profile });
      return [options.siteTimeoutMs, options.sipRegisterTimeoutMs, options.addpTimeoutSeconds];
    };
    expect(timers({})).toEqual([0, 0, 20]);
    expect(timers({}, "seed")).toEqual([30_000, 30_000, 20]);
    expect(timers({}, "fast")).toEqual([3_000, 30_000, 2]);
    expect(timers({ application: { "site-timeout": 7 } }, "fast")).toEqual([7_000, 30_000, 2]);
    expect(timers({ application: { "site-timeout": 0 } }, "fast")).toEqual([0, 30_000, 2]);
    expect(timers({ application: { "site-timeout": "0.5", "addp-timeout": "4" } })).toEqual([
      500, 0, 4,
    ]);
    expect(timers({ application: { "site-timeout": "soon" } }, "seed")[0]).toBe(30_000);
  });

  test("R2 disaster-recovery.timeout counts only where the Application has no site-timeout", () => {
    const person = { "disaster-recovery.timeout": "12" };
    const timeout = (given: Case): number =>
      planSites(local, objectsOf(given)).options.siteTimeoutMs;
    expect(timeout({ person })).toBe(12_000);
    expect(timeout({ person, application: { "site-timeout": "9" } })).toBe(9_000);
  });

  test("the Person overrides policies, not timers", () => {
    const given: Case = {
      person: { "restore-state": "never", "site-timeout": 1 },
      application: { "restore-state": "not-ready", "site-timeout": 9 },
    };
    expect(planSites(local, objectsOf(given)).options).toEqual({
      ...optionDefaults,
      restoreState: "never",
      siteTimeoutMs: 9_000,
    });
  });

  test("in the profile fast telephony is OFF later than any switchover inside a pair takes", () => {
    expect(profiles.fast.noPrimaryTimeoutMs).toBe(3_000);
    expect(profiles.seed.noPrimaryTimeoutMs).toBe(4_000);
  });
});

function objectsOf(given: Case): LoginObjects {
  const annexOf = (
    section: OptionSection | undefined,
  ): { annex: { "agent-desktop": OptionSection } } => ({
    annex: { "agent-desktop": section ?? {} },
  });
  const desks = [1, 2, 3].map(
    (number): ApplicationObject => ({
      name: `desk-${number}`,
      type: "ThirdPartyApplication",
      site: `site-${number}`,
      connections: [`config-${number}a`, `sip-${number}a`],
      options: { "agent-desktop": given.application ?? {} },
    }),
  );
  const servers = [1, 2, 3].flatMap((number): readonly ApplicationObject[] => [
    {
      name: `config-${number}a`,
      type: "ConfigurationServer",
      host: `host-${number}`,
      port: 7010,
      connections: [],
    },
    {
      name: `sip-${number}a`,
      type: "TServer",
      host: `host-${number}`,
      port: 7000,
      connections: [],
      backup: `sip-${number}b`,
    },
    {
      name: `sip-${number}b`,
      type: "TServer",
      host: `127.0.${number}.12`,
      port: 7000,
      connections: [],
    },
  ]);
  return {
    person: {
      userName: "agent-1001",
      employeeId: "e1001",
      role: "agent",
      agentLogins: ["1001"],
      places: { "site-1": "place-1", "site-2": "place-2", "site-3": "place-3" },
      ...annexOf(given.person),
    },
    tenant: { name: "tandem", ...annexOf(given.tenant) },
    agentGroups: Object.entries(given.groups ?? {}).map(([name, section]) => ({
      name,
      agents: ["agent-1001"],
      ...annexOf(section),
    })),
    agentLogins: [{ code: "1001" }],
    places: [1, 2, 3].map((number) => ({ name: `place-${number}`, dns: ["1001"] })),
    dns: [],
    applications: [...desks, ...servers],
    hosts: [1, 2, 3].map((number) => ({ name: `host-${number}`, address: `127.0.${number}.10` })),
    groups: [],
  };
}
