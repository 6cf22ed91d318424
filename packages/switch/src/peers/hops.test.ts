import { headerOf } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import type { PeerConfig, SwitchConfig } from "../config.ts";
import { testDn } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { createPhone, offerOf, registeredPhone } from "../testing/phone.ts";
import { requestIn, responseIn } from "../testing/script.ts";
import { createTwoSites, host2, peerConfig } from "../testing/two-sites.ts";

const alice1 = { host: "127.0.3.11", port: 5060 };
const alice2 = { host: "127.0.3.11", port: 5062 };
const gateway = { host: "127.0.3.1", port: 5070 };

/** Site 1 with these settings of its peer. */
function peered(own: Partial<PeerConfig>): SwitchConfig {
  const config = peerConfig(1);
  return config.peer === null ? config : { ...config, peer: { ...config.peer, ...own } };
}

describe("P4 where calls go", () => {
  test("P4 P6 to the site where the agent is logged in, once, with ConnID and user data", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    const phone2 = registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    const desktop = createDesktop(sites.site2, "1001");
    desktop.login();
    sites.carry();
    const caller = createPhone(sites.site1, "gateway", gateway);
    caller.invite("1001");
    sites.carry();
    const invite = requestIn(phone2.heard(), "INVITE");
    expect(headerOf(invite, "x-tandem-hop")).toBe(undefined);
    phone2.respond(180);
    phone2.respond(200, offerOf(alice2.host, 5000));
    sites.carry();
    caller.answered(responseIn(caller.heard(), 200));
    caller.ack();
    sites.carry();
    const [here] = sites.site1.state.calls.values();
    expect(desktop.heard()).toMatchObject([
      {
        event: "EventRinging",
        connID: here?.connID,
        callUUID: here?.callUUID,
        callType: "Inbound",
      },
      { event: "EventEstablished", connID: here?.connID, ani: "gateway" },
    ]);
    caller.request("BYE");
    sites.carry();
    expect(requestIn(phone2.heard(), "BYE").method).toBe("BYE");
    sites.pass(40_000);
    expect([sites.site1.state.calls.size, sites.site2.state.calls.size]).toEqual([0, 0]);
  });

  test("P4 dr-forward oos: no phone here and one there", () => {
    const sites = createTwoSites(peered({ forward: "oos" }));
    const phone2 = registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    createPhone(sites.site1, "gateway", gateway).invite("1001");
    sites.carry();
    expect(requestIn(phone2.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P4 dr-forward oos: with a phone in service here the call is delivered here", () => {
    const sites = createTwoSites(peered({ forward: "oos" }));
    const phone1 = registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    createPhone(sites.site1, "gateway", gateway).invite("1001");
    sites.carry();
    expect(requestIn(phone1.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P4 P6 302 instead of bridging, for a gateway alone", () => {
    const sites = createTwoSites(peered({ isRedirecting: true }));
    registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    createDesktop(sites.site2, "1001").login();
    sites.carry();
    const caller = createPhone(sites.site1, "gateway", gateway);
    caller.invite("1001");
    const moved = responseIn(caller.heard(), 302);
    const contact = headerOf(moved, "contact") ?? "";
    expect(contact).toMatch(/^<sip:1001~[0-9a-f]{16}@127\.0\.2\.10>$/);
    expect(sites.site1.state.calls.size).toBe(0);
    const again = createPhone(sites.site2, "gateway", gateway);
    const user = contact.slice("<sip:".length, contact.indexOf("@"));
    again.invite(user);
    const [call] = sites.site2.state.calls.values();
    expect(call).toMatchObject({ connID: user.slice(-16), dnis: "1001" });
  });

  test("P4 dr-forward off: with no login anywhere the call is delivered here", () => {
    const sites = createTwoSites();
    const phone1 = registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    createPhone(sites.site1, "gateway", gateway).invite("1001");
    sites.carry();
    expect(requestIn(phone1.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P4 dr-forward no-agent: with no login here the call goes over; a DN overrides it", () => {
    const forward = peerConfig(1);
    const config1 = {
      ...forward,
      peer: forward.peer === null ? null : { ...forward.peer, forward: "no-agent" as const },
      dns: [testDn("1001"), testDn("1002", { forward: "off" })],
    };
    const sites = createTwoSites(config1, peerConfig(2));
    const here = registeredPhone(sites.site1, "1002", alice1);
    const there = registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    const caller = createPhone(sites.site1, "gateway", gateway);
    caller.invite("1001");
    sites.carry();
    expect(requestIn(there.heard(), "INVITE").method).toBe("INVITE");
    caller.invite("1002");
    sites.carry();
    expect(requestIn(here.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P4 a phone with a DN per site: a call for one reaches the other where the agent is", () => {
    const dns = [testDn("1001", { peerDn: "1002" }), testDn("1002", { peerDn: "1001" })];
    const sites = createTwoSites(peerConfig(1, { dns }), peerConfig(2, { dns }));
    registeredPhone(sites.site1, "1001", alice1);
    const there = registeredPhone(sites.site2, "1002", alice2);
    sites.pass(1_000);
    createDesktop(sites.site2, "1002").login();
    sites.carry();
    createPhone(sites.site1, "gateway", gateway).invite("1001");
    sites.carry();
    expect(requestIn(there.heard(), "INVITE").method).toBe("INVITE");
  });
});

describe("P5 origin", () => {
  test("P5 P6 dialled at the other site: the agent's desktop sees EventDialing at its own", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    const phone2 = registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    const desktop = createDesktop(sites.site1, "1001");
    desktop.login();
    sites.carry();
    phone2.invite("9555");
    sites.carry();
    const caller = createPhone(sites.site1, "gateway", gateway);
    const invite = requestIn(caller.heard(), "INVITE");
    expect(invite.uri).toBe("sip:555@127.0.3.1:5070");
    expect(desktop.heard()).toMatchObject([{ event: "EventDialing", thisDN: "1001" }]);
    caller.respond(200, offerOf(gateway.host, 4000));
    sites.carry();
    expect(responseIn(phone2.heard(), 200).body).toContain("m=audio 4000");
    expect(desktop.names()).toEqual(["EventNetworkReached", "EventEstablished"]);
  });

  test("P5 P6 to a DN at the site it was dialled at: over and back, each kind of hop once", () => {
    const sites = createTwoSites();
    const bob2 = registeredPhone(sites.site2, "1002", { host: "127.0.3.12", port: 5062 });
    const phone2 = registeredPhone(sites.site2, "1001", alice2);
    registeredPhone(sites.site1, "1001", alice1);
    sites.pass(1_000);
    createDesktop(sites.site1, "1001").login();
    createDesktop(sites.site2, "1002").login();
    sites.carry();
    phone2.invite("1002");
    sites.carry();
    expect(requestIn(bob2.heard(), "INVITE").method).toBe("INVITE");
    expect(sites.site2.state.calls.size).toBe(2);
    const connIDs = [...sites.site2.state.calls.values()].map(({ connID }) => connID);
    expect(connIDs[0]).toBe(connIDs[1]);
  });

  test("P5 with the peer gone the call is served where it arrived", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    const phone2 = registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    createDesktop(sites.site1, "1001").login();
    sites.carry();
    sites.trunk = "cut";
    sites.pass(4_000);
    phone2.invite("9555");
    const caller = createPhone(sites.site2, "gateway", gateway);
    expect(requestIn(caller.heard(), "INVITE").method).toBe("INVITE");
  });
});

describe("P5 P8 a peer that does not answer", () => {
  function ready(): {
    sites: ReturnType<typeof createTwoSites>;
    phone1: ReturnType<typeof registeredPhone>;
  } {
    const sites = createTwoSites();
    const phone1 = registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1001", alice2);
    sites.pass(1_000);
    createDesktop(sites.site2, "1001").login();
    sites.carry();
    return { sites, phone1 };
  }

  test("P8 held dead while a call is on its way there: the call is delivered here at once", () => {
    const { sites, phone1 } = ready();
    sites.trunk = "cut";
    createPhone(sites.site1, "gateway", gateway).invite("1001");
    sites.pass(2_000);
    expect(phone1.heard()).toEqual([]);
    sites.pass(1_750);
    expect(requestIn(phone1.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P8 the connection closes before any response: the call is delivered here", () => {
    const { sites, phone1 } = ready();
    createPhone(sites.site1, "gateway", gateway).invite("1001");
    sites.site1.sentOver(host2);
    sites.site1.step({ kind: "flowClosed", name: "1.1", remoteHost: host2 });
    expect(requestIn(phone1.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P5 an origin hop that fails: the call is served where it arrived", () => {
    const { sites } = ready();
    const phone = createPhone(sites.site1, "1001", alice1);
    phone.invite("9555");
    sites.site1.sentOver(host2);
    sites.site1.step({ kind: "flowClosed", name: "1.1", remoteHost: host2 });
    const carrier = createPhone(sites.site1, "gateway", gateway);
    expect(requestIn(carrier.heard(), "INVITE").uri).toBe("sip:555@127.0.3.1:5070");
  });
});

describe("P6 hops", () => {
  const forged = "destination;used=destination;conn=00000000000000aa;uuid=" + "0".repeat(32);

  test("P6 a hop is believed from the peer trunk only", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    sites.pass(1_000);
    const caller = createPhone(sites.site1, "gateway", gateway);
    caller.invite("1001", undefined, [["X-Tandem-Hop", forged]]);
    const [call] = sites.site1.state.calls.values();
    expect(call?.hopsUsed).toEqual([]);
    expect(call?.connID).not.toBe("00000000000000aa");
  });

  test("P6 from the peer trunk an INVITE that is no hop is refused", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    const phone = createPhone(sites.site1, "gateway", {
      host: host2,
      port: 5060,
      transport: "TCP",
    });
    phone.invite("1001", undefined, [["X-Tandem-Hop", "sideways;conn=1"]]);
    expect(responseIn(phone.heard(), 403).reason).toBe("Not A Hop");
  });

  test("P6 user data over 1 KB travels in the body", () => {
    const sites = createTwoSites();
    registeredPhone(sites.site1, "1001", alice1);
    registeredPhone(sites.site2, "1002", alice2);
    sites.pass(1_000);
    const caller = createDesktop(sites.site1, "1001");
    caller.login();
    const callee = createDesktop(sites.site2, "1002");
    callee.login();
    sites.carry();
    const note = "ä".repeat(2_000);
    const userData = { note };
    caller.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002", userData });
    const phone1 = createPhone(sites.site1, "1001", alice1);
    phone1.heard();
    phone1.respond(200, offerOf(alice1.host, 5000));
    sites.carry();
    const phone2 = createPhone(sites.site2, "1002", alice2);
    phone2.heard();
    phone2.respond(180);
    expect(callee.heard()).toMatchObject([{ event: "EventRinging", userData: { note } }]);
  });
});

describe("P8 alone", () => {
  test("P8 with the trunk cut each site serves what reaches it; healing touches no call", () => {
    const sites = createTwoSites();
    const phone1 = registeredPhone(sites.site1, "1001", alice1);
    sites.pass(1_000);
    sites.trunk = "cut";
    sites.pass(4_000);
    const caller = createPhone(sites.site1, "gateway", gateway);
    caller.invite("1001");
    phone1.heard();
    phone1.respond(200, offerOf(alice1.host, 5000));
    caller.answered(responseIn(caller.heard(), 200));
    caller.ack();
    phone1.heard();
    sites.trunk = "up";
    sites.pass(2_000);
    expect(sites.site1.state.peer.isAlive).toBe(true);
    expect(phone1.heard()).toEqual([]);
    expect(sites.site1.state.calls.size).toBe(1);
  });
});

test("P8 healed, a call whose other half hung up meanwhile ends; one that lives does not", () => {
  const sites = createTwoSites();
  const phone2 = registeredPhone(sites.site2, "1001", alice2);
  const other2 = registeredPhone(sites.site2, "1002", { host: "127.0.3.12", port: 5062 });
  sites.pass(1_000);
  createDesktop(sites.site2, "1001").login();
  createDesktop(sites.site2, "1002").login();
  sites.carry();
  const callers = [gateway, { host: gateway.host, port: 5071 }].map((address, index) => {
    const caller = createPhone(sites.site1, "gateway", address);
    const callee = index === 0 ? phone2 : other2;
    caller.invite(index === 0 ? "1001" : "1002");
    sites.carry();
    callee.heard();
    callee.respond(200, offerOf(alice2.host, 5000));
    sites.carry();
    caller.answered(responseIn(caller.heard(), 200));
    caller.ack();
    sites.carry();
    return caller;
  });
  sites.trunk = "cut";
  callers[0]?.request("BYE");
  sites.pass(5_000);
  expect([sites.site1.state.calls.size, sites.site2.state.calls.size]).toEqual([1, 2]);
  sites.trunk = "up";
  sites.pass(2_000);
  expect([sites.site1.state.calls.size, sites.site2.state.calls.size]).toEqual([1, 1]);
  expect(requestIn(phone2.heard(), "BYE").method).toBe("BYE");
});
