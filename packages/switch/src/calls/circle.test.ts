import { expect, test } from "vitest";
import type { SwitchConfig } from "../config.ts";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import type { Script } from "../testing/script.ts";
import { createTwoSites, peerConfig, type TwoSites } from "../testing/two-sites.ts";

/**
 * 1001 at site 1 calls 1002 at site 2, who transfers him to 1003 at site 1, whose calls go to 1001:
 * he talks to himself through site 2. When he joins his two calls and leaves, nobody is left.
 */
function talkingToHimself(): {
  readonly sites: TwoSites;
  readonly phone: AutoPhone;
  readonly desktop: TestDesktop;
  readonly pass: (ms: number) => void;
} {
  const sites = createTwoSites(forwarding(1), forwarding(2));
  const phoneAt = (script: Script, dn: string): AutoPhone =>
    createAutoPhone(script, dn, { host: `127.0.3.${dn.slice(2)}`, port: 5060 }, "answer");
  const phone = phoneAt(sites.site1, "1001");
  const other = phoneAt(sites.site2, "1002");
  const quiet = (): void => {
    for (let round = 0; round < 6; round += 1) {
      settle(phone, other);
      sites.carry();
    }
  };
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 250) {
      sites.pass(250);
      quiet();
    }
  };
  for (const each of [phone, other]) each.register();
  quiet();
  const desktop = createDesktop(sites.site1, "1001");
  const forwarded = createDesktop(sites.site1, "1003");
  const there = createDesktop(sites.site2, "1002");
  pass(1_000);
  for (const each of [desktop, forwarded, there]) each.login();
  forwarded.send({
    request: "RequestCallForwardSet",
    thisDN: "1003",
    otherDN: "1001",
    forwardMode: "Unconditional",
  });
  pass(1_000);
  phone.invite("1002");
  pass(2_000);
  const [call] = sites.site2.state.calls.values();
  there.send({
    request: "RequestMuteTransfer",
    thisDN: "1002",
    connID: call?.connID ?? "",
    otherDN: "1003",
  });
  pass(4_000);
  return { sites, phone, desktop, pass };
}

/** Calls for a DN without a phone here go to the peer. */
function forwarding(site: 1 | 2): SwitchConfig {
  const config = peerConfig(site);
  return config.peer === null
    ? config
    : { ...config, peer: { ...config.peer, forward: "no-agent" } };
}

test("a call that goes round between the sites, with nobody in it, is found and ended", () => {
  const { sites, phone, desktop, pass } = talkingToHimself();
  const [first, second] = [...sites.site1.state.calls.values()].map(({ connID }) => connID);
  expect(phone.open()).toHaveLength(2);
  desktop.send({
    request: "RequestCompleteTransfer",
    thisDN: "1001",
    connID: first ?? "",
    transferConnID: second ?? "",
  });
  pass(1_000);
  expect(phone.open()).toHaveLength(0);
  expect([sites.site1.state.calls.size, sites.site2.state.calls.size]).toEqual([1, 1]);
  pass(10_000);
  expect([sites.site1.state.calls.size, sites.site2.state.calls.size]).toEqual([0, 0]);
});

test("while somebody takes part it goes on, however often it is asked round", () => {
  const { sites, phone, pass } = talkingToHimself();
  pass(30_000);
  expect(phone.open()).toHaveLength(2);
  expect([sites.site1.state.calls.size, sites.site2.state.calls.size]).toEqual([2, 1]);
});
