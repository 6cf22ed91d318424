import { readFileSync } from "node:fs";
import { verify } from "@node-rs/argon2";
import { configObjectTypes } from "@tandem/cti";
import { expect, test } from "vitest";
import { findObject } from "../configuration.ts";
import { ha1Of } from "./credentials.ts";
import { faultsText } from "./fault.ts";
import { readConfiguration } from "./load-configuration.ts";

const example = readFileSync(new URL("../../example.yaml", import.meta.url), "utf8");
const quickHash = async (): Promise<string> => "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";

/** The faults of the example with one piece of text replaced, without line and column. */
async function faultsWith(piece: string, replacement: string): Promise<readonly string[]> {
  expect(example).toContain(piece);
  const result = await readConfiguration("x", example.replace(piece, replacement), quickHash);
  return result.ok ? [] : result.failure.map(({ code, say }) => `${code}: ${say}`);
}

test("the example has no fault, and nothing in clear comes out of it", async () => {
  const result = await readConfiguration("example.yaml", example);
  if (!result.ok) throw new Error(faultsText(result.failure));
  const counts = configObjectTypes.map((type) => [type, result.value.byType.get(type)?.size]);
  expect(Object.fromEntries(counts)).toEqual({
    Tenant: 1,
    AgentGroup: 1,
    Person: 3,
    AgentLogin: 2,
    Place: 3,
    Application: 6,
    Host: 2,
    Group: 1,
    Switch: 2,
    Dn: 6,
  });
  const all = JSON.stringify([...result.value.byType.values()].map((map) => [...map.values()]));
  expect(all).not.toMatch(/change-me|phone-secret/);
  const alice = findObject(result.value, "Person", "alice");
  const bob = findObject(result.value, "Person", "bob");
  expect(await verify(alice?.passwordHash ?? "", "change-me")).toBe(true);
  expect(bob?.passwordHash).toBe(alice?.passwordHash); // hashed once
  expect(findObject(result.value, "Dn", "1001")?.ha1).toEqual(
    ha1Of("1001", "tandem", "phone-secret-1001"),
  );
});

test("HA1 as RFC 7616 §3.9.1 has it", () => {
  expect(ha1Of("Mufasa", "http-auth@example.org", "Circle of Life")).toEqual({
    md5: "3d78807defe7de2157e2b0b6573a855f",
    sha256: "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232",
  });
});

