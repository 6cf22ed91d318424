import { cseqOf, headerOf } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import { testConfig } from "../testing/config.ts";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import { connect, createPhone, offerOf, type TestPhone } from "../testing/phone.ts";
import { createScript, requestIn, responseIn, type Script } from "../testing/script.ts";

interface Two {
  readonly script: Script;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly gateway: TestPhone;
  readonly atAlice: TestDesktop;
  readonly atBob: TestDesktop;
}

function start(): Two {
  const script = createScript(testConfig());
  const alice = createPhone(script, "1001", { host: "127.0.3.11", port: 5060 });
  const bob = createPhone(script, "1002", { host: "127.0.3.12", port: 5060 });
  const gateway = createPhone(script, "gateway", { host: "127.0.3.1", port: 5070 });
  for (const phone of [alice, bob]) {
    phone.register();
    phone.heard();
  }
  const atAlice = createDesktop(script, "1001");
  const atBob = createDesktop(script, "1002");
  atAlice.login();
  atBob.login();
  return { script, alice, bob, gateway, atAlice, atBob };
}

const onlyConnID = (script: Script): string => [...script.state.calls.values()][0]?.connID ?? "";

describe("who sees which event, in which order", () => {
  test("internal call, the callee hangs up", () => {
    const { alice, bob, atAlice, atBob } = start();
    connect(alice, bob, "1002");
    bob.request("BYE");
    expect(atAlice.names()).toEqual([
      "EventDialing",
      "EventEstablished",
      "EventReleased RemoteRelease",
    ]);
    expect(atBob.names()).toEqual(["EventRinging", "EventEstablished", "EventReleased"]);
  });

  test("busy", () => {
    const { alice, bob, atAlice, atBob } = start();
    alice.invite("1002");
    bob.heard();
    bob.respond(486);
    expect(atAlice.names()).toEqual([
      "EventDialing",
      "EventDestinationBusy Busy",
      "EventReleased Busy",
    ]);
    expect(atBob.names()).toEqual([]);
  });

  test("no answer", () => {
    const { script, alice, bob, atAlice, atBob } = start();
    alice.invite("1002");
    bob.heard();
    bob.respond(180);
    script.pass(20_000);
    expect(atAlice.names()).toEqual(["EventDialing", "EventReleased NoAnswer"]);
    expect(atBob.names()).toEqual(["EventRinging", "EventReleased NoAnswer"]);
  });

  test("abandoned by the caller", () => {
    const { gateway, bob, atBob } = start();
    gateway.invite("1002");
    bob.heard();
    bob.respond(180);
    gateway.cancel();
    expect(atBob.names()).toEqual(["EventRinging", "EventAbandoned"]);
  });

  test("outbound: EventNetworkReached, with the attributes of the call", () => {
    const { alice, gateway, atAlice } = start();
    alice.invite("9555");
    gateway.heard();
    gateway.respond(180);
    gateway.respond(200, offerOf("127.0.3.1", 4000));
    const heard = atAlice.heard();
    expect(heard.map(({ event }) => event)).toEqual([
      "EventDialing",
      "EventNetworkReached",
      "EventEstablished",
    ]);
    expect(heard[2]).toMatchObject({
      thisDN: "1001",
      thisDNRole: "Origination",
      otherDN: "555",
      otherDNRole: "Destination",
      callType: "Outbound",
      callState: "Ok",
      ani: "1001",
      dnis: "9555",
      userData: {},
    });
  });

  test("hold and retrieve by the phone", () => {
    const { alice, bob, atAlice, atBob } = start();
    connect(alice, bob, "1002");
    atAlice.heard();
    atBob.heard();
    alice.request("INVITE", offerOf("127.0.3.11", 5000, "sendonly"));
    bob.reply(requestIn(bob.heard(), "INVITE"), 200, offerOf("127.0.3.12", 5000, "recvonly"));
    alice.ackLast();
    alice.request("INVITE", offerOf("127.0.3.11", 5000));
    bob.reply(requestIn(bob.heard(), "INVITE"), 200, offerOf("127.0.3.12", 5000));
    expect(atAlice.names()).toEqual(["EventHeld Held", "EventRetrieved"]);
    expect(atBob.names()).toEqual([]);
  });
});

