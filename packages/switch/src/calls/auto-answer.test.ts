import { userDataBytesMax } from "@tandem/cti";
import { headerOf } from "@tandem/sip";
import { expect, test } from "vitest";
import type { DnConfig } from "../config.ts";
import { testConfig, testDn } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { connect, createPhone, offerOf } from "../testing/phone.ts";
import { createScript, requestIn, type Script } from "../testing/script.ts";

const alice = { host: "127.0.3.11", port: 5060 };
const bob = { host: "127.0.3.12", port: 5060 };

function start(own: Partial<DnConfig> = {}): Script {
  const dns = [testDn("1001", own), testDn("1002")];
  const script = createScript(testConfig({ dns }));
  createPhone(script, "1001", alice).register();
  createPhone(script, "1002", bob).register();
  script.sent(alice);
  script.sent(bob);
  return script;
}

test.each([
  [{}, true, true],
  [{ autoAnswer: "call-info" }, true, false],
  [{ autoAnswer: "alert-info" }, false, true],
  [{ autoAnswer: "none" }, false, false],
  [{ autoAnswer: "notify-talk" }, false, false],
] as const)("MakeCall with %j: Call-Info %s, Alert-Info %s", (own, callInfo, alertInfo) => {
  const script = start(own);
  const desktop = createDesktop(script, "1001");
  desktop.login();
  desktop.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002" });
  const invite = requestIn(script.sent(alice), "INVITE");
  expect(headerOf(invite, "call-info")?.includes("answer-after=0") === true).toBe(callInfo);
  expect(headerOf(invite, "alert-info")?.includes("alert-autoanswer") === true).toBe(alertInfo);
});

test("notify-talk: the phone rings, is told to talk, and the other party is called", () => {
  const script = start({ autoAnswer: "notify-talk" });
  const desktop = createDesktop(script, "1001");
  desktop.login();
  desktop.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002" });
  const phone = createPhone(script, "1001", alice);
  phone.heard();
  phone.respond(180);
  const notify = requestIn(phone.heard(), "NOTIFY");
  expect(headerOf(notify, "event")).toBe("talk");
  phone.reply(notify, 200);
  phone.respond(200, offerOf(alice.host, 4_000));
  expect(requestIn(script.sent(bob), "INVITE").method).toBe("INVITE");
  expect(desktop.names()).toEqual(["EventDialing"]);
});

test("a phone that does not know talk is picked up by its person", () => {
  const script = start({ autoAnswer: "notify-talk" });
  const desktop = createDesktop(script, "1001");
  desktop.login();
  desktop.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002" });
  const phone = createPhone(script, "1001", alice);
  phone.heard();
  phone.respond(180);
  phone.reply(requestIn(phone.heard(), "NOTIFY"), 489);
  expect(desktop.names()).toEqual([]);
  phone.respond(200, offerOf(alice.host, 4_000));
  expect(desktop.names()).toEqual(["EventDialing"]);
});

test("user data may be 64 KB in UTF-8, and no byte more", () => {
  const script = start();
  const [caller, callee] = [createPhone(script, "1001", alice), createPhone(script, "1002", bob)];
  const desktop = createDesktop(script, "1002");
  desktop.login();
  connect(caller, callee, "1002");
  desktop.heard();
  const [connID = ""] = script.state.calls.keys();
  const attach = (key: string, value: string): void =>
    void desktop.send({
      request: "RequestAttachUserData",
      thisDN: "1002",
      connID,
      userData: { [key]: value },
    });
  const room = userDataBytesMax - JSON.stringify({ a: "", b: "" }).length;
  attach("a", "é".repeat(room / 2));
  attach("b", "xx");
  attach("b", "x".repeat(room % 2));
  expect(desktop.names()).toEqual([
    "EventAttachedDataChanged",
    "EventError user-data-too-large",
    "EventAttachedDataChanged",
  ]);
});
