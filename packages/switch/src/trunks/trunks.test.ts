import { buildResponse, headerOf, type SipRequest } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import type { SwitchConfig, TrunkConfig } from "../config.ts";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { testConfig } from "../testing/config.ts";
import { createScript, requestIn, type Script } from "../testing/script.ts";

const carrier = { host: "203.0.113.10", port: 5060 };
const second = { host: "203.0.113.11", port: 5060 };

function start(trunk: Partial<TrunkConfig>): { script: Script; anna: AutoPhone } {
  const base = testConfig();
  const config: SwitchConfig = {
    ...base,
    dialPlan: [{ prefix: "0", strip: 0, prepend: "", trunks: ["carrier"] }],
    trunks: [{ name: "carrier", ...carrier, transport: "UDP", sources: [], ...trunk }],
  };
  const script = createScript(config);
  const anna = createAutoPhone(script, "1001", { host: "127.0.3.11", port: 5060 });
  anna.register();
  settle(anna);
  return { script, anna };
}

const answer = (script: Script, from: typeof carrier, request: SipRequest, status: number): void =>
  void script.sip(from, buildResponse(request, status, { toTag: "c" }));
const lastStatus = (anna: AutoPhone): number => [...anna.dialogs.values()].at(-1)?.lastStatus ?? 0;

describe("RFC 3263: a trunk by name", () => {
  const named = { host: "carrier.example", isPortGiven: false };
  const record = { transport: "UDP", weight: 0, ttlMs: 60_000 } as const;

  test("it is asked for with the configuration; records are tried by priority", () => {
    const { script, anna } = start(named);
    script.step({
      kind: "resolved",
      name: "carrier.example",
      records: [
        { ...record, ...second, priority: 20 },
        { ...record, ...carrier, priority: 10 },
      ],
    });
    anna.invite("0123");
    const invite = requestIn(script.sent(carrier), "INVITE");
    expect(invite.uri).toBe("sip:0123@carrier.example");
    answer(script, carrier, invite, 503);
    requestIn(script.sent(second), "INVITE");
    expect(script.sent(carrier).map(({ first }) => first)).toEqual([
      expect.stringMatching(/^ACK /),
    ]);
  });

  test("before the name service has answered nobody waits: 503 at once", () => {
    const { script, anna } = start(named);
    anna.invite("0123");
    settle(anna);
    expect(lastStatus(anna)).toBe(503);
    expect(script.state.calls.size).toBe(0);
  });

  test("an answer without records keeps the last one", () => {
    const { script, anna } = start(named);
    const records = [{ ...record, ...carrier, priority: 10 }];
    script.step({ kind: "resolved", name: "carrier.example", records });
    script.step({ kind: "resolved", name: "carrier.example", records: [] });
    anna.invite("0123");
    expect(requestIn(script.sent(carrier), "INVITE").method).toBe("INVITE");
  });

  test("it is asked for again when its answer grows old", () => {
    const { script } = start(named);
    const records = [{ ...record, ...carrier, priority: 10 }];
    script.step({ kind: "resolved", name: "carrier.example", records });
    const asked = script.pass(60_000).filter(({ kind }) => kind === "resolve");
    expect(asked).toEqual([
      { kind: "resolve", name: "carrier.example", port: null, transport: "UDP" },
    ]);
  });
});

describe("fail-over", () => {
  const others = [{ ...second, transport: "UDP" as const }];

  test("a place that says nothing is left after its time, and the call goes to the next", () => {
    const { script, anna } = start({ others, failoverMs: 4_000 });
    anna.invite("0123");
    script.pass(3_500);
    expect(script.sent(second)).toEqual([]);
    script.pass(1_000);
    expect(requestIn(script.sent(second), "INVITE").method).toBe("INVITE");
  });

  test("a place that answers no OPTIONS is tried last, until it answers again", () => {
    const { script, anna } = start({ others, monitorMs: 10_000 });
    const round = (isAlive: boolean): void => {
      script.pass(10_000);
      for (const place of [carrier, second]) {
        const options = requestIn(script.sent(place), "OPTIONS");
        if (isAlive || place === second) answer(script, place, options, 200);
        else answer(script, place, options, 503);
      }
    };
    round(false);
    round(false);
    anna.invite("0123");
    const invite = requestIn(script.sent(second), "INVITE");
    answer(script, second, invite, 486);
    settle(anna);
    round(true);
    script.sent(second);
    anna.invite("0123");
    expect(requestIn(script.sent(carrier), "INVITE").method).toBe("INVITE");
  });

  test("what the callee says is the answer: busy is not tried elsewhere", () => {
    const { script, anna } = start({ others });
    anna.invite("0123");
    answer(script, carrier, requestIn(script.sent(carrier), "INVITE"), 486);
    settle(anna);
    expect([lastStatus(anna), script.sent(second)]).toEqual([486, []]);
  });
});

