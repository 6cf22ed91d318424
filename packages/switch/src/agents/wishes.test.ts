import { describe, expect, test } from "vitest";
import { testConfig, testOptions } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { connect, createPhone, type TestPhone } from "../testing/phone.ts";
import { createScript, requestIn, responseIn, type Script } from "../testing/script.ts";

/** What a DN's own wishes do to its calls, and what calls do to its agent. */
function phoneOn(script: Script, dn: string): TestPhone {
  const phone = createPhone(script, dn, { host: `127.0.3.${dn.slice(2)}`, port: 5060 });
  phone.register(3_600);
  phone.heard();
  return phone;
}

function ask(script: Script, dn: string, request: object): void {
  const desktop = createDesktop(script, dn, { connection: `ask-${dn}` });
  desktop.send({ request: "RequestRegisterAddress", thisDN: dn });
  type Asked = Parameters<typeof desktop.send>[0];
  desktop.send({ ...request, thisDN: dn } as Asked); // as the test says
  script.step({ kind: "ctiClosed", connection: `ask-${dn}` });
}

function forward(forwardMode: string, otherDN: string): object {
  return { request: "RequestCallForwardSet", forwardMode, otherDN };
}

describe("do not disturb", () => {
  test.each([480, 603] as const)("a caller gets %i", (status) => {
    const options = { ...testOptions, doNotDisturbStatus: status };
    const script = createScript(testConfig({ options }));
    const [caller, callee] = [phoneOn(script, "1001"), phoneOn(script, "1002")];
    ask(script, "1002", { request: "RequestSetDNDOn" });
    caller.invite("1002");
    expect(responseIn(caller.heard(), status).reason).toBe("Do Not Disturb");
    expect(callee.heard()).toEqual([]);
  });
});

describe("call forward", () => {
  test("unconditional: the DN itself hears nothing, the other is told who forwarded", () => {
    const script = createScript(testConfig());
    const [caller, callee, other] = ["1001", "1002", "1003"].map((dn) => phoneOn(script, dn));
    ask(script, "1002", forward("Unconditional", "1003"));
    const desktop = createDesktop(script, "1003");
    desktop.send({ request: "RequestRegisterAddress", thisDN: "1003" });
    desktop.heard();
    caller?.invite("1002");
    other?.heard();
    other?.respond(180);
    expect(desktop.heard()).toMatchObject([
      { event: "EventRinging", callState: "Forwarded", thirdPartyDN: "1002", dnis: "1002" },
    ]);
    expect(callee?.heard()).toEqual([]);
  });

  test.each([
    ["OnBusy", 486],
    ["OnNoAnswer", 480],
  ])("%s: after %i the call goes on", (mode, status) => {
    const script = createScript(testConfig());
    const [caller, callee, other] = ["1001", "1002", "1003"].map((dn) => phoneOn(script, dn));
    ask(script, "1002", forward(mode, "1003"));
    const desktop = createDesktop(script, "1002");
    desktop.login();
    caller?.invite("1002");
    callee?.heard();
    callee?.respond(180);
    callee?.respond(status);
    expect(desktop.names()).toEqual(["EventRinging", "EventReleased Forwarded"]);
    expect(requestIn(other?.heard() ?? [], "INVITE").method).toBe("INVITE");
    expect(script.state.callsByDn.has("1002")).toBe(false);
  });

  test("no answer: the phone is cancelled when its time is over, and the call goes on", () => {
    const script = createScript(testConfig());
    const [caller, callee, other] = ["1001", "1002", "1003"].map((dn) => phoneOn(script, dn));
    ask(script, "1002", forward("OnNoAnswer", "1003"));
    caller?.invite("1002");
    callee?.heard();
    callee?.respond(180);
    script.pass(20_250);
    expect(requestIn(callee?.heard() ?? [], "CANCEL").method).toBe("CANCEL");
    expect(requestIn(other?.heard() ?? [], "INVITE").method).toBe("INVITE");
  });

  test("out through the dial plan; a circle ends at the DN that closes it", () => {
    const script = createScript(testConfig());
    const [caller, callee, other] = ["1001", "1002", "1003"].map((dn) => phoneOn(script, dn));
    ask(script, "1002", forward("Unconditional", "1003"));
    ask(script, "1003", forward("Unconditional", "1002"));
    caller?.invite("1002");
    expect(requestIn(other?.heard() ?? [], "INVITE").method).toBe("INVITE");
    expect(callee?.heard()).toEqual([]);
    ask(script, "1003", forward("Unconditional", "9555"));
    caller?.invite("1002");
    const gateway = script.sent({ host: "127.0.3.1", port: 5070 });
    expect(requestIn(gateway, "INVITE").uri).toBe("sip:555@127.0.3.1:5070");
  });

  test("a forward to where nobody can be reached is as none", () => {
    const script = createScript(testConfig());
    const [caller, callee] = ["1001", "1002"].map((dn) => phoneOn(script, dn));
    ask(script, "1002", forward("Unconditional", "1004"));
    caller?.invite("1002");
    expect(requestIn(callee?.heard() ?? [], "INVITE").method).toBe("INVITE");
  });
});

