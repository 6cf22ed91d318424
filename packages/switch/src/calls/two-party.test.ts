import { headerOf, headersOf, tagOf } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import { testConfig, testDn } from "../testing/config.ts";
import { connect, createPhone, offerOf } from "../testing/phone.ts";
import { createScript, requestIn, responseIn, type Script } from "../testing/script.ts";

const gatewayAddress = { host: "127.0.3.1", port: 5070 };
const aliceAddress = { host: "127.0.3.11", port: 5060 };
const bobAddress = { host: "127.0.3.12", port: 5060 };

function start(): {
  script: Script;
  gateway: ReturnType<typeof createPhone>;
  alice: ReturnType<typeof createPhone>;
  bob: ReturnType<typeof createPhone>;
} {
  const script = createScript(testConfig());
  const gateway = createPhone(script, "gateway", gatewayAddress);
  const alice = createPhone(script, "1001", aliceAddress);
  const bob = createPhone(script, "1002", bobAddress);
  alice.register();
  bob.register();
  alice.heard();
  bob.heard();
  return { script, gateway, alice, bob };
}

/** Everything of calls is gone once the transactions have run out; only bindings remain. */
function expectNothingLeft(script: Script): void {
  script.pass(40_000);
  const { calls, dialogs, callsByDn, transactions } = script.state;
  expect([calls.size, dialogs.size, callsByDn.size, transactions.size]).toEqual([0, 0, 0, 0]);
  const timers = [...script.state.timers.armed.keys()].filter((key) => !key.startsWith("dn/"));
  expect(timers.filter((key) => !key.startsWith("ring/"))).toEqual([]);
}

const firsts = (messages: readonly { first: string }[]): string[] =>
  messages.map(({ first }) => first.replace(/^(\w+) sip:\S+/, "$1"));