describe("digest towards a carrier", () => {
  const credentials = { user: "tandem", realm: "carrier.example", hasSha256: false };
  const challenge = 'Digest realm="carrier.example", nonce="abc", algorithm=MD5, qop="auth"';
  const challenged = (script: Script, request: SipRequest, value: string): void =>
    void script.sip(
      carrier,
      buildResponse(request, 407, { toTag: "c", headers: [["Proxy-Authenticate", value]] }),
    );

  test("a challenge is answered by the edge's signature, once", () => {
    const { script, anna } = start({ credentials });
    anna.invite("0123");
    const effects = script.step();
    expect(effects).toEqual([]);
    const invite = requestIn(script.sent(carrier), "INVITE");
    const signs = script.sip(
      carrier,
      buildResponse(invite, 407, { toTag: "c", headers: [["Proxy-Authenticate", challenge]] }),
    );
    const sign = signs.find(({ kind }) => kind === "sign");
    expect(sign).toMatchObject({ trunk: "carrier", challenge, method: "INVITE", uri: invite.uri });
    const id = sign?.kind === "sign" ? sign.id : "";
    script.step({ kind: "signed", id, value: "Digest signed" });
    const again = requestIn(
      script.sent(carrier).filter(({ first }) => first.startsWith("INVITE")),
      "INVITE",
    );
    expect(headerOf(again, "proxy-authorization")).toBe("Digest signed");
    expect(headerOf(again, "cseq")).toBe("2 INVITE");
    challenged(script, again, challenge);
    settle(anna);
    expect(lastStatus(anna)).toBe(403);
    expect(script.state.signings.size).toBe(0);
  });

  test("A04: a challenge of another realm is no business of ours", () => {
    const { script, anna } = start({ credentials });
    anna.invite("0123");
    const invite = requestIn(script.sent(carrier), "INVITE");
    challenged(script, invite, challenge.replace("carrier.example", "evil.example"));
    settle(anna);
    expect([lastStatus(anna), script.state.signings.size]).toEqual([403, 0]);
  });

  test("A04: nor is one that only carries our realm's name in another field", () => {
    const { script, anna } = start({ credentials });
    anna.invite("0123");
    const invite = requestIn(script.sent(carrier), "INVITE");
    challenged(script, invite, 'Digest realm="evil", xrealm="carrier.example", nonce="n"');
    settle(anna);
    expect([lastStatus(anna), script.state.signings.size]).toEqual([403, 0]);
  });

  test("registration: asked for, signed, kept up at nine tenths of what is granted", () => {
    const { script } = start({
      credentials,
      registration: { user: "tandem", expiresSeconds: 600 },
    });
    script.pass(1_000);
    const first = requestIn(script.sent(carrier), "REGISTER");
    const effects = script.sip(
      carrier,
      buildResponse(first, 401, { toTag: "c", headers: [["WWW-Authenticate", challenge]] }),
    );
    const sign = effects.find(({ kind }) => kind === "sign");
    const id = sign?.kind === "sign" ? sign.id : "";
    script.step({ kind: "signed", id, value: "Digest signed" });
    const signed = requestIn(script.sent(carrier), "REGISTER");
    expect(headerOf(signed, "authorization")).toBe("Digest signed");
    script.sip(carrier, buildResponse(signed, 200, { toTag: "c", headers: [["Expires", "100"]] }));
    expect(script.state.trunks.get("carrier")?.registration?.isRegistered).toBe(true);
    script.pass(89_000);
    expect(script.sent(carrier)).toEqual([]);
    script.pass(2_000);
    expect(requestIn(script.sent(carrier), "REGISTER").method).toBe("REGISTER");
  });
});

describe("limits and numbers", () => {
  test("capacity: one call more than the trunk may have is refused, and room comes back", () => {
    const { script, anna } = start({ capacity: 1 });
    const first = anna.invite("0123");
    const invite = requestIn(script.sent(carrier), "INVITE");
    anna.invite("0124");
    settle(anna);
    expect(lastStatus(anna)).toBe(503);
    anna.cancel(first);
    answer(script, carrier, invite, 180);
    const cancel = requestIn(script.sent(carrier), "CANCEL");
    answer(script, carrier, cancel, 200);
    answer(script, carrier, invite, 487);
    settle(anna);
    expect(script.state.trunks.get("carrier")?.legs.size).toBe(0);
    anna.invite("0125");
    expect(requestIn(script.sent(carrier), "INVITE").method).toBe("INVITE");
  });

  test("numbers are translated on the way in and out; longest prefix first", () => {
    const { script, anna } = start({
      calledRules: [
        { prefix: "+49301", replace: "1" },
        { prefix: "+", replace: "00" },
      ],
      callerRules: [{ prefix: "+49", replace: "0" }],
      callerOutRules: [{ prefix: "10", replace: "+493010" }],
    });
    const gateway = createAutoPhone(script, "+4917", carrier);
    gateway.invite("+49301001");
    settle(gateway, anna);
    const invite = [...anna.dialogs.values()][0]?.invite;
    expect(invite?.headers.text).toContain("From: <sip:017@");
    anna.invite("0123");
    const out = requestIn(script.sent(carrier), "INVITE");
    expect(headerOf(out, "from")).toContain("<sip:+49301001@");
  });
});
