import { buildResponse } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import { autoPhoneAt, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { testConfig, testDn } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { createPhone, offerOf } from "../testing/phone.ts";
import { createScript, requestIn, type Script } from "../testing/script.ts";

const only = (phone: AutoPhone): string => [...phone.dialogs.keys()].at(-1) ?? "";
const talking = (phone: AutoPhone): number =>
  [...phone.dialogs.values()].filter((row) => !row.isOver && row.dialog !== null).length;
function expectNothingLeft(script: Script): void {
  script.pass(200_000);
  const { calls, dialogs, callsByDn, transactions } = script.state;
  expect([calls.size, dialogs.size, callsByDn.size, transactions.size]).toEqual([0, 0, 0, 0]);
}

describe("RFC 3261 §16: a DN with several phones", () => {
  function start() {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const desk = autoPhoneAt(script, "1002", 12);
    const mobile = autoPhoneAt(script, "1002", 13);
    desk.manner = mobile.manner = "ring";
    return { script, anna, desk, mobile, all: () => settle(anna, desk, mobile) };
  }

  test("all ring at once; the one that answers has the call, the other is cancelled", () => {
    const { script, anna, desk, mobile, all } = start();
    const callId = anna.invite("1002");
    all();
    desk.take(only(desk));
    all();
    expect(anna.dialogs.get(callId)?.lastStatus).toBe(200);
    expect([talking(desk), talking(mobile)]).toEqual([1, 0]);
    expect(mobile.heard).toContain("CANCEL");
    anna.request(callId, "BYE");
    all();
    expectNothingLeft(script);
  });

  test("both answer at the same moment: the later one is hung up", () => {
    const { script, anna, desk, mobile, all } = start();
    const callId = anna.invite("1002");
    desk.turn();
    mobile.turn();
    mobile.take(only(mobile));
    desk.take(only(desk));
    all();
    expect([talking(desk) + talking(mobile), talking(anna)]).toEqual([1, 1]);
    anna.request(callId, "BYE");
    all();
    expectNothingLeft(script);
  });

  test("one is busy and the other does not answer: what the caller gets is the better answer", () => {
    const { script, anna, desk, mobile, all } = start();
    desk.manner = "busy";
    const callId = anna.invite("1002");
    all();
    expect(anna.dialogs.get(callId)?.lastStatus).toBe(180);
    mobile.refuse(only(mobile), 480);
    all();
    expect(anna.dialogs.get(callId)?.lastStatus).toBe(486);
    expectNothingLeft(script);
  });

  test("600 from one ends it for all", () => {
    const { script, anna, desk, mobile, all } = start();
    const callId = anna.invite("1002");
    all();
    mobile.refuse(only(mobile), 600);
    all();
    expect(anna.dialogs.get(callId)?.lastStatus).toBe(600);
    expect(desk.heard).toContain("CANCEL");
    expectNothingLeft(script);
  });

  test("the caller gives up: both are cancelled", () => {
    const { script, anna, desk, mobile, all } = start();
    const callId = anna.invite("1002");
    all();
    anna.cancel(callId);
    all();
    expect(anna.dialogs.get(callId)?.lastStatus).toBe(487);
    expect([desk.heard.includes("CANCEL"), mobile.heard.includes("CANCEL")]).toEqual([true, true]);
    expectNothingLeft(script);
  });
});

describe("RFC 3262: reliable provisional responses from end to end", () => {
  function start(headers: readonly (readonly [string, string])[]) {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    bert.manner = "early";
    const callId = anna.invite("1002", headers);
    const all = (): void => settle(anna, bert);
    return { script, anna, bert, callId, all };
  }

  test("the callee's 183 reaches the caller reliably, and the caller's PRACK the callee", () => {
    const { script, anna, bert, callId, all } = start([["Supported", "100rel"]]);
    all();
    expect(anna.heard.slice(-2)).toEqual(["183 INVITE", "200 PRACK"]);
    expect(bert.heard).toContain("PRACK");
    script.pass(15_000);
    all();
    expect(anna.heard.filter((each) => each === "183 INVITE")).toEqual(["183 INVITE"]);
    bert.take(only(bert));
    all();
    expect(talking(anna)).toBe(1);
    anna.request(callId, "BYE");
    all();
    expectNothingLeft(script);
  });

  test("early media is settled: UPDATE may change it before the answer (RFC 3311 §5)", () => {
    const { script, anna, bert, callId, all } = start([["Supported", "100rel"]]);
    all();
    anna.request(callId, "UPDATE", [], offerOf("127.0.3.11", 4446));
    all();
    expect(bert.dialogs.get(only(bert))?.remote).toContain("m=audio 4446");
    bert.take(only(bert));
    all();
    anna.request(callId, "BYE");
    all();
    expectNothingLeft(script);
  });

  test("without a PRACK the response is repeated, and in the end the call is refused", () => {
    const { script, anna, bert, callId } = start([["Supported", "100rel"]]);
    bert.turn();
    script.pass(40_000);
    const first = script.sent(anna.address).map((each) => each.first);
    expect(first.filter((each) => each.includes(" 183 ")).length).toBeGreaterThan(5);
    // The DN's time to answer is a little shorter than 64·T1.
    expect(first.at(-1)).toContain(" 480 ");
    expect(anna.dialogs.has(callId)).toBe(true);
    settle(anna, bert);
    expectNothingLeft(script);
  });

  test("a caller that knows none: the callee is not asked for any", () => {
    const { bert, anna, all, script, callId } = start([]);
    bert.manner = "ring";
    all();
    const invite = [...bert.dialogs.values()][0]?.invite;
    expect(invite?.headers.text).not.toContain("100rel");
    anna.cancel(callId);
    all();
    expectNothingLeft(script);
  });
});

describe("RFC 4028: session timers", () => {
  test("an interval that is too small is refused with the smallest one", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    const callId = anna.invite("1002", [
      ["Supported", "timer"],
      ["Session-Expires", "60"],
    ]);
    settle(anna, bert);
    expect(anna.dialogs.get(callId)?.lastStatus).toBe(422);
    expectNothingLeft(script);
  });

  test("a caller that refreshes keeps its call; when it no longer does, the call ends", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    const callId = anna.invite("1002", [
      ["Supported", "timer"],
      ["Session-Expires", "100;refresher=uac"],
    ]);
    settle(anna, bert);
    script.pass(50_000);
    anna.request(callId, "UPDATE", [
      ["Supported", "timer"],
      ["Session-Expires", "100;refresher=uac"],
    ]);
    settle(anna, bert);
    script.pass(50_000);
    settle(anna, bert);
    expect([talking(anna), talking(bert)]).toEqual([1, 1]);
    script.pass(30_000);
    settle(anna, bert);
    expect([talking(anna), talking(bert)]).toEqual([0, 0]);
    expectNothingLeft(script);
  });

  test("a phone that takes no part is asked with OPTIONS; one that is gone ends the call", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    anna.invite("1002");
    settle(anna, bert);
    script.pass(900_000);
    settle(anna, bert);
    expect(anna.heard).toContain("OPTIONS");
    expect(talking(bert)).toBe(1);
    script.pass(900_000);
    script.pass(40_000); // nobody answers any more
    settle(bert);
    expectNothingLeft(script);
  });
});

