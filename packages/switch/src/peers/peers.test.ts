import { describe, expect, test } from "vitest";
import { testConfig, testDn } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { registeredPhone } from "../testing/phone.ts";
import { createTwoSites, peerConfig } from "../testing/two-sites.ts";

const alice1 = { host: "127.0.3.11", port: 5060 };
const alice2 = { host: "127.0.3.11", port: 5062 };

describe("P1 monitor", () => {
  test("P1 OPTIONS find the peer, and each desktop hears of it", () => {
    const sites = createTwoSites();
    const desktop = createDesktop(sites.site1, "1001");
    expect(sites.site1.state.peer.isAlive).toBe(false);
    sites.pass(1_000);
    expect([sites.site1.state.peer.isAlive, sites.site2.state.peer.isAlive]).toEqual([true, true]);
    expect(desktop.names()).toEqual(["EventServerInfo"]);
  });

  test("P1 a peer that says nothing for peer-timeout is dead, no sooner", () => {
    const sites = createTwoSites();
    sites.pass(1_000);
    sites.trunk = "cut";
    sites.pass(2_500);
    expect(sites.site1.state.peer.isAlive).toBe(true);
    sites.pass(1_000);
    expect(sites.site1.state.peer.isAlive).toBe(false);
  });

  test("P1 a peer all of whose addresses refuse is dead at once", () => {
    const sites = createTwoSites();
    sites.pass(1_000);
    sites.trunk = "site-2-refuses";
    sites.pass(500);
    expect(sites.site1.state.peer.isAlive).toBe(false);
  });
});

describe("P2 logins", () => {
  test("P2 the full state, then changes; and forgotten when the peer is held dead", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site2, "1001", alice2);
    const desktop = createDesktop(sites.site2, "1001");
    desktop.login();
    sites.pass(1_000);
    const known = (): unknown => sites.site1.state.peer.logins.get("1001");
    expect(known()).toMatchObject({ userName: "agent-1001", isOpen: true, state: "Ready" });
    desktop.send({ request: "RequestAgentSetNotReady", thisDN: "1001" });
    sites.carry();
    expect(known()).toMatchObject({ state: "NotReady" });
    desktop.close();
    sites.pass(10_500);
    expect(known()).toMatchObject({ isOpen: false });
    sites.trunk = "cut";
    sites.pass(4_000);
    expect(known()).toBe(undefined);
  });

  test("P2 more than a page: 450 DNs arrive in three", () => {
    const numbers = Array.from({ length: 450 }, (_, index) => String(2_000 + index));
    const dns = numbers.map((number) => testDn(number));
    const sites = createTwoSites(peerConfig(1, { dns }), peerConfig(2, { dns }));
    for (const [index, number] of numbers.entries()) {
      registeredPhone(sites.site2, number, { host: "127.0.3.12", port: 6_000 + index });
    }
    sites.pass(1_000);
    expect(sites.site1.state.peer.inService.size).toBe(450);
    expect(sites.site2.state.peer.subscriber?.version).toBe(3);
  });

  test("P2 a gap in the numbers asks for the full state again", () => {
    const sites = createTwoSites();
    sites.pass(1_000);
    sites.site1.state.peer.remoteVersion = 77;
    registeredPhone(sites.site2, "1002", alice2);
    sites.pass(250);
    expect(sites.site1.state.peer.inService.has("1002")).toBe(true);
  });
});

describe("P3 lease", () => {
  test("P3 a later login at the other site wins, and only the loser acts", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    const first = createDesktop(sites.site1, "1001");
    first.login();
    sites.carry();
    const second = createDesktop(sites.site2, "1001");
    second.login();
    expect(sites.site2.state.agents.get("1001")?.lease.epoch).toBe(2);
    sites.carry();
    expect(first.heard()).toMatchObject([
      {
        event: "EventAgentLogout",
        lease: { epoch: 1, site: "site-1" },
        wonBy: { agentID: "1001", lease: { epoch: 2, site: "site-2" } },
        extensions: { ReasonCode: "dr-peer-login" },
      },
    ]);
    expect(second.names()).toEqual([]);
  });

  test("P3 a login without an open session loses against one with", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.trunk = "cut";
    const lost = createDesktop(sites.site2, "1001");
    lost.login();
    lost.send({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1001", leaseEpoch: 9 });
    lost.close();
    const open = createDesktop(sites.site1, "1001");
    open.login();
    sites.pass(10_500);
    sites.trunk = "up";
    sites.pass(1_000);
    expect(sites.site1.state.agents.has("1001")).toBe(true);
    expect(sites.site2.state.agents.has("1001")).toBe(false);
  });

  test("P3 healed, two open logins: the later epoch stays; nothing is decided while cut", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.trunk = "cut";
    createDesktop(sites.site1, "1001").login();
    const desktop = createDesktop(sites.site2, "1001");
    desktop.login();
    desktop.send({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1001", leaseEpoch: 5 });
    sites.pass(2_000);
    expect(sites.site1.state.agents.has("1001")).toBe(true);
    sites.trunk = "up";
    sites.pass(1_000);
    expect(sites.site1.state.agents.has("1001")).toBe(false);
    expect(sites.site2.state.agents.get("1001")?.lease.epoch).toBe(6);
  });
});

test("P1 without a peer nothing is probed", () => {
  const sites = createTwoSites(testConfig(), peerConfig(2));
  sites.pass(2_000);
  expect(sites.site1.state.peer.isAlive).toBe(false);
});
