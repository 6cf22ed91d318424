/** What chance once left behind (`calls-under-chance.test.ts`), in its shortest form. */
import { expect, test } from "vitest";
import { autoPhoneAt, createAutoPhone, settle } from "../testing/auto-phone.ts";
import { testConfig } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { createScript, type Script } from "../testing/script.ts";

function expectNothingLeft(script: Script): void {
  script.pass(200_000);
  const { calls, dialogs, callsByDn, trunks } = script.state;
  const legs = [...trunks.values()].flatMap((trunk) => [...trunk.legs]);
  expect([calls.size, dialogs.size, callsByDn.size, legs]).toEqual([0, 0, 0, []]);
  expect(script.alarms()).toEqual([]);
}

test("REFER cannot join a call with itself", () => {
  const script = createScript(testConfig());
  const anna = autoPhoneAt(script, "1001", 11);
  const atAnna = createDesktop(script, "1001");
  atAnna.login();
  const gateway = createAutoPhone(script, "gateway", { host: "127.0.3.1", port: 5070 });
  anna.manner = "ring";
  const first = gateway.invite("1001");
  settle(anna, gateway);
  const connID = [...script.state.calls.values()][0]?.connID ?? "";
  atAnna.send({ request: "RequestRedirectCall", thisDN: "1001", connID, otherDN: "9555" });
  settle(anna, gateway);
  const second = gateway.open().find((callId) => callId !== first) ?? "";
  const dialog = gateway.dialogs.get(second)?.dialog;
  const replaces = `${second};to-tag=${dialog?.remoteTag};from-tag=${dialog?.localTag}`;
  const to = `<sip:1001@127.0.1.10?Replaces=${encodeURIComponent(replaces)}>`;
  gateway.request(first, "REFER", [["Refer-To", to]]);
  settle(anna, gateway);
  expect(gateway.heard.at(-1)).toBe("NOTIFY SIP/2.0 480 Temporarily Unavailable");
  expect(gateway.open()).toEqual([first, second]);
  gateway.leave(first);
  settle(anna, gateway);
  expect(gateway.open()).toEqual([]);
  expectNothingLeft(script);
});

test("a transfer that nobody takes is undone at each of the callee's phones", () => {
  const script = createScript(testConfig());
  const anna = autoPhoneAt(script, "1001", 11);
  const bert = autoPhoneAt(script, "1002", 12);
  const cora = [13, 14, 15].map((last) => autoPhoneAt(script, "1003", last));
  for (const phone of cora) phone.manner = "ring";
  const all = (): void => settle(anna, bert, ...cora);
  const callId = anna.invite("1002");
  all();
  anna.request(callId, "REFER", [["Refer-To", "<sip:1003@127.0.1.10>"]]);
  all();
  expect(cora.flatMap((phone) => phone.open())).toHaveLength(3);
  script.pass(21_000);
  all();
  expect(cora.flatMap((phone) => phone.open())).toEqual([]);
  expect(anna.open()).toEqual([callId]);
  anna.leave();
  all();
  expectNothingLeft(script);
});