describe("requests", () => {
  test("MakeCall (RFC 3725 §4.4): the phone, the other party, the offer back to the phone", () => {
    const { script, alice, bob, atAlice, atBob } = start();
    const userData = { customer: "7" };
    atAlice.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002", userData });
    const first = requestIn(alice.heard(), "INVITE");
    expect(first.body).toContain("a=inactive");
    expect(headerOf(first, "call-info")).toContain("answer-after=0");
    alice.respond(200, offerOf("127.0.3.11", 5000, "inactive"));
    expect(requestIn(alice.heard(), "ACK").body).toBe("");
    expect(requestIn(bob.heard(), "INVITE").body).toBe("");
    bob.respond(180);
    bob.respond(200, offerOf("127.0.3.12", 6000));
    const offered = requestIn(alice.heard(), "INVITE");
    expect(offered.body).toContain("m=audio 6000");
    alice.reply(offered, 200, offerOf("127.0.3.11", 5000));
    expect(requestIn(alice.heard(), "ACK").body).toBe("");
    expect(requestIn(bob.heard(), "ACK").body).toContain("m=audio 5000");
    const heard = atAlice.heard();
    expect(heard.map(({ event }) => event)).toEqual(["EventDialing", "EventEstablished"]);
    expect(heard[0]).toMatchObject({ referenceID: 5, userData });
    expect(atBob.heard()).toMatchObject([
      { event: "EventRinging", userData },
      { event: "EventEstablished", userData },
    ]);
    expect(script.state.calls.size).toBe(1);
  });

  test("MakeCall whose own phone declines is refused, and no call was seen", () => {
    const { script, alice, atAlice } = start();
    atAlice.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002" });
    alice.heard();
    alice.respond(603);
    expect(atAlice.names()).toEqual(["EventError phone-refused"]);
    expect(script.state.calls.size).toBe(0);
  });

  test.each([
    ["to nobody", "7777", "destination-unknown"],
    ["to a DN out of service", "1003", "destination-unavailable"],
  ])("MakeCall %s", (_, otherDN, code) => {
    const { atAlice } = start();
    atAlice.send({ request: "RequestMakeCall", thisDN: "1001", otherDN });
    expect(atAlice.names()).toEqual([`EventError ${code}`]);
  });

  test("AnswerCall: NOTIFY talk in the early dialog; its answer is EventEstablished", () => {
    const { script, gateway, bob, atBob } = start();
    gateway.invite("1002");
    bob.heard();
    bob.respond(180);
    const connID = onlyConnID(script);
    const referenceID = atBob.send({ request: "RequestAnswerCall", thisDN: "1002", connID });
    const notify = requestIn(bob.heard(), "NOTIFY");
    expect(headerOf(notify, "event")).toBe("talk");
    bob.reply(notify, 200);
    bob.respond(200, offerOf("127.0.3.12", 6000));
    expect(atBob.heard()).toMatchObject([
      { event: "EventRinging" },
      { event: "EventEstablished", referenceID },
    ]);
    const number = (method: string): number => cseqOf(requestIn(bob.heard(), method))?.number ?? 0;
    atBob.send({ request: "RequestReleaseCall", thisDN: "1002", connID });
    expect(number("BYE")).toBeGreaterThan(cseqOf(notify)?.number ?? 0);
  });

  test("AnswerCall to a phone that does not know talk is refused, and the call rings on", () => {
    const { script, gateway, bob, atBob } = start();
    gateway.invite("1002");
    bob.heard();
    bob.respond(180);
    atBob.send({ request: "RequestAnswerCall", thisDN: "1002", connID: onlyConnID(script) });
    bob.reply(requestIn(bob.heard(), "NOTIFY"), 489);
    expect(atBob.names()).toEqual(["EventRinging", "EventError answer-not-supported"]);
  });

  test("HoldCall and RetrieveCall: an offer fetched, shown inactive, and again as it is", () => {
    const { script, alice, bob, atAlice } = start();
    connect(alice, bob, "1002");
    atAlice.heard();
    const connID = onlyConnID(script);
    atAlice.send({ request: "RequestHoldCall", thisDN: "1001", connID });
    const fetch = requestIn(alice.heard(), "INVITE");
    expect(fetch.body).toBe("");
    alice.reply(fetch, 200, offerOf("127.0.3.11", 5000));
    const shown = requestIn(bob.heard(), "INVITE");
    expect(shown.body).toContain("a=inactive");
    bob.reply(shown, 200, offerOf("127.0.3.12", 5000, "inactive"));
    expect(requestIn(alice.heard(), "ACK").body).toContain("a=inactive");
    atAlice.send({ request: "RequestHoldCall", thisDN: "1001", connID });
    atAlice.send({ request: "RequestRetrieveCall", thisDN: "1001", connID });
    alice.reply(requestIn(alice.heard(), "INVITE"), 200, offerOf("127.0.3.11", 5000));
    const back = requestIn(bob.heard(), "INVITE");
    expect(back.body).not.toContain("inactive");
    bob.reply(back, 200, offerOf("127.0.3.12", 5000));
    expect(atAlice.names()).toEqual([
      "EventHeld Held",
      "EventError call-not-established",
      "EventRetrieved",
    ]);
  });

  test("HoldCall that a phone refuses leaves the call as it was", () => {
    const { script, alice, bob, atAlice } = start();
    connect(alice, bob, "1002");
    atAlice.heard();
    const connID = onlyConnID(script);
    atAlice.send({ request: "RequestHoldCall", thisDN: "1001", connID });
    alice.reply(requestIn(alice.heard(), "INVITE"), 488);
    expect(atAlice.names()).toEqual(["EventError phone-refused"]);
    expect(script.state.calls.get(connID)?.exchange.kind).toBe("none");
  });

  test("ReleaseCall of an established call, and of a ringing one", () => {
    const { script, alice, bob, gateway, atBob } = start();
    connect(alice, bob, "1002");
    const connID = onlyConnID(script);
    const referenceID = atBob.send({ request: "RequestReleaseCall", thisDN: "1002", connID });
    bob.reply(requestIn(bob.heard(), "BYE"), 200);
    alice.reply(requestIn(alice.heard(), "BYE"), 200);
    expect(atBob.heard().at(-1)).toMatchObject({ event: "EventReleased", referenceID });
    gateway.invite("1002");
    bob.heard();
    bob.respond(180);
    const ringing = [...script.state.calls.values()].at(-1)?.connID ?? "";
    atBob.send({ request: "RequestReleaseCall", thisDN: "1002", connID: ringing });
    expect(responseIn(gateway.heard(), 603).status).toBe(603);
  });

  test("AttachUserData: both desktops see the whole; a ConnID of nobody is refused", () => {
    const { script, alice, bob, atAlice, atBob } = start();
    connect(alice, bob, "1002");
    atAlice.heard();
    atBob.heard();
    const connID = onlyConnID(script);
    const request = { request: "RequestAttachUserData", thisDN: "1001" } as const;
    atAlice.send({ ...request, connID, userData: { a: "1" } });
    atAlice.send({ ...request, connID, userData: { b: "2" } });
    atAlice.send({ ...request, connID: "0".repeat(16), userData: { c: "3" } });
    const whole = { event: "EventAttachedDataChanged", userData: { a: "1", b: "2" } };
    expect(atBob.heard().at(-1)).toMatchObject(whole);
    expect(atAlice.heard().slice(1)).toMatchObject([whole, { errorCode: "call-unknown" }]);
  });
});