describe("after-call work", () => {
  const options = { ...testOptions, afterCallWorkMs: 5_000 };
  const thisDN = "1002";

  function talking(more: object = {}): { script: Script; caller: TestPhone; end: () => void } {
    const script = createScript(testConfig({ options, ...more }));
    const [caller, callee] = [phoneOn(script, "1001"), phoneOn(script, thisDN)];
    return {
      script,
      caller,
      end: () => {
        caller.request("BYE");
        callee.reply(requestIn(callee.heard(), "BYE"), 200);
      },
    };
  }

  function talk({ script, caller }: ReturnType<typeof talking>): void {
    const callee = createPhone(script, thisDN, { host: "127.0.3.02", port: 5060 });
    connect(caller, callee, thisDN);
  }

  test.each([
    ["as configured", undefined, ["EventAgentAfterCallWork", "EventAgentReady"]],
    ["AutoIn: none", "AutoIn", []],
    ["ManualIn: the configured time", "ManualIn", ["EventAgentAfterCallWork", "EventAgentReady"]],
  ] as const)("Ready %s", (_, workMode, expected) => {
    const course = talking();
    const desktop = createDesktop(course.script, thisDN);
    desktop.login();
    const mode = workMode === undefined ? {} : { workMode };
    desktop.send({ request: "RequestAgentSetReady", thisDN, ...mode });
    talk(course);
    desktop.heard();
    course.end();
    course.script.pass(5_250);
    expect(desktop.names()).toEqual(["EventReleased RemoteRelease", ...expected]);
  });

  test("the login's own time, then the Agent Login's, come before the configured one", () => {
    const agentLogins = [{ code: thisDN, userName: `agent-${thisDN}`, afterCallWorkMs: 2_000 }];
    for (const [extensions, lasts] of [
      [{ WrapUpTime: 1 }, 1_000],
      [{}, 2_000],
    ] as const) {
      const course = talking({ agentLogins });
      const desktop = createDesktop(course.script, thisDN);
      desktop.send({ request: "RequestRegisterAddress", thisDN });
      desktop.send({ request: "RequestAgentLogin", thisDN, agentID: thisDN, extensions });
      desktop.send({ request: "RequestAgentSetReady", thisDN });
      talk(course);
      course.end();
      const event = desktop.heard().at(-1);
      expect(event).toMatchObject({ event: "EventAgentAfterCallWork" });
      const until =
        event !== undefined && "afterCallWorkUntil" in event && event.afterCallWorkUntil;
      expect(Number(until) - (event !== undefined && "time" in event ? event.time : 0)).toBe(lasts);
    }
  });

  test("Not Ready asked for during the call comes after it", () => {
    const course = talking();
    const desktop = createDesktop(course.script, thisDN);
    desktop.login();
    talk(course);
    desktop.heard();
    const reasons = { ReasonCode: "lunch" };
    desktop.send({ request: "RequestAgentSetNotReady", thisDN, reasons });
    course.end();
    course.script.pass(5_250);
    expect(desktop.heard()).toMatchObject([
      { event: "EventAgentNotReady", reasons },
      { event: "EventReleased" },
      { event: "EventAgentAfterCallWork" },
      { event: "EventAgentNotReady", reasons },
    ]);
  });

  test("after-call work asked for during the call runs from its end", () => {
    const course = talking();
    const desktop = createDesktop(course.script, thisDN);
    desktop.login();
    talk(course);
    desktop.heard();
    const work = { workMode: "AfterCallWork", afterCallWorkMs: 8_000 } as const;
    desktop.send({ request: "RequestAgentSetNotReady", thisDN, ...work });
    course.script.pass(10_000);
    expect(desktop.names()).toEqual(["EventAgentAfterCallWork"]);
    course.end();
    course.script.pass(8_250);
    expect(desktop.names()).toEqual([
      "EventReleased RemoteRelease",
      "EventAgentAfterCallWork",
      "EventAgentReady",
    ]);
  });

  test("a call that was never answered is followed by none", () => {
    const course = talking();
    const desktop = createDesktop(course.script, thisDN);
    desktop.login();
    course.caller.invite(thisDN);
    course.caller.cancel();
    course.script.pass(1_000);
    expect(desktop.names()).toEqual([]);
  });
});

describe("an observed DN", () => {
  test("MonitorNextCall: the next call's events without media, then it is over", () => {
    const script = createScript(testConfig());
    const boss = createDesktop(script, "1003", { role: "supervisor" });
    boss.send({ request: "RequestRegisterAddress", thisDN: "1003" });
    boss.send({
      request: "RequestMonitorNextCall",
      thisDN: "1003",
      otherDN: "1002",
      monitorNextCallType: "MonitorOneCall",
    });
    boss.heard();
    for (let call = 0; call < 2; call += 1) {
      const [caller, callee] = [phoneOn(script, "1001"), phoneOn(script, "1002")];
      connect(caller, callee, "1002");
      caller.request("BYE");
      callee.reply(requestIn(callee.heard(), "BYE"), 200);
    }
    const seen = { thisDN: "1003", thisDNRole: "Observer", otherDN: "1002" };
    expect(boss.heard()).toMatchObject([
      { event: "EventRinging", ...seen, otherDNRole: "Destination" },
      { event: "EventEstablished", ...seen },
      { event: "EventReleased", ...seen },
      { event: "EventMonitoringCancelled", thisDN: "1003", otherDN: "1002" },
    ]);
    expect(script.state.monitors.size).toBe(0);
  });
});
