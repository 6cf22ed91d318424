import { describe, expect, test } from "vitest";
import { testConfig } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { createPhone } from "../testing/phone.ts";
import { createScript, wallStartMs, type Script } from "../testing/script.ts";

const alice = { host: "127.0.3.11", port: 5060 };

function start(): Script {
  const script = createScript(testConfig());
  createPhone(script, "1001", alice).register();
  return script;
}

function resume(script: Script, connection: string, sequence: number, own = {}): void {
  const [sessionID] = script.state.sessions.keys();
  script.step({
    kind: "ctiRegister",
    connection,
    referenceID: 50,
    applicationName: "desktop",
    identity: {
      userName: "agent-1001",
      role: "agent",
      agentLogins: ["1001"],
      dns: ["1001"],
      isExpired: true,
      ...own,
    },
    resume: {
      serverStartTime: wallStartMs,
      sessionID: sessionID ?? "",
      eventSequenceNumber: sequence,
    },
  });
}

describe("addresses and agents", () => {
  test("login, Ready, Not Ready with a reason, after-call work that ends by itself, logout", () => {
    const script = start();
    const desktop = createDesktop(script, "1001");
    const thisDN = "1001";
    desktop.send({ request: "RequestRegisterAddress", thisDN });
    desktop.send({ request: "RequestAgentLogin", thisDN, agentID: "1001" });
    desktop.send({ request: "RequestAgentSetReady", thisDN });
    desktop.send({ request: "RequestAgentSetNotReady", thisDN, reasons: { ReasonCode: "lunch" } });
    desktop.send({
      request: "RequestAgentSetNotReady",
      thisDN,
      workMode: "AfterCallWork",
      afterCallWorkMs: 3_000,
    });
    const heard = desktop.heard();
    expect(heard.map(({ event }) => event)).toEqual([
      "EventRegistered",
      "EventAgentLogin",
      "EventAgentNotReady",
      "EventAgentReady",
      "EventAgentNotReady",
      "EventAgentAfterCallWork",
    ]);
    expect(heard[1]).toMatchObject({
      referenceID: 3,
      lease: { epoch: 1, time: wallStartMs, site: "site-1" },
      eventSequenceNumber: 1,
    });
    expect(heard[4]).toMatchObject({ reasons: { ReasonCode: "lunch" } });
    expect(heard[5]).toMatchObject({ afterCallWorkUntil: wallStartMs + 3_000 });
    script.pass(3_000);
    expect(desktop.names()).toEqual(["EventAgentReady"]);
    desktop.send({ request: "RequestAgentLogout", thisDN });
    expect(desktop.heard()).toMatchObject([{ event: "EventAgentLogout", referenceID: 7 }]);
  });

  test.each([
    ["a DN that is not one's own", "1002", "dn-not-permitted"],
    ["a DN that does not exist", "7777", "dn-unknown"],
  ])("%s cannot be registered", (_, thisDN, code) => {
    const desktop = createDesktop(start(), "1001");
    desktop.send({ request: "RequestRegisterAddress", thisDN });
    expect(desktop.names()).toEqual([`EventError ${code}`]);
  });

  test("refused logins change nothing: another's code, a DN taken, one out of service", () => {
    const script = start();
    createDesktop(script, "1001").login();
    const other = createDesktop(script, "1001", {
      userName: "agent-1002",
      agentID: "1002",
      connection: "other",
    });
    other.send({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1002" });
    other.send({ request: "RequestRegisterAddress", thisDN: "1001" });
    other.send({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1003" });
    other.send({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1002" });
    expect(other.names()).toEqual([
      "EventError dn-not-registered",
      "EventRegistered",
      "EventError agent-not-permitted",
      "EventError dn-taken",
    ]);
    const third = createDesktop(script, "1003");
    third.send({ request: "RequestRegisterAddress", thisDN: "1003" });
    third.send({ request: "RequestAgentLogin", thisDN: "1003", agentID: "1003" });
    expect(third.names()).toEqual(["EventRegistered", "EventError dn-out-of-service"]);
    expect([...script.state.agents.keys()]).toEqual(["1001"]);
  });

  test("the same person logs in again: the login moves, keeps its state, gets a new lease", () => {
    const script = start();
    createDesktop(script, "1001").login();
    const again = createDesktop(script, "1001", { connection: "again" });
    again.send({ request: "RequestRegisterAddress", thisDN: "1001" });
    again.send({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1001", leaseEpoch: 6 });
    expect(again.heard().slice(1)).toMatchObject([
      { event: "EventAgentLogin", lease: { epoch: 7 } },
      { event: "EventAgentReady" },
    ]);
  });

  test("an expired registration: out of service, forced logout, then back in service", () => {
    const script = start();
    const desktop = createDesktop(script, "1001");
    desktop.login();
    script.pass(60_000);
    expect(desktop.heard()).toMatchObject([
      { event: "EventDNOutOfService", thisDN: "1001" },
      { event: "EventAgentLogout", extensions: { ReasonCode: "dr-force_logout" } },
    ]);
    createPhone(script, "1001", alice).register();
    expect(desktop.names()).toEqual(["EventDNBackInService"]);
  });
});

describe("sessions", () => {
  test("a resume brings every event since, once and in order, with the former referenceID", () => {
    const script = start();
    const desktop = createDesktop(script, "1001");
    desktop.login();
    const position = script.state.ring.lastSequence;
    desktop.close();
    createPhone(script, "1001", alice).register(0);
    resume(script, "second", position);
    expect(script.events("second").map(({ event }) => event)).toEqual([
      "EventLinkConnected",
      "EventServerInfo",
      "EventDNOutOfService",
      "EventAgentLogout",
    ]);
    resume(script, "third", 0);
    const third = script.events("third");
    expect(third.find(({ event }) => event === "EventAgentLogin")).toMatchObject({
      referenceID: 3,
    });
  });

  test.each([
    ["another person's token", 0, { userName: "agent-1002" }, 0],
    ["a position that is not in the ring any more", 0, {}, 31_000],
    ["a position of the future", 99, {}, 0],
  ])("%s is resume-too-old", (_, sequence, own, waits) => {
    const script = start();
    const desktop = createDesktop(script, "1001");
    desktop.login();
    desktop.close();
    script.pass(waits);
    resume(script, "second", sequence, own);
    expect(script.events("second")).toMatchObject([
      { event: "EventError", errorCode: "resume-too-old" },
    ]);
  });

  test("who missed nothing resumes, however long it heard nothing and whatever others heard", () => {
    const script = start();
    const quiet = createDesktop(script, "1001");
    quiet.login();
    const position = script.state.ring.lastSequence;
    createPhone(script, "1002", { host: "127.0.3.12", port: 5060 }).register();
    const other = createDesktop(script, "1002");
    other.login();
    script.pass(35_000);
    other.send({ request: "RequestAgentSetNotReady", thisDN: "1002" });
    expect(script.state.ring.entries.has(position + 1)).toBe(false);
    quiet.close();
    resume(script, "second", position);
    expect(script.events("second").map(({ event }) => event)).toEqual([
      "EventLinkConnected",
      "EventServerInfo",
    ]);
  });

  test("a request sent again gets its stored answer and is not executed again", () => {
    const script = start();
    const desktop = createDesktop(script, "1001");
    desktop.login();
    const request = {
      request: "RequestAgentSetNotReady",
      referenceID: 10,
      thisDN: "1001",
    } as const;
    script.step({ kind: "ctiRequest", connection: "desktop-1001", request });
    const [first] = desktop.heard();
    script.step({ kind: "ctiRequest", connection: "desktop-1001", request });
    expect(desktop.heard()).toEqual([first]);
  });

  test("session-grace: Not Ready, restored by a resume; logged out after the window", () => {
    const script = start();
    const desktop = createDesktop(script, "1001");
    desktop.login();
    const position = script.state.ring.lastSequence;
    desktop.close();
    script.pass(9_750);
    expect(script.state.agents.get("1001")?.state.kind).toBe("Ready");
    script.pass(500);
    expect(script.state.agents.get("1001")?.state).toMatchObject({
      kind: "NotReady",
      reasons: { ReasonCode: "desktop-lost" },
    });
    resume(script, "second", position);
    expect(script.state.agents.get("1001")?.state.kind).toBe("Ready");
    script.step({ kind: "ctiClosed", connection: "second" });
    createPhone(script, "1001", alice).register(3_600);
    script.pass(60_250);
    expect([script.state.agents.size, script.state.sessions.size]).toEqual([0, 0]);
  });

  test("before RegisterClient every request is refused", () => {
    const script = start();
    const request = { request: "RequestQueryServer", referenceID: 1 } as const;
    script.step({ kind: "ctiRequest", connection: "nobody", request });
    expect(script.events("nobody")).toMatchObject([{ errorCode: "not-registered-client" }]);
  });
});
