/**
 * A call that a desktop makes from a phone on a WebSocket (RFC 3725 §4.1): the phone offers first.
 */
import { expect, test } from "vitest";
import { createDesktop } from "../testing/desktop.ts";
import {
  createPhone,
  createScript,
  offerOf,
  requestIn,
  testConfig,
  type Script,
  type TestPhone,
} from "../testing/index.ts";

interface Stage {
  readonly script: Script;
  readonly browser: TestPhone;
  readonly bob: TestPhone;
  readonly desktop: ReturnType<typeof createDesktop>;
}

/** Alice's phone is a browser, and rings with an INVITE that offers nothing. */
function start(): Stage {
  const script = createScript(testConfig());
  const at = { host: "127.0.3.11", port: 40_001, transport: "WSS" } as const;
  const browser = createPhone(script, "1001", at);
  const bob = createPhone(script, "1002", { host: "127.0.3.12", port: 5060 });
  browser.register();
  bob.register();
  browser.heard();
  bob.heard();
  const desktop = createDesktop(script, "1001");
  desktop.login();
  desktop.send({ request: "RequestMakeCall", thisDN: "1001", otherDN: "1002" });
  expect(requestIn(browser.heard(), "INVITE").body).toBe("");
  browser.respond(200, offerOf("127.0.3.11", 5000));
  return { script, browser, bob, desktop };
}

const kinds = (phone: TestPhone): string[] =>
  phone.heard().map(({ first }) => first.split(" ")[0] ?? "");

test("its offer goes to the other party, and its ACK waits for that party's answer", () => {
  const { browser, bob, desktop } = start();
  expect(browser.heard()).toEqual([]);
  expect(requestIn(bob.heard(), "INVITE").body).toContain("m=audio 5000");
  bob.respond(180);
  expect(browser.heard()).toEqual([]);
  bob.respond(200, offerOf("127.0.3.12", 6000));
  expect(requestIn(bob.heard(), "ACK").body).toBe("");
  expect(requestIn(browser.heard(), "ACK").body).toContain("m=audio 6000");
  expect(desktop.names()).toEqual(["EventDialing", "EventEstablished"]);
});

test("the other party refuses: the offer is answered without media, and the call ends", () => {
  const { script, browser, bob, desktop } = start();
  bob.heard();
  bob.respond(486);
  const [ack, bye] = browser.heard();
  expect(ack?.first).toMatch(/^ACK /);
  expect(ack?.message.body).toContain("m=audio 0");
  expect(bye?.first).toMatch(/^BYE /);
  expect(desktop.names()).toEqual([
    "EventDialing",
    "EventDestinationBusy Busy",
    "EventReleased Busy",
  ]);
  script.pass(40_000);
  expect(script.state.calls.size).toBe(0);
});

test("the phone hangs up before: nobody rings on", () => {
  const { script, browser, bob } = start();
  bob.heard();
  bob.respond(180);
  browser.heard();
  browser.request("BYE");
  expect(kinds(bob)).toContain("CANCEL");
  bob.respond(487);
  script.pass(40_000);
  expect(script.state.calls.size).toBe(0);
  expect(script.state.transactions.size).toBe(0);
});