describe("a call between two parties", () => {
  test("inbound: INVITE, 180, 200, ACK, BYE of the caller", () => {
    const { script, gateway, alice } = start();
    gateway.invite("1001");
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 100 Trying"]);
    const invite = requestIn(alice.heard(), "INVITE");
    expect(headerOf(invite, "max-forwards")).toBe("69");
    expect(invite.uri).toBe("sip:1001@127.0.3.11:5060");
    alice.respond(180);
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 180 Ringing"]);
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    expect(firsts(alice.heard())).toEqual(["ACK SIP/2.0"]);
    const ok = responseIn(gateway.heard(), 200);
    expect(ok.body).toContain("m=audio 5000 RTP/AVP 0");
    gateway.answered(ok);
    gateway.ack();
    gateway.request("BYE");
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 200 OK"]);
    const bye = requestIn(alice.heard(), "BYE");
    alice.reply(bye, 200);
    expectNothingLeft(script);
  });

  test("internal: BYE of the callee ends both legs", () => {
    const { script, alice, bob } = start();
    connect(alice, bob, "1002");
    bob.request("BYE");
    const bye = requestIn(alice.heard(), "BYE");
    alice.reply(bye, 200);
    expect(firsts(bob.heard())).toEqual(["SIP/2.0 200 OK"]);
    expectNothingLeft(script);
  });

  test("outbound by the dial plan, with its prefix stripped", () => {
    const { script, gateway, alice } = start();
    alice.invite("9555123");
    const invite = requestIn(gateway.heard(), "INVITE");
    expect(invite.uri).toBe("sip:555123@127.0.3.1:5070");
    gateway.respond(486);
    expect(firsts(gateway.heard())).toEqual(["ACK SIP/2.0"]);
    expect(firsts(alice.heard())).toEqual(["SIP/2.0 100 Trying", "SIP/2.0 486 Busy Here"]);
    alice.ackFailure();
    expectNothingLeft(script);
  });

  test("early media passes with its description", () => {
    const { gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(183, offerOf(aliceAddress.host, 5000));
    expect(responseIn(gateway.heard(), 183).body).toContain("m=audio 5000");
  });

  test.each([
    ["an unknown number", "7777", "SIP/2.0 404 Not Found"],
    ["a DN that nobody registered", "1003", "SIP/2.0 480 Temporarily Unavailable"],
    ["an outside number from a trunk", "9555", "SIP/2.0 404 Not Found"],
  ])("%s is refused and leaves nothing", (_, number, answer) => {
    const { script, gateway } = start();
    gateway.invite(number);
    expect(firsts(gateway.heard())).toEqual([answer]);
    gateway.ackFailure();
    expectNothingLeft(script);
  });

  test("a caller whom nobody vouches for is refused", () => {
    const { script } = start();
    const stranger = createPhone(script, "stranger", { host: "127.0.3.99", port: 5060 });
    stranger.invite("1001");
    expect(firsts(stranger.heard())).toEqual(["SIP/2.0 403 Forbidden"]);
  });

  test("no answer within the DN's own time: CANCEL to the phone, 480 to the caller", () => {
    const script = createScript(
      testConfig({ dns: [testDn("1001", { noAnswerTimeoutMs: 5_000 }), testDn("1002")] }),
    );
    const gateway = createPhone(script, "gateway", gatewayAddress);
    const alice = createPhone(script, "1001", aliceAddress);
    alice.register();
    gateway.invite("1001");
    alice.heard();
    alice.respond(180);
    gateway.heard();
    script.pass(4_750);
    expect(alice.heard()).toEqual([]);
    script.pass(500);
    const cancel = requestIn(alice.heard(), "CANCEL");
    alice.reply(cancel, 200);
    alice.respond(487);
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 480 No Answer"]);
    gateway.ackFailure();
    expectNothingLeft(script);
  });
});

describe("CANCEL (RFC 3261 §9)", () => {
  test("before an answer: 200, 487, and the phone stops ringing", () => {
    const { script, gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(180);
    gateway.heard();
    gateway.cancel();
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    gateway.ackFailure();
    alice.reply(requestIn(alice.heard(), "CANCEL"), 200);
    alice.respond(487);
    expect(firsts(alice.heard())).toEqual(["ACK SIP/2.0"]);
    expectNothingLeft(script);
  });

  test("before any provisional response the CANCEL waits for one", () => {
    const { script, gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    gateway.cancel();
    expect(alice.heard()).toEqual([]);
    alice.respond(180);
    expect(firsts(alice.heard())).toEqual(["CANCEL SIP/2.0"]);
    alice.respond(487);
    gateway.ackFailure();
    expectNothingLeft(script);
  });

  test("a 200 that crosses it is acknowledged and hung up", () => {
    const { script, gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(180);
    gateway.cancel();
    gateway.ackFailure();
    alice.heard();
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    const heard = alice.heard();
    expect(firsts(heard)).toEqual(["ACK SIP/2.0", "BYE SIP/2.0"]);
    alice.reply(requestIn(heard, "BYE"), 200);
    expectNothingLeft(script);
  });

  test("of nothing gets 481 and leaves nothing", () => {
    const { script, gateway } = start();
    gateway.invite("7777");
    gateway.ackFailure();
    script.pass(40_000);
    gateway.heard();
    gateway.cancel();
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    expectNothingLeft(script);
  });
});

describe("2xx and ACK (RFC 3261 §13.3.1.4)", () => {
  test("a 2xx is repeated at T1, 2·T1, … T2, and without an ACK the call ends after 64·T1", () => {
    const { script, gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    const ok = responseIn(gateway.heard(), 200);
    script.pass(500);
    script.pass(1_000);
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
    script.pass(31_000);
    const said = firsts(gateway.heard());
    expect(said.at(-1)).toMatch(/^BYE/);
    gateway.answered(ok);
    alice.reply(requestIn(alice.heard(), "BYE"), 200);
    expectNothingLeft(script);
  });

  test("a repeated 2xx gets the same ACK again", () => {
    const { alice, gateway } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    const first = alice.heard().map(({ text }) => text);
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    expect(alice.heard().map(({ text }) => text)).toEqual(first);
  });

  test("the callee that hangs up before the ACK: BYE to the caller waits for it", () => {
    const { script, gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    gateway.answered(responseIn(gateway.heard(), 200));
    alice.heard();
    alice.request("BYE");
    expect(gateway.heard()).toEqual([]);
    gateway.ack();
    gateway.reply(requestIn(gateway.heard(), "BYE"), 200);
    expectNothingLeft(script);
  });
});

describe("re-INVITE (RFC 3261 §14)", () => {
  test("hold and retrieve pass through, with a version that rises", () => {
    const { gateway, alice } = start();
    connect(gateway, alice, "1001");
    alice.request("INVITE", offerOf(aliceAddress.host, 5000, "sendonly"));
    const held = requestIn(gateway.heard(), "INVITE");
    expect(held.body).toContain("a=sendonly");
    expect(/^o=- \d+ (\d+)/m.exec(held.body)?.[1]).toBe("2");
    gateway.reply(held, 200, offerOf(gatewayAddress.host, 4000, "recvonly"));
    expect(firsts(gateway.heard())).toEqual(["ACK SIP/2.0"]);
    expect(responseIn(alice.heard(), 200).body).toContain("a=recvonly");
    alice.ackLast();
    alice.request("INVITE", offerOf(aliceAddress.host, 5000));
    const back = requestIn(gateway.heard(), "INVITE");
    expect(/^o=- \d+ (\d+)/m.exec(back.body)?.[1]).toBe("3");
  });

  test("glare: a second one from the other side gets 491, and the first goes on", () => {
    const { gateway, alice } = start();
    connect(gateway, alice, "1001");
    alice.request("INVITE", offerOf(aliceAddress.host, 5000, "sendonly"));
    const held = requestIn(gateway.heard(), "INVITE");
    gateway.request("INVITE", offerOf(gatewayAddress.host, 4000));
    expect(firsts(gateway.heard())).toEqual(["SIP/2.0 491 Request Pending"]);
    gateway.reply(held, 200, offerOf(gatewayAddress.host, 4000));
    expect(firsts(alice.heard())).toEqual(["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
  });

  test("a 491 of the far end is passed back", () => {
    const { gateway, alice } = start();
    connect(gateway, alice, "1001");
    alice.request("INVITE", offerOf(aliceAddress.host, 5000));
    gateway.reply(requestIn(gateway.heard(), "INVITE"), 491);
    expect(responseIn(alice.heard(), 491).status).toBe(491);
  });

  test("481 of the far end ends the call", () => {
    const { gateway, alice } = start();
    connect(gateway, alice, "1001");
    alice.request("INVITE", offerOf(aliceAddress.host, 5000));
    gateway.reply(requestIn(gateway.heard(), "INVITE"), 481);
    expect(firsts(alice.heard())).toContain("BYE SIP/2.0");
  });
});

describe("dialogs", () => {
  test("a delayed offer passes: the 200 offers, the ACK answers", () => {
    const { gateway, alice } = start();
    gateway.invite("1001", "");
    expect(requestIn(alice.heard(), "INVITE").body).toBe("");
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    const ok = responseIn(gateway.heard(), 200);
    expect(ok.body).toContain("m=audio 5000");
    expect(alice.heard()).toEqual([]);
    gateway.answered(ok);
    gateway.ack(offerOf(gatewayAddress.host, 4000));
    expect(requestIn(alice.heard(), "ACK").body).toContain("m=audio 4000");
  });

  test("tags of responses are one and the same, and Record-Route is copied", () => {
    const { gateway, alice } = start();
    gateway.invite("1001");
    alice.heard();
    alice.respond(180);
    const ringing = responseIn(gateway.heard(), 180);
    alice.respond(200, offerOf(aliceAddress.host, 5000));
    const ok = responseIn(gateway.heard(), 200);
    expect(tagOf(ok, "to")).toBe(tagOf(ringing, "to"));
    expect(headersOf(ok, "record-route")).toEqual([]);
  });

  test("a third party's BYE with other tags is no one's", () => {
    const { script, gateway, alice } = start();
    connect(gateway, alice, "1001");
    const stranger = createPhone(script, "1002", bobAddress);
    const [dialog] = script.state.dialogs.keys();
    stranger.strangeBye(dialog?.split("|")[0] ?? "");
    expect(firsts(stranger.heard())).toEqual(["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    expect(script.state.calls.size).toBe(1);
  });

  test("OPTIONS in the dialog is answered", () => {
    const { gateway, alice } = start();
    connect(gateway, alice, "1001");
    alice.request("OPTIONS");
    expect(firsts(alice.heard())).toEqual(["SIP/2.0 200 OK"]);
  });
});