test.for([
  ["role: supervisor", "role: boss", "wrong-value: Person.role must be one of agent, supervisor"],
  ["employeeId: e-1001", "", "wrong-value: Person.employeeId is missing; give a string"],
  [
    "employeeId: e-1001",
    "employeID: e-1001",
    'unknown-field: a Person has no "employeID"; did you',
  ],
  ["agentGroups:", "agentGroup:", 'unknown-field: no list "agentGroup"; did you mean agentGroups?'],
  ["port: 7010", "port: 70100", "wrong-value: Application.port"],
  ["agentLogins: [1002]", "agentLogins: [1003]", 'dangling: there is no AgentLogin "1003"'],
  ["dns: [1001]", "dns: [1009]", 'dangling: there is no Dn "1009"; did you mean 100'],
  ["dns: [1001]", "dns: [gateway-1]", "contradictory: DN gateway-1 is a Trunk; a Place has"],
  ["host: host-1", "host: hots-1", 'dangling: there is no Host "hots-1"; did you mean host-1?'],
  ["{ code: 1002 }", "{ code: 1002 }\n  - { code: 1009 }", "dangling: Agent Login 1009 is no"],
  ["agentLogins: [1002]", "agentLogins: [1002, 1001]", "contradictory: Agent Login 1001 is of"],
  ["name: host-2,", "name: host-1,", "duplicate: Host host-1 stands twice; rename or remove one"],
  ["site-2: desktop-1 }", "site-2: desktop-2 }", "contradictory: site-1 and site-2 are both desk"],
  ["site-2: desktop-1 }", "site-2: sip-1a }", "contradictory: site-2 must name a desktop's Appl"],
  ["sites: [site-1, site-2]", "sites: [site-1, site-1]", "contradictory: both sites of Group gro"],
  [
    "tserver: sip-2a",
    "tserver: sip-1a",
    "contradictory: sip-1a is at site-1, the Switch at site-2",
  ],
  ["site-timeout: 30", "site-timout: 30", "unknown-option: section agent-desktop of a Application"],
  ["site-timeout: 30", "site-timeout: soon", "wrong-value: site-timeout must be a number"],
  ["dr-forward: no-agent", "dr-forward: agent", "wrong-value: dr-forward must be one of off, no-a"],
  ["peer-dn: 1002", "peer-dn: 1022", 'dangling: there is no Dn "1022"; did you mean'],
  ["agent-groups: sales", "agent-groups: sale", 'dangling: there is no AgentGroup "sale"; did'],
  [
    "overflow-time: 60",
    "overflow-tme: 60",
    "unknown-option: section TServer of a Dn has no option",
  ],
  ["    password: change-me #", "    #", "contradictory: alice cannot log in; give password"],
  ["password: change-me #", "passwordHash: md5 #", "wrong-value: passwordHash is no argon2id hash"],
  ["kid: site-2-key", "kid: site-1-key", 'duplicate: key "site-1-key" is config-1a\'s too'],
  ["place-2002 }", "place-1002 }", "contradictory: Place place-1002 is at site-1, not at site-2"],
] as const)("%s → %s", async ([piece, replacement, expected]) => {
  const faults = await faultsWith(piece, replacement);
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.map((fault) => fault.slice("configuration-".length))).toContainEqual(
    expect.stringContaining(expected),
  );
});

test("a fault has file, line and column; all faults come at once, in their order", async () => {
  const text = [
    "hosts:",
    "  - { name: host-1, address: 127.0.1.10 }",
    "  - { name: host-2 }",
    "places:",
    "  - name: place-1",
    "    dnss: [1001]",
    "    dns: []",
    "",
  ].join("\n");
  const result = await readConfiguration("site.yaml", text);
  expect(result.ok ? "" : faultsText(result.failure)).toBe(
    [
      "site.yaml:3:5: Host.address is missing; give a string",
      'site.yaml:6:5: a Place has no "dnss"; did you mean dns?',
    ].join("\n"),
  );
});

test("what is no YAML, twice the same key, and a file without lists", async () => {
  const faultsOf = async (text: string): Promise<string> => {
    const result = await readConfiguration("x", text);
    return result.ok ? "" : faultsText(result.failure);
  };
  expect(await faultsOf("hosts: [")).toMatch(/^x:1:\d+: .*mend the YAML here$/s);
  expect(await faultsOf("hosts: []\nhosts: []\n")).toMatch(/^x:2:1: Map keys must be unique/);
  expect(await faultsOf("- 1")).toMatch(/^x:1:1: the file must hold the lists tenants, hosts/);
  expect(await faultsOf("hosts: 7")).toBe('x:1:8: hosts must be a list: begin with "- "');
  const laughs = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (const [name, of] of ["ba", "cb", "dc", "ed", "fe"]) {
    laughs.push(`${name}: &${name} [${Array(10).fill(`*${of}`).join(",")}]`);
  }
  expect(await faultsOf(laughs.join("\n"))).toContain("Excessive alias count");
});

test("a number that is written where a name is due stays as it is written", async () => {
  const text = "hosts:\n  - { name: 0123, address: 10.0.0.1 }\n";
  const result = await readConfiguration("x", text);
  expect(result.ok && findObject(result.value, "Host", "0123")?.name).toBe("0123");
});

test("an alias may stand for what is written elsewhere", async () => {
  const text = "hosts:\n  - &one { name: a, address: 10.0.0.1 }\n  - { <<: *one, name: b }\n";
  const result = await readConfiguration("x", text.replace("<<: *one, ", "address: 10.0.0.1, "));
  expect(result.ok).toBe(true);
});