test("RFC 3311: an UPDATE with an offer goes to the other phone, and its answer comes back", () => {
  const script = createScript(testConfig());
  const anna = autoPhoneAt(script, "1001", 11);
  const bert = autoPhoneAt(script, "1002", 12);
  const callId = anna.invite("1002");
  settle(anna, bert);
  bert.heard.length = 0;
  anna.request(callId, "UPDATE", [], offerOf("127.0.3.11", 4444));
  settle(anna, bert);
  expect(bert.heard).toEqual(["UPDATE"]);
  expect(bert.dialogs.get(only(bert))?.remote).toContain("m=audio 4444");
  anna.request(callId, "BYE");
  settle(anna, bert);
  expectNothingLeft(script);
});

test("INFO passes to the other phone with its body", () => {
  const script = createScript(testConfig());
  const anna = autoPhoneAt(script, "1001", 11);
  const bert = autoPhoneAt(script, "1002", 12);
  const callId = anna.invite("1002");
  settle(anna, bert);
  bert.heard.length = 0;
  anna.request(callId, "INFO");
  settle(anna, bert);
  expect([bert.heard, anna.heard.at(-1)]).toEqual([["INFO"], "200 INFO"]);
  anna.request(callId, "BYE");
  settle(anna, bert);
  expectNothingLeft(script);
});

