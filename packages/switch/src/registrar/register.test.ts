import { buildRequest, headerOf, headersOf } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import { testConfig, testOptions } from "../testing/config.ts";
import { createDesktop } from "../testing/desktop.ts";
import { createPhone } from "../testing/phone.ts";
import { createScript, requestIn, responseIn, type Script } from "../testing/script.ts";

const address = { host: "127.0.3.11", port: 5060 };
let branch = 0;

interface Parts {
  readonly to?: string;
  readonly user?: string;
  readonly contacts?: readonly string[];
  readonly expires?: string;
  readonly cseq?: number;
  readonly callId?: string;
  readonly transport?: "UDP" | "TCP";
}

/** One REGISTER and its answer. */
function register(script: Script, parts: Parts = {}): ReturnType<typeof responseIn> {
  branch += 1;
  const { to = "1001", contacts = ["<sip:1001@127.0.3.11:5060>"], transport = "UDP" } = parts;
  const text = buildRequest({
    method: "REGISTER",
    uri: "sip:127.0.1.10",
    headers: [
      ["Via", `SIP/2.0/${transport} 127.0.3.11:5060;branch=z9hG4bKreg${branch}`],
      ["Max-Forwards", "70"],
      ["From", `<sip:${to}@test>;tag=r`],
      ["To", `<sip:${to}@test>`],
      ["Call-ID", parts.callId ?? "one"],
      ["CSeq", `${parts.cseq ?? branch} REGISTER`],
      ...contacts.map((contact) => ["Contact", contact] as const),
      ...(parts.expires === undefined ? [] : [["Expires", parts.expires] as const]),
    ],
  });
  const from = { ...address, transport };
  script.sip(from, text, parts.user ?? "1001");
  const [answer] = script.sent(address);
  if (answer?.message.kind !== "response") throw new Error("no answer");
  return answer.message;
}

function contactsOf(response: ReturnType<typeof responseIn>): readonly string[] {
  return headersOf(response, "contact");
}

describe("the registrar (RFC 3261 §10.3)", () => {
  test("several bindings of a DN, each with its expiry, the newest called first", () => {
    const script = createScript(testConfig());
    register(script, { expires: "60" });
    const both = register(script, {
      contacts: ["<sip:1001@127.0.3.11:5070>;expires=120"],
      callId: "two",
    });
    expect(contactsOf(both)).toEqual([
      "<sip:1001@127.0.3.11:5060>;expires=60",
      "<sip:1001@127.0.3.11:5070>;expires=120",
    ]);
    const gateway = createPhone(script, "gateway", { host: "127.0.3.1", port: 5070 });
    gateway.invite("1001");
    expect(requestIn(script.sent(address), "INVITE").uri).toBe("sip:1001@127.0.3.11:5070");
    script.pass(60_000);
    expect(script.state.dns.get("1001")?.bindings.length).toBe(1);
    expect(script.state.dns.get("1001")?.inService).toBe(true);
  });

  test.each([
    ["no Expires gets the default", {}, 60],
    ["more than the maximum is shortened", { expires: "999999" }, 3_600],
    [
      "the Contact's own counts before the header",
      { expires: "600", contacts: ["<sip:a@b>;expires=30"] },
      30,
    ],
    ["what is no number is as if absent", { expires: "soon" }, 60],
  ])("%s", (_, parts, seconds) => {
    const [contact] = contactsOf(register(createScript(testConfig()), parts));
    expect(contact).toMatch(new RegExp(`expires=${seconds}$`));
  });

  test("423 names the shortest expiry there is", () => {
    const answer = register(createScript(testConfig()), { expires: "5" });
    expect([answer.status, headerOf(answer, "min-expires")]).toEqual([423, "10"]);
  });

  test("expires 0 takes one away, the wildcard all; the wildcard with anything else is refused", () => {
    const script = createScript(testConfig());
    register(script, { contacts: ["<sip:a@b>", "<sip:c@d>"] });
    expect(contactsOf(register(script, { contacts: ["<sip:a@b>;expires=0"] }))).toHaveLength(1);
    expect(register(script, { contacts: ["*"], expires: "60" }).status).toBe(400);
    expect(contactsOf(register(script, { contacts: ["*"], expires: "0" }))).toEqual([]);
    expect(script.state.dns.get("1001")?.inService).toBe(false);
  });

  test.each([
    ["put off by a second registration", "60", "60", 89_000, 91_000],
    ["brought forward by one", "600", "60", 89_000, 91_000],
  ])("expiry is %s, to the second", (_, first, second, before, after) => {
    const script = createScript(testConfig());
    register(script, { expires: first });
    script.pass(30_000);
    register(script, { expires: second });
    script.pass(before - 30_000);
    expect(script.state.dns.get("1001")?.inService).toBe(true);
    script.pass(after - before);
    expect(script.state.dns.get("1001")?.inService).toBe(false);
    expect(script.state.timers.armed.has("dn/1001/expiry")).toBe(false);
  });

  test("a registration that only puts off its expiry arms nothing", () => {
    const script = createScript(testConfig());
    register(script, { expires: "60" });
    const armed = script.state.timers.armed.get("dn/1001/expiry");
    register(script, { expires: "600" });
    expect(script.state.timers.armed.get("dn/1001/expiry")).toBe(armed);
  });

  test("without a Contact it only tells what is there", () => {
    const script = createScript(testConfig());
    register(script);
    expect(contactsOf(register(script, { contacts: [] }))).toHaveLength(1);
  });

  test.each([
    ["another DN's address", { to: "1002" }, 403],
    ["a DN that does not exist", { to: "7777", user: "7777" }, 403],
    ["a Contact that is no URI", { contacts: ["<nonsense>"] }, 400],
  ])("%s is refused and changes nothing", (_, parts, status) => {
    const script = createScript(testConfig());
    expect(register(script, parts).status).toBe(status);
    expect(script.state.timers.armed.has("dn/1001/expiry")).toBe(false);
  });

  test("a REGISTER that comes late, with a lower CSeq of the same Call-ID, is refused", () => {
    const script = createScript(testConfig());
    register(script, { cseq: 500 });
    expect(register(script, { cseq: 499 }).status).toBe(400);
  });

  test("the oldest binding makes room for one too many", () => {
    const script = createScript(testConfig());
    for (let port = 1; port <= 6; port += 1) {
      register(script, { contacts: [`<sip:1001@127.0.3.11:${port}>`], callId: `call-${port}` });
    }
    const contacts = script.state.dns.get("1001")?.bindings.map(({ contact }) => contact);
    expect(contacts?.[0]).toBe("sip:1001@127.0.3.11:2");
    expect(contacts).toHaveLength(testOptions.bindingsPerDnMax);
  });

  test("a phone on a connection is called over that connection", () => {
    const script = createScript(testConfig());
    register(script, { transport: "TCP" });
    expect(script.state.dns.get("1001")?.bindings[0]?.target).toMatchObject({
      transport: "TCP",
      name: "1.5060",
    });
  });
});

