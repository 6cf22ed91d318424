import { describe, expect, test } from "vitest";
import type { Effect } from "../effect.ts";
import { autoPhoneAt, settle } from "../testing/auto-phone.ts";
import { testConfig } from "../testing/config.ts";
import { createLastingDesktop } from "../testing/lasting-desktop.ts";
import { createScript, type Script } from "../testing/script.ts";
import { createTwoSites } from "../testing/two-sites.ts";

/** First lines of what a takeover sends, and where to. */
function said(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "sip") return [];
    const { host } = effect.target;
    return [`${host} ${effect.text.slice(0, effect.text.indexOf("\r\n"))}`];
  });
}

/** The next frame is the node's last, and nothing of it leaves. */
function dieNext(script: Script): void {
  script.dieAt(script.frames() + 1, 1);
}

describe("H4 what is owed leaves with the takeover", () => {
  test("an INVITE, with its 100", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    autoPhoneAt(script, "1002", 12);
    script.pass(5_000);
    dieNext(script);
    anna.invite("1002");
    expect(said(script.takeOver())).toEqual([
      "127.0.3.11 SIP/2.0 100 Trying",
      "127.0.3.12 INVITE sip:1002@127.0.3.12:5060 SIP/2.0",
    ]);
  });

  test("a 2xx and the ACK of the other side's", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    bert.manner = "ring";
    anna.invite("1002");
    settle(anna, bert);
    script.pass(5_000);
    dieNext(script);
    bert.take();
    expect(said(script.takeOver())).toEqual([
      "127.0.3.11 SIP/2.0 200 OK",
      "127.0.3.12 ACK sip:1002@127.0.3.12:5060 SIP/2.0",
    ]);
  });

  test("a BYE and the answer to the other side's; what is old is not repeated", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    anna.invite("1002");
    settle(anna, bert);
    script.pass(5_000);
    settle(anna, bert);
    dieNext(script);
    anna.leave();
    expect(said(script.takeOver())).toEqual([
      "127.0.3.11 SIP/2.0 200 OK",
      "127.0.3.12 BYE sip:1002@127.0.3.12:5060 SIP/2.0",
    ]);
  });

  test("nothing where the same incarnation goes on", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    autoPhoneAt(script, "1002", 12);
    createLastingDesktop(script, "1001");
    anna.invite("1002");
    const before = script.state.connections.size;
    expect(script.step({ kind: "epochBegan", epoch: 2, takenOver: false })).toEqual([]);
    expect([script.state.epoch, script.state.connections.size]).toEqual([2, before]);
  });

  test("the name service and the signer are asked again", () => {
    const [gateway] = testConfig().trunks;
    if (gateway === undefined) throw new Error("no trunk");
    const credentials = { user: "tandem", realm: "carrier", hasSha256: true };
    const named = { ...gateway, name: "named", host: "carrier.example", isPortGiven: false };
    const script = createScript(testConfig({ trunks: [{ ...gateway, credentials }, named] }));
    const anna = autoPhoneAt(script, "1001", 11);
    anna.invite("9555");
    const [invite] = script.sent({ host: "127.0.3.1", port: 5070 });
    const challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="n"\r\nContent-Length';
    const refusal = (invite?.text ?? "")
      .replace(/^INVITE .*\r\n/, "SIP/2.0 401 Unauthorized\r\n")
      .replace(/(\r\nTo: [^\r]*)/, "$1;tag=c")
      .replace(/Content-Length[\s\S]*$/, `${challenge}: 0\r\n\r\n`);
    dieNext(script);
    script.sip({ host: "127.0.3.1", port: 5070 }, refusal);
    const [pending] = script.state.signings.values();
    const asked = script.takeOver().filter(({ kind }) => kind === "sign" || kind === "resolve");
    expect(asked).toEqual([
      { kind: "resolve", name: "carrier.example", port: null, transport: "UDP" },
      pending?.effect,
    ]);
  });
});