describe("RFC 3891: Replaces", () => {
  function start() {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    const cora = autoPhoneAt(script, "1003", 13);
    const atCora = createDesktop(script, "1003");
    atCora.login();
    return { script, anna, bert, cora, atCora, all: () => settle(anna, bert, cora) };
  }
  const named = (phone: AutoPhone, callId: string, more = ""): string => {
    const dialog = phone.dialogs.get(callId)?.dialog;
    return `${callId};to-tag=${dialog?.remoteTag};from-tag=${dialog?.localTag}${more}`;
  };

  test("a talking party is taken over by another phone", () => {
    const { script, anna, bert, cora, atCora, all } = start();
    anna.invite("1002");
    all();
    cora.invite("1002", [["Replaces", named(bert, only(bert))]]);
    all();
    expect([talking(anna), talking(bert), talking(cora)]).toEqual([1, 0, 1]);
    expect(atCora.names()).toEqual(["EventEstablished"]);
    anna.request(only(anna), "BYE");
    all();
    expect(talking(cora)).toBe(0);
    expectNothingLeft(script);
  });

  test.each([
    ["wrong tags", 481, (text: string) => text.replace(/to-tag=.*?;/, "to-tag=guess;")],
    ["early only, and it talks", 486, (text: string) => `${text};early-only`],
    ["no tags at all", 400, (text: string) => text.split(";")[0] ?? ""],
  ] as const)("%s: %i, and the call goes on", (_, status, change) => {
    const { anna, bert, cora, all } = start();
    anna.invite("1002");
    all();
    const callId = cora.invite("1002", [["Replaces", change(named(bert, only(bert)))]]);
    all();
    expect(cora.dialogs.get(callId)?.lastStatus).toBe(status);
    expect([talking(anna), talking(bert)]).toEqual([1, 1]);
  });
});

describe("3xx", () => {
  function start(target: string, redirection: "follow" | "pass" = "follow") {
    const dns = ["1001", "1002", "1003"].map((number) => testDn(number, { redirection }));
    const script = createScript(testConfig({ dns }));
    const anna = autoPhoneAt(script, "1001", 11);
    const cora = autoPhoneAt(script, "1003", 13);
    const bert = createPhone(script, "1002", { host: "127.0.3.12", port: 5060 });
    bert.register();
    bert.heard();
    anna.invite("1002");
    const invite = requestIn(bert.heard(), "INVITE");
    const text = buildResponse(invite, 302, {
      toTag: "b",
      headers: [["Contact", `<sip:${target}@192.0.2.99>`]],
    });
    script.sip(bert.address, text);
    bert.heard();
    settle(anna, cora);
    return { script, anna, cora };
  }

  test("a phone's redirection is followed, for it and in its name", () => {
    const { script, anna, cora } = start("1003");
    const invite = cora.dialogs.get(only(cora))?.invite;
    expect(invite?.headers.text).toContain("Diversion: <sip:1002@127.0.1.10>;reason=deflection");
    expect(talking(cora)).toBe(1);
    anna.request(only(anna), "BYE");
    settle(anna, cora);
    expectNothingLeft(script);
  });

  test("or passed to the caller, as a number of ours, where the DN is configured so", () => {
    const { script, anna } = start("1003", "pass");
    expect(anna.dialogs.get(only(anna))?.lastStatus).toBe(302);
    expect(anna.heard.at(-1)).toBe("302 INVITE");
    expectNothingLeft(script);
  });

  test.each(["1002", "7777"])("to itself or to nobody (%s): the callee is not there", (target) => {
    const { script, anna } = start(target);
    expect(anna.dialogs.get(only(anna))?.lastStatus).toBe(480);
    expectNothingLeft(script);
  });
});

test("RFC 3326: why somebody hung up or gave up reaches the other phone", () => {
  const script = createScript(testConfig());
  const anna = autoPhoneAt(script, "1001", 11);
  const bert = createPhone(script, "1002", { host: "127.0.3.12", port: 5060 });
  bert.register();
  bert.heard();
  const callId = anna.invite("1002");
  bert.heard();
  bert.respond(180);
  bert.respond(200, offerOf("127.0.3.12", 5000));
  settle(anna);
  bert.heard();
  anna.request(callId, "BYE", [["Reason", 'Q.850;cause=16;text="Terminated"']]);
  const bye = requestIn(bert.heard(), "BYE");
  expect(bye.headers.text).toContain('Reason: Q.850;cause=16;text="Terminated"');
});