describe("nonce counts (RFC 7616 §3.4)", () => {
  test.each([
    ["a replay: the count is not above the last one", false, 1],
    ["an expired nonce", true, 9],
  ])("%s gets a challenge that says stale", (_, isStale, nonceCount) => {
    const script = createScript(testConfig());
    const flow = {
      transport: "UDP",
      name: "",
      localHost: "127.0.1.10",
      localPort: 5060,
      remoteHost: address.host,
      remotePort: address.port,
    } as const;
    const proof = { user: "1001", isStale: false, nonce: "n", nonceCount: 1, challenge: "again" };
    const text = (order: number): string =>
      [
        "REGISTER sip:127.0.1.10 SIP/2.0",
        `Via: SIP/2.0/UDP 127.0.3.11;branch=z9hG4bKnonce${order}${nonceCount}`,
        "Max-Forwards: 70",
        "From: <sip:1001@test>;tag=r",
        "To: <sip:1001@test>",
        "Call-ID: n",
        `CSeq: ${order} REGISTER`,
        "Contact: <sip:1001@127.0.3.11>",
        "Content-Length: 0\r\n\r\n",
      ].join("\r\n");
    script.step({ kind: "sip", flow, text: text(1), authenticated: proof });
    const second = { ...proof, isStale, nonceCount };
    script.step({ kind: "sip", flow, text: text(2), authenticated: second });
    const answer = responseIn(script.sent(address), 401);
    expect(headerOf(answer, "www-authenticate")).toBe("again");
  });
});

describe("the out-of-service check", () => {
  const config = testConfig({ options: { ...testOptions, outOfServiceCheckMs: 40_000 } });

  test("a phone that answers stays; one that is silent three times is taken out of service", () => {
    const script = createScript(config);
    const phone = createPhone(script, "1001", address);
    phone.register(3_600);
    const desktop = createDesktop(script, "1001");
    desktop.login();
    phone.heard();
    script.pass(40_000);
    phone.reply(requestIn(phone.heard(), "OPTIONS"), 200);
    script.pass(120_000);
    expect(desktop.names()).toEqual([]);
    script.pass(40_000);
    expect(desktop.names()).toEqual(["EventDNOutOfService", "EventAgentLogout"]);
    phone.register(3_600);
    expect(desktop.names()).toEqual(["EventDNBackInService"]);
  });

  test.each([404, 405, 486, 501])("a phone that answers %i is alive", (status) => {
    const script = createScript(config);
    const phone = createPhone(script, "1001", address);
    phone.register(3_600);
    for (let check = 0; check < 5; check += 1) {
      phone.heard();
      script.pass(40_000);
      phone.reply(requestIn(phone.heard(), "OPTIONS"), status);
    }
    expect(script.state.dns.get("1001")?.inService).toBe(true);
  });
});
