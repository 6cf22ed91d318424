/** What mutated messages once left behind or sent on (`tandem conformance --fuzz-seconds`). */
import { headerOf, parseMessage, validateRequest } from "@tandem/sip";
import { expect, test } from "vitest";
import {
  connect,
  createPhone,
  createScript,
  offerOf,
  requestIn,
  responseIn,
  testConfig,
  testDn,
  type Script,
  type TestPhone,
} from "../testing/index.ts";

interface Stage {
  readonly script: Script;
  readonly gateway: TestPhone;
  readonly bob: TestPhone;
}

function start(dn = "1002"): Stage {
  const script = createScript(testConfig({ dns: [testDn(dn)] }));
  const gateway = createPhone(script, "gateway", { host: "127.0.3.1", port: 5070 });
  const bob = createPhone(script, "1002", { host: "127.0.3.12", port: 5060 });
  bob.register();
  bob.heard();
  return { script, gateway, bob };
}

const sizes = ({ state }: Script): number[] => [state.calls.size, state.transactions.size];

test("a re-INVITE that is only provisionally answered ends with its call", () => {
  const { script, gateway, bob } = start();
  connect(gateway, bob, "1002");
  gateway.request("INVITE", offerOf("127.0.3.1", 4002));
  bob.reply(requestIn(bob.heard(), "INVITE"), 180);
  gateway.request("BYE");
  bob.reply(requestIn(bob.heard(), "BYE"), 200);
  script.pass(40_000);
  expect(sizes(script)).toEqual([0, 0]);
});

test("INFO through a call that ends meanwhile is answered", () => {
  const { script, gateway, bob } = start();
  connect(gateway, bob, "1002");
  gateway.heard();
  gateway.request("INFO", "Signal=5");
  const info = requestIn(bob.heard(), "INFO");
  bob.request("BYE");
  gateway.heard();
  bob.reply(info, 200);
  script.pass(40_000);
  expect(sizes(script)).toEqual([0, 0]);
});

test("a response that names nothing to go on with is dropped (RFC 3261 §18.1.2)", () => {
  const { script, gateway, bob } = start();
  gateway.invite("1002");
  const invite = requestIn(bob.heard(), "INVITE");
  const text = [
    "SIP/2.0 200 OK",
    `Via: ${headerOf(invite, "via") ?? ""}`,
    `From: ${headerOf(invite, "from") ?? ""}`,
    `To: ${headerOf(invite, "to") ?? ""};tag=2`,
    `Call-ID: ${headerOf(invite, "call-id") ?? ""}`,
    "CSeq: 1 INVITE",
    "Contact: <sip:1002@>",
    "Content-Length: 0\r\n\r\n",
  ].join("\r\n");
  script.sip(bob.address, text);
  expect(bob.heard()).toEqual([]);
  bob.respond(200, offerOf("127.0.3.12", 6000));
  expect(responseIn(gateway.heard(), 200).status).toBe(200);
});

test("a user that must be escaped stays one in what we send", () => {
  const script = createScript(testConfig({ dns: [testDn("a b@c")] }));
  const gateway = createPhone(script, "gateway", { host: "127.0.3.1", port: 5070 });
  const phone = { host: "127.0.3.12", port: 5060 };
  const register = [
    "REGISTER sip:127.0.1.10 SIP/2.0",
    "Via: SIP/2.0/UDP 127.0.3.12:5060;branch=z9hG4bKescaped",
    "Max-Forwards: 70",
    "From: <sip:a%20b%40c@test>;tag=1",
    "To: <sip:a%20b%40c@test>",
    "Call-ID: escaped",
    "CSeq: 1 REGISTER",
    "Contact: <sip:a@127.0.3.12>",
    "Content-Length: 0\r\n\r\n",
  ].join("\r\n");
  script.sip(phone, register, "a b@c");
  script.sent(phone);
  gateway.invite("a%20b%40c");
  const invite = requestIn(script.sent(phone), "INVITE");
  expect(headerOf(invite, "to")).toBe("<sip:a%20b%40c@127.0.1.10>");
  const again = parseMessage(invite.headers.text + invite.body);
  expect(again.ok && again.value.kind === "request" && validateRequest(again.value).ok).toBe(true);
});