describe("H4 the peer", () => {
  test("is monitored and subscribed to again at once, and nobody is held dead", () => {
    const sites = createTwoSites();
    sites.pass(1_000);
    const { site1, site2 } = sites;
    site1.dieAt(site1.frames() + 1, 1);
    site1.step({ kind: "tick" });
    site1.pass(1_000);
    const effects = site1.takeOver();
    const methods = said(effects).map((line) => line.split(" ")[1]);
    expect(methods).toContain("OPTIONS");
    expect(methods).toContain("SUBSCRIBE");
    sites.pass(6_000);
    expect([site1.state.peer.isAlive, site2.state.peer.isAlive]).toEqual([true, true]);
    expect(site1.state.peer.holdsFull).toBe(true);
    for (const site of [site1, site2]) {
      expect(site.alarms().filter((text) => text.startsWith("peer-lost"))).toEqual([]);
    }
  });
});

describe("H4 desktops", () => {
  test("sessions wait for their resume, and agents stay as they are", () => {
    const script = createScript(testConfig());
    autoPhoneAt(script, "1001", 11);
    const desktop = createLastingDesktop(script, "1001");
    script.dieAt(script.frames() + 1, 0);
    script.step({ kind: "tick" });
    script.takeOver();
    const { sessions, connections, agents } = script.state;
    expect([sessions.size, connections.size]).toEqual([1, 0]);
    script.pass(9_000);
    desktop.reconnect();
    script.pass(5_000);
    expect([sessions.size, connections.size, agents.get("1001")?.state.kind]).toEqual([
      1,
      1,
      "Ready",
    ]);
  });

  test.each([
    ["whose frame the other node has not", 0],
    ["whose answer was lost", 1],
    ["whose answer was heard", 2],
  ])("a request %s is done once", (_, which) => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    bert.manner = "ring";
    const desktop = createLastingDesktop(script, "1001");
    desktop.told.length = 0;
    if (which === 0) {
      script.dieAt(script.frames() + 1, 0);
      script.step({ kind: "tick" });
    } else script.dieAt(script.frames() + 1, which === 1 ? 1 : 0);
    const thisDN = "1001";
    desktop.send({ request: "RequestMakeCall", thisDN, otherDN: "1002" });
    script.takeOver();
    desktop.reconnect();
    settle(anna, bert);
    expect([script.state.calls.size, anna.open().length, bert.open().length]).toEqual([1, 1, 1]);
    desktop.hear();
    expect(desktop.told).toEqual(["EventDialing"]);
  });
});

describe("H8 who is handed a site", () => {
  test.each([
    [
      "dead",
      null,
      ["127.0.3.11 SIP/2.0 200 OK", "127.0.3.12 SIP/2.0 200 OK", "127.0.3.11 SIP/2.0 180 Ringing"],
    ],
    ["handed over", 10, []],
    [
      "handed over after a long wait",
      1_500,
      ["127.0.3.11 SIP/2.0 200 OK", "127.0.3.12 SIP/2.0 200 OK", "127.0.3.11 SIP/2.0 180 Ringing"],
    ],
  ])("%s: what was said a second ago is repeated, or not", (_how, saidBeforeMs, repeated) => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    bert.manner = "ring";
    anna.invite("1002");
    settle(anna, bert);
    script.pass(1_000);
    const began = { kind: "epochBegan", epoch: 2, takenOver: true, saidBeforeMs } as const;
    expect(said(script.step(began))).toEqual(repeated);
  });
});

describe("H6 a machine that may be behind", () => {
  test("asks for its calls: one that its phones know no more ends, one that they know stays", () => {
    const script = createScript(testConfig());
    const anna = autoPhoneAt(script, "1001", 11);
    const bert = autoPhoneAt(script, "1002", 12);
    const carl = autoPhoneAt(script, "1003", 13);
    const dora = autoPhoneAt(script, "1004", 14);
    anna.invite("1002");
    carl.invite("1004");
    settle(anna, bert, carl, dora);
    expect(script.state.calls.size).toBe(2);
    anna.dialogs.clear();
    script.step({ kind: "epochBegan", epoch: 2, takenOver: true, isOld: true });
    for (let second = 0; second < 10; second += 1) {
      settle(anna, bert, carl, dora);
      script.pass(1_000);
    }
    expect(script.state.calls.size).toBe(1);
    expect([bert.open(), carl.open().length, dora.open().length]).toEqual([[], 1, 1]);
  });
});
