import { describe, expect, test } from "vitest";
import { autoPhoneAt, createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { testConfig, testOptions } from "../testing/config.ts";
import { connectedPhone, type ConnectedPhone } from "../testing/connected-phone.ts";
import { createLastingDesktop, type LastingDesktop } from "../testing/lasting-desktop.ts";
import { createScript, type Script } from "../testing/script.ts";

/** Anna's phone speaks UDP, Bert's comes over a connection. */
interface Site {
  readonly script: Script;
  readonly anna: AutoPhone;
  readonly bert: ConnectedPhone;
  readonly atAnna: LastingDesktop;
  readonly atBert: LastingDesktop;
  readonly all: () => void;
}

function start(noAnswerTimeoutMs = 20_000): Site {
  const script = createScript(testConfig({ options: { ...testOptions, noAnswerTimeoutMs } }));
  const anna = autoPhoneAt(script, "1001", 11);
  anna.manner = "ring";
  const bert = connectedPhone(script, "1002", 12);
  const atAnna = createLastingDesktop(script, "1001");
  const atBert = createLastingDesktop(script, "1002");
  for (const desktop of [atAnna, atBert]) desktop.told.length = 0;
  const all = (): void => {
    settle(anna, bert.phone);
    for (const desktop of [atAnna, atBert]) desktop.hear();
  };
  return { script, anna, bert, atAnna, atBert, all };
}

const callIdsOf = ({ dialogs }: AutoPhone): string[] => [...dialogs.keys()];

describe("a phone's connection is lost while it rings", () => {
  test("the INVITE goes as a new one over the new flow; nobody hears a second ringing", () => {
    const { script, anna, bert, atBert, all } = start();
    anna.invite("1002");
    all();
    bert.drop();
    script.pass(1_000);
    expect(script.state.dns.get("1002")?.inService).toBe(true);
    bert.comeBack("forgets");
    all();
    const [first, second, ...others] = callIdsOf(bert.phone);
    expect([first === second, others]).toEqual([false, []]);
    expect(bert.phone.open()).toEqual([second]);
    bert.phone.take();
    all();
    expect(atBert.told).toEqual(["EventRinging", "EventEstablished"]);
    expect(anna.open()).toHaveLength(1);
  });

  test("a phone that had answered the old one keeps that, and the new one is taken back", () => {
    const { script, anna, bert, atBert, all } = start();
    anna.invite("1002");
    all();
    script.dieAt(script.frames() + 1, 0);
    script.step({ kind: "tick" });
    bert.phone.take();
    const [old = ""] = bert.phone.open();
    script.takeOver();
    bert.comeBack();
    script.pass(500);
    bert.layer.tick();
    for (const desktop of [atBert]) desktop.reconnect();
    all();
    expect(bert.phone.open()).toEqual([old]);
    expect(anna.open()).toHaveLength(1);
    expect(atBert.told).toEqual(["EventRinging", "EventEstablished"]);
    anna.leave();
    all();
    expect(bert.phone.open()).toEqual([]);
  });

  test("it answers over another one before it registers: ACK and BYE go there", () => {
    const { anna, bert, atBert, all } = start();
    anna.invite("1002");
    all();
    bert.drop();
    bert.layer.reconnect("keeps");
    bert.phone.take();
    all();
    expect(bert.phone.heard.at(-1)).toBe("ACK");
    anna.leave();
    all();
    expect(bert.phone.open()).toEqual([]);
    expect(atBert.told).toEqual([
      "EventRinging",
      "EventEstablished",
      "EventReleased RemoteRelease",
    ]);
  });

  test("an INVITE that could not be sent yet waits, and goes as it is", () => {
    const { script, anna, bert, all } = start();
    bert.drop();
    anna.invite("1002");
    all();
    script.pass(1_000);
    bert.comeBack();
    all();
    expect(callIdsOf(bert.phone)).toHaveLength(1);
    expect(bert.phone.heard).not.toContain("CANCEL");
  });
});

describe("a phone's connection is lost in a call", () => {
  test("BYE waits for the new flow", () => {
    const { script, anna, bert, all } = start();
    bert.phone.manner = "answer";
    anna.invite("1002");
    all();
    bert.drop();
    anna.leave();
    all();
    script.pass(2_000);
    expect(bert.phone.open()).toHaveLength(1);
    bert.comeBack("forgets");
    all();
    expect(bert.phone.open()).toEqual([]);
  });

  test("BYE finds the phone whose registration has expired meanwhile", () => {
    const { script, anna, bert, all } = start();
    bert.phone.manner = "answer";
    anna.invite("1002");
    all();
    bert.drop();
    script.pass(25_000);
    anna.leave();
    all();
    script.pass(10_000);
    expect(script.state.dns.get("1002")?.inService).toBe(false);
    bert.comeBack("forgets");
    all();
    expect(bert.phone.open()).toEqual([]);
  });

  test("INFO that comes again over the new flow is passed on once, and answered again", () => {
    const { script, anna, bert, all } = start();
    bert.phone.manner = "answer";
    anna.invite("1002");
    all();
    const [callId = ""] = bert.phone.open();
    bert.phone.request(callId, "INFO", [], "Signal=5");
    settle(anna); // the answer comes back, and is lost with the connection
    bert.drop();
    script.pass(1_000);
    bert.comeBack("keeps");
    all();
    expect(anna.heard.filter((line) => line.startsWith("INFO"))).toHaveLength(1);
    expect(bert.phone.heard).toContain("200 INFO");
  });

  test("the registration expires, the DN goes out of service, the call stays and is found again", () => {
    const { script, anna, bert, atBert, all } = start();
    bert.phone.manner = "answer";
    anna.invite("1002");
    all();
    bert.drop();
    script.pass(31_000);
    all();
    expect(script.state.dns.get("1002")?.inService).toBe(false);
    bert.comeBack("forgets");
    anna.leave();
    all();
    expect(bert.phone.open()).toEqual([]);
    expect(atBert.told).toContain("EventDNOutOfService");
  });
});

describe("a phone's connection is lost while it places a call", () => {
  test("kept, when the phone repeats its transaction", () => {
    const { script, anna, bert, atAnna, all } = start();
    bert.phone.invite("1001");
    settle(anna); // what comes back to the caller is lost with the connection
    bert.drop();
    script.pass(1_000);
    bert.comeBack("keeps");
    all();
    anna.take();
    all();
    script.pass(40_000);
    all();
    expect(atAnna.told).toEqual(["EventRinging", "EventEstablished"]);
    expect(bert.phone.open()).toHaveLength(1);
  });

  test.each([
    ["kept, when the phone has kept its dialog, however long it rings", "keeps", 1],
    ["ended, when it has forgotten it", "forgets", 0],
  ] as const)("%s", (_, how, calls) => {
    const { script, bert, all } = start(60_000);
    bert.phone.invite("1001");
    all();
    bert.drop();
    script.pass(1_000);
    if (how === "forgets") bert.phone.dialogs.clear();
    bert.comeBack(how);
    for (let passed = 0; passed < 40_000; passed += 10_000) {
      bert.phone.register();
      all();
      script.pass(10_000);
    }
    expect(script.state.calls.size).toBe(calls);
  });

  test("else the other leg ends when that transaction has timed out, and is counted apart", () => {
    const { script, bert, atAnna, all } = start();
    bert.phone.invite("1001");
    all();
    bert.drop();
    script.pass(20_000 - 250);
    all();
    expect(atAnna.told).toEqual(["EventRinging"]);
    script.pass(250);
    all();
    expect(atAnna.told).toEqual(["EventRinging", "EventReleased NoAnswer"]);
  });

  test("H4 a call that was answered meanwhile ends with its transaction", () => {
    const { script, anna, bert, atAnna, all } = start();
    bert.phone.invite("1001");
    all();
    bert.drop();
    script.pass(10_000);
    anna.take();
    const effects = script.pass(22_500);
    all();
    expect(atAnna.told).toEqual(["EventRinging", "EventEstablished", "EventReleased Dropped"]);
    const notices = effects.flatMap((effect) => (effect.kind === "notice" ? [effect.text] : []));
    expect(notices).toContainEqual(expect.stringMatching(/^placing-call-ended: [0-9a-f]{16}/));
    expect(anna.open()).toEqual([]);
  });
});

test("a phone that registers over another connection is still heard over the first", () => {
  const { script, anna, bert, all } = start();
  bert.phone.manner = "answer";
  anna.invite("1002");
  all();
  const flow = "1.second";
  const overSecond: Script = {
    ...script,
    sip: (from, text, user) => script.sip({ ...from, flow }, text, user),
  };
  const second = createAutoPhone(overSecond, "1002", bert.phone.address);
  for (let cseq = 1; cseq <= 2; cseq += 1) second.register(); // the first one is out of order
  expect(script.state.dns.get("1002")?.bindings.map(({ target }) => target.name)).toEqual([flow]);
  const [callId = ""] = bert.phone.open();
  bert.phone.request(callId, "INFO", [], "Signal=5");
  all();
  expect(bert.phone.heard).toContain("200 INFO");
});

test("a registration over a connection is granted for flow-expires", () => {
  const { bert, script } = start();
  bert.phone.register(3_600);
  const expiresAt = script.state.dns.get("1002")?.bindings[0]?.expiresAt;
  expect(expiresAt).toBe(script.now() + 30_000);
});
