import { expect, test } from "vitest";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { connectedPhone, type ConnectedPhone } from "../testing/connected-phone.ts";
import { createDesktop } from "../testing/desktop.ts";
import { createTwoSites, host2, type TwoSites } from "../testing/two-sites.ts";

/**
 * Anna (1001) is logged in at site 1 and calls Bert (1002) there, through site 2: her phone takes
 * either site. Site 2 passes the call on (P5), over a connection between the sites.
 */
interface Passing {
  readonly sites: TwoSites;
  readonly annaAt1: ConnectedPhone;
  readonly annaAt2: ConnectedPhone;
  readonly bert: AutoPhone;
  readonly all: () => void;
}

function callThroughSite2(): Passing {
  const sites = createTwoSites();
  const annaAt1 = connectedPhone(sites.site1, "1001", 11);
  const annaAt2 = connectedPhone(sites.site2, "1001", 11);
  const bert = createAutoPhone(sites.site1, "1002", { host: "127.0.3.12", port: 5060 }, "answer");
  bert.register();
  settle(bert);
  createDesktop(sites.site1, "1001").login();
  sites.pass(1_000);
  const all = (): void => {
    for (let round = 0; round < 4; round += 1) {
      settle(annaAt1.phone, annaAt2.phone, bert);
      sites.carry();
    }
  };
  annaAt2.phone.invite("1002");
  all();
  expect([annaAt2.phone.open().length, bert.open().length]).toEqual([1, 1]);
  expect(sites.site2.state.callsByDn.has("1001")).toBe(false);
  return { sites, annaAt1, annaAt2, bert, all };
}

test("a phone that only comes in here: its leg follows it to its new connection", () => {
  const { sites, annaAt2, bert, all } = callThroughSite2();
  annaAt2.drop();
  annaAt2.comeBack();
  all();
  bert.leave();
  all();
  expect(annaAt2.phone.open()).toEqual([]);
  sites.pass(40_000);
  expect(sites.site2.state.flows.dialogs.size).toBe(0);
});

test("the connection between the sites is lost: the leg over it is not her other phone's", () => {
  const { sites, annaAt1, annaAt2, bert, all } = callThroughSite2();
  sites.site1.step({ kind: "flowClosed", name: "1.1", remoteHost: host2 });
  annaAt1.drop();
  annaAt1.comeBack();
  all();
  bert.leave();
  all();
  expect(annaAt2.phone.open()).toEqual([]);
  expect(annaAt1.phone.heard).not.toContain("BYE");
});
