import { describe, expect, test } from "vitest";
import { testConfig, testDn } from "../testing/config.ts";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import { createPhone } from "../testing/phone.ts";
import { createScript, type Script } from "../testing/script.ts";

const alice = { host: "127.0.3.11", port: 5060 };
const queue = {
  agents: [],
  overflowDn: null,
  overflowMs: 1_000,
  waitingMax: 10,
  noAnswerTimeoutMs: null,
  announcementDn: null,
};

function start(): Script {
  const dns = [testDn("1001"), testDn("1002"), testDn("5000", { queue })];
  const script = createScript(testConfig({ dns }));
  createPhone(script, "1001", alice).register();
  return script;
}

function watching(script: Script, dn = "1001"): TestDesktop {
  const desktop = createDesktop(script, dn);
  desktop.send({ request: "RequestRegisterAddress", thisDN: dn });
  desktop.heard();
  return desktop;
}

function supervisor(script: Script, dns: readonly string[]): TestDesktop {
  const desktop = createDesktop(script, "1002", { role: "supervisor", connection: "supervisor" });
  for (const thisDN of dns) desktop.send({ request: "RequestRegisterAddress", thisDN });
  desktop.heard();
  return desktop;
}

describe("do not disturb and call forward", () => {
  test("on, on again, off: events, the snapshot, and no change for what is so already", () => {
    const desktop = watching(start());
    const thisDN = "1001";
    desktop.send({ request: "RequestSetDNDOn", thisDN });
    desktop.send({ request: "RequestSetDNDOn", thisDN });
    desktop.send({ request: "RequestQueryAddress", thisDN });
    desktop.send({ request: "RequestSetDNDOff", thisDN });
    const heard = desktop.heard();
    expect(heard).toMatchObject([
      { event: "EventDNDOn", thisDN, referenceID: 3 },
      { event: "EventError", errorCode: "already-in-state" },
      { event: "EventAddressInfo", address: { doNotDisturb: true } },
      { event: "EventDNDOff", thisDN, referenceID: 6 },
    ]);
  });

  test("one forward of each mode, shown in the snapshot, cancelled one by one or all at once", () => {
    const desktop = watching(start());
    const thisDN = "1001";
    const set = (forwardMode: "OnBusy" | "OnNoAnswer", otherDN: string): void =>
      void desktop.send({ request: "RequestCallForwardSet", thisDN, otherDN, forwardMode });
    set("OnBusy", "1002");
    set("OnBusy", "9123");
    set("OnNoAnswer", "1002");
    desktop.send({ request: "RequestQueryAddress", thisDN });
    desktop.send({ request: "RequestCallForwardCancel", thisDN, forwardMode: "OnBusy" });
    desktop.send({ request: "RequestCallForwardCancel", thisDN, forwardMode: "OnBusy" });
    desktop.send({ request: "RequestCallForwardCancel", thisDN });
    desktop.send({ request: "RequestQueryAddress", thisDN });
    const heard = desktop.heard();
    expect(heard.slice(3)).toMatchObject([
      {
        address: {
          forwards: [
            { forwardMode: "OnBusy", otherDN: "9123" },
            { forwardMode: "OnNoAnswer", otherDN: "1002" },
          ],
        },
      },
      { event: "EventForwardCancel", forwardMode: "OnBusy" },
      { event: "EventError", errorCode: "forward-not-set" },
      { event: "EventForwardCancel" },
      { event: "EventAddressInfo" },
    ]);
    expect(heard[7]).not.toHaveProperty("address.forwards");
  });

  test.each([
    ["to itself", "1001"],
    ["to what nobody can dial", "4711"],
  ])("a forward %s is refused", (_, otherDN) => {
    const desktop = watching(start());
    const request = { request: "RequestCallForwardSet", thisDN: "1001", otherDN } as const;
    desktop.send({ ...request, forwardMode: "Unconditional" });
    expect(desktop.names()).toEqual(["EventError forward-invalid"]);
  });

  test("a queue has neither, and nobody logs in there", () => {
    const desktop = supervisor(start(), ["5000"]);
    desktop.send({ request: "RequestSetDNDOn", thisDN: "5000" });
    desktop.send({ request: "RequestCallForwardCancel", thisDN: "5000" });
    desktop.send({ request: "RequestAgentLogin", thisDN: "5000", agentID: "1002" });
    expect(desktop.names()).toEqual(Array.from({ length: 3 }, () => "EventError dn-is-queue"));
  });
});

describe("a supervisor", () => {
  const request = { request: "RequestAgentForceLogout", thisDN: "1002" } as const;
  const reasons = { ReasonCode: "end-of-shift" };

  test("ends a login with a reason; the agent's desktop sees who and why", () => {
    const script = start();
    const agent = createDesktop(script, "1001");
    agent.login();
    const boss = supervisor(script, ["1002"]);
    boss.send({ ...request, targetDN: "1001", reasons });
    const told = {
      event: "EventAgentLogout",
      thisDN: "1001",
      reasons,
      extensions: { ReasonCode: "forced-logout", ForcedBy: "agent-1002" },
    };
    expect(agent.heard()).toMatchObject([told]);
    expect(boss.heard()).toMatchObject([{ ...told, referenceID: 3 }]);
    expect(script.state.agents.size).toBe(0);
    boss.send({ ...request, targetDN: "1001" });
    expect(boss.names()).toEqual(["EventError not-logged-in"]);
  });

  test("an agent may not", () => {
    const script = start();
    createDesktop(script, "1001").login();
    const other = watching(script, "1002");
    other.send({ ...request, targetDN: "1001" });
    other.send({
      request: "RequestMonitorNextCall",
      thisDN: "1002",
      otherDN: "1001",
      monitorNextCallType: "MonitorOneCall",
    });
    expect(other.names()).toEqual(["EventError not-permitted", "EventError not-permitted"]);
    expect(script.state.agents.size).toBe(1);
  });

  test("observes a DN until it cancels, unregisters or goes; no row is left", () => {
    const script = start();
    const boss = supervisor(script, ["1002"]);
    const monitor = {
      request: "RequestMonitorNextCall",
      thisDN: "1002",
      monitorNextCallType: "MonitorAllCalls",
    } as const;
    const cancel = { request: "RequestCancelMonitoring", thisDN: "1002", otherDN: "1001" } as const;
    boss.send({ ...monitor, otherDN: "1001" });
    boss.send(cancel);
    boss.send(cancel);
    boss.send({ ...monitor, otherDN: "5000" });
    boss.send({ ...monitor, otherDN: "7777" });
    expect(boss.names()).toEqual([
      "EventMonitoringNextCall",
      "EventMonitoringCancelled",
      "EventError monitor-not-set",
      "EventError monitor-not-possible",
      "EventError dn-unknown",
    ]);
    boss.send({ ...monitor, otherDN: "1001" });
    boss.send({ request: "RequestUnregisterAddress", thisDN: "1002" });
    expect(script.state.monitors.size).toBe(0);
  });
});
