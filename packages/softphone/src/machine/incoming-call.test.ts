import { buildResponse, cseqOf, headerOf, sdpView, textOf, viaOf } from "@tandem/sip";
import { requestFrom } from "@tandem/sip/testing";
import { describe, expect, test } from "vitest";
import { type OtherSide, otherSide, sdpOf } from "../testing/other-side.ts";
import { accountAt, PhoneBench, site1, site2 } from "../testing/phone-bench.ts";
import { linesPreset } from "./settings.ts";

const auto = { kind: "auto", ringMs: 0 } as const;
const ringing = { kind: "auto", ringMs: 3_000 } as const;
const manual = { kind: "manual", giveUpMs: 60_000 } as const;
const offer = sdpOf();

/** A registrar's 401 to a request. */
function challengeTo(request: string): string {
  const challenge = 'Digest realm="example.test", nonce="n", qop="auth"';
  const headers = [["WWW-Authenticate", challenge]] as const;
  return buildResponse(requestFrom(request), 401, { toTag: "r", headers });
}

/** A phone in a call that the other side placed. */
function talking(): { bench: PhoneBench; other: OtherSide } {
  const bench = new PhoneBench({ answer: auto });
  const other = otherSide();
  bench.receive(other.request("INVITE", 1, { sdp: offer }));
  other.learn(textOf(bench.last));
  bench.receive(other.request("ACK", 1));
  return { bench, other };
}

describe("answering", () => {
  test("RFC3261-13.3.1 at once: 200 with the answer, established by the ACK, ended by BYE", () => {
    const bench = new PhoneBench({ answer: auto });
    const other = otherSide();
    expect(bench.receive(other.request("INVITE", 1, { sdp: offer }))).toEqual([
      "incoming 1 sip:2002@example.test",
      "200 > 127.0.1.10:5060",
      "media 1: 127.0.9.1:9000 sending",
      "direction 1 sendrecv",
    ]);
    expect(sdpView(bench.last.body)).toMatchObject({
      address: "127.0.3.1",
      media: [{ port: 20_000, direction: "sendrecv", payloads: ["0"] }],
    });
    other.learn(textOf(bench.last));
    expect(bench.receive(other.request("ACK", 1))).toEqual(["established 1"]);
    expect(bench.receive(other.request("BYE", 2))).toEqual([
      "200 > 127.0.1.10:5060",
      "media 1: off",
      "ended 1 remote",
    ]);
    expect(bench.pass(60_000)).toEqual([]);
    expect([bench.state.calls.size, bench.state.transactions.size]).toEqual([0, 0]);
  });

  test("RFC3261-13.3.1.1 after ringing", () => {
    const bench = new PhoneBench({ answer: ringing });
    const lines = bench.receive(otherSide().request("INVITE", 1, { sdp: offer }));
    expect(lines.at(-1)).toBe("180 > 127.0.1.10:5060");
    expect(bench.pass(3_000)[0]).toBe("3000 200 > 127.0.1.10:5060");
  });

  test("RFC3261-13.3.1.4 the 200 is repeated until its ACK, then the call is given up", () => {
    const bench = new PhoneBench({ answer: auto });
    bench.receive(otherSide().request("INVITE", 1, { sdp: offer }));
    const lines = bench.pass(32_000);
    const sent = lines.filter((line) => line.includes("200 >")).map((line) => line.split(" ")[0]);
    expect(sent.slice(0, 5)).toEqual(["500", "1500", "3500", "7500", "11500"]);
    expect(lines.slice(-3)).toEqual([
      "32000 BYE > 127.0.1.10:5060",
      "32000 media 1: off",
      "32000 ended 1 lost",
    ]);
  });

  test("RFC3264-5 an INVITE without an offer gets one, the ACK brings the answer", () => {
    const bench = new PhoneBench({ answer: auto });
    const other = otherSide();
    expect(bench.receive(other.request("INVITE", 1))).toEqual([
      "incoming 1 sip:2002@example.test",
      "200 > 127.0.1.10:5060",
    ]);
    expect(sdpView(bench.last.body)?.media[0]?.port).toBe(20_000);
    other.learn(textOf(bench.last));
    expect(bench.receive(other.request("ACK", 1, { sdp: sdpOf() }))).toEqual([
      "established 1",
      "media 1: 127.0.9.1:9000 sending",
      "direction 1 sendrecv",
    ]);
  });

  test("RFC3264-5 an ACK without the answer ends it", () => {
    const bench = new PhoneBench({ answer: auto });
    const other = otherSide();
    bench.receive(other.request("INVITE", 1));
    other.learn(textOf(bench.last));
    expect(bench.receive(other.request("ACK", 1))).toEqual([
      "BYE > 127.0.1.10:5060",
      "ended 1 media 488",
    ]);
  });

  test("manually, and rejected, and given up", () => {
    const bench = new PhoneBench({ answer: manual });
    bench.receive(otherSide("a").request("INVITE", 1, { sdp: offer, branch: "z9hG4bKa" }));
    expect(bench.step({ kind: "answer" })[0]).toBe("200 > 127.0.1.10:5060");
    bench.receive(
      otherSide("b").request("INVITE", 1, { sdp: offer, branch: "z9hG4bKb", callId: "b" }),
    );
    expect(bench.step({ kind: "hangup", call: 2, status: 603 })).toEqual([
      "603 > 127.0.1.10:5060",
      "ended 2 local 603",
    ]);
    bench.receive(
      otherSide("c").request("INVITE", 1, { sdp: offer, branch: "z9hG4bKc", callId: "c" }),
    );
    const lines = bench.pass(60_000);
    expect(lines).toContain("60000 480 > 127.0.1.10:5060");
    expect(lines).toContain("60000 ended 3 noAnswer 480");
  });

  test("RFC3261-15 a hang-up before the ACK waits for it", () => {
    const bench = new PhoneBench({ answer: auto });
    const other = otherSide();
    bench.receive(other.request("INVITE", 1, { sdp: offer }));
    other.learn(textOf(bench.last));
    expect(bench.step({ kind: "hangup" })).toEqual([]);
    expect(bench.receive(other.request("ACK", 1))).toEqual([
      "BYE > 127.0.1.10:5060",
      "media 1: off",
      "ended 1 local",
    ]);
  });
});

describe("refusing", () => {
  const h264 = sdpOf("sendrecv", "m=video 9000 RTP/AVP 96");
  test.each([
    ["RFC3264-6 no codec in common", { sdp: h264 }, "488"],
    ["RFC3264-6 a refused stream", { sdp: sdpOf("sendrecv", "m=audio 0 RTP/AVP 0") }, "488"],
    [
      "RFC3261-21.4.13 another body",
      { headers: [["Content-Type", "text/plain"]], body: "x" },
      "415",
    ],
    ["RFC3261-8.2.2.3 an extension", { headers: [["Require", "100rel"]], sdp: offer }, "420"],
  ] as const)("%s", (_rule, more, status) => {
    const bench = new PhoneBench({ answer: auto });
    const text = otherSide().request("INVITE", 1, more);
    const changed = "body" in more ? text.replace("Length: 0\r\n\r\n", "Length: 1\r\n\r\nx") : text;
    expect(bench.receive(changed)).toContain(`${status} > 127.0.1.10:5060`);
    expect(bench.state.calls.size).toBe(0);
  });

  test("busy by order, and when all lines are taken", () => {
    const busy = new PhoneBench({ answer: { kind: "reject", status: 486 } });
    expect(busy.receive(otherSide().request("INVITE", 1, { sdp: offer }))).toEqual([
      "486 > 127.0.1.10:5060",
    ]);
    const bench = new PhoneBench({ answer: manual });
    for (let line = 0; line <= linesPreset; line += 1) {
      const branch = `z9hG4bK${line}`;
      const lines = bench.receive(
        otherSide().request("INVITE", 1, { sdp: offer, branch, callId: branch }),
      );
      expect(lines.at(-1)).toBe(`${line < linesPreset ? 180 : 486} > 127.0.1.10:5060`);
    }
  });

  test("RFC3261-9.2 CANCEL: 200 to it, 487 to its INVITE", () => {
    const bench = new PhoneBench({ answer: manual });
    const other = otherSide();
    bench.receive(other.request("INVITE", 1, { sdp: offer, branch: "z9hG4bKx" }));
    expect(bench.receive(other.request("CANCEL", 1, { branch: "z9hG4bKx" }))).toEqual([
      "200 > 127.0.1.10:5060",
      "487 > 127.0.1.10:5060",
      "ended 1 cancelled 487",
    ]);
    expect(bench.receive(other.request("ACK", 1, { branch: "z9hG4bKx" }))).toEqual([]);
    expect(bench.receive(other.request("CANCEL", 1, { branch: "z9hG4bKy" }))).toEqual([
      "481 > 127.0.1.10:5060",
    ]);
  });

  test("RFC3261-12.2.2 nobody's dialog, and requests outside of any", () => {
    const bench = new PhoneBench();
    const { other } = talking();
    const lines = ["BYE", "INVITE", "OPTIONS", "NOTIFY", "MESSAGE", "REFER", "ACK"].map((method) =>
      bench.receive(other.request(method, 2)),
    );
    expect(lines).toEqual([
      ["481 > 127.0.1.10:5060"],
      ["481 > 127.0.1.10:5060"],
      ["200 > 127.0.1.10:5060"],
      ["200 > 127.0.1.10:5060"],
      ["200 > 127.0.1.10:5060"],
      ["405 > 127.0.1.10:5060"],
      [],
    ]);
  });

  test("RFC3581-4 what is malformed is told so, at its source", () => {
    const bench = new PhoneBench();
    const text = otherSide().request("OPTIONS", 1).replace("OPTIONS sip", "OPTIONS  sip");
    expect(bench.receive(text, { transport: "UDP", host: "127.0.9.9", port: 7 })).toEqual([
      "400 > 127.0.9.9:7",
    ]);
    expect(viaOf(bench.last)?.received).toBe("127.0.9.9");
    expect(bench.receive("nonsense")).toEqual([]);
  });
});

describe("within a call", () => {
  test("RFC3264-8.4 the other side holds and retrieves", () => {
    const { bench, other } = talking();
    expect(bench.receive(other.request("INVITE", 2, { sdp: sdpOf("sendonly") }))).toEqual([
      "held 1 by remote",
      "200 > 127.0.1.10:5060",
      "media 1: 127.0.9.1:9000 silent",
      "direction 1 sendonly",
    ]);
    expect(sdpView(bench.last.body)?.media[0]?.direction).toBe("recvonly");
    expect(sdpView(bench.last.body)?.originVersion).toBe("2");
    bench.receive(other.request("ACK", 2));
    const lines = bench.receive(other.request("INVITE", 3, { sdp: sdpOf() }));
    expect(lines).toContain("retrieved 1 by remote");
    expect(lines).toContain("media 1: 127.0.9.1:9000 sending");
  });

  test("RFC3311-5.2 the same by UPDATE", () => {
    const { bench, other } = talking();
    const lines = bench.receive(other.request("UPDATE", 2, { sdp: sdpOf("inactive") }));
    expect(lines.slice(0, 2)).toEqual(["held 1 by remote", "200 > 127.0.1.10:5060"]);
    expect(sdpView(bench.last.body)?.media[0]?.direction).toBe("inactive");
  });

  test("P10 the dialog goes on from another address, by Call-ID, tags and CSeq", () => {
    const { bench, other } = talking();
    const contact = "<sip:127.0.2.10:5060>";
    expect(bench.receive(other.request("INVITE", 1_001, { sdp: offer, contact }), site2)).toEqual([
      "moved 1 127.0.2.10",
      "200 > 127.0.2.10:5060",
      "media 1: 127.0.9.1:9000 sending",
      "direction 1 sendrecv",
    ]);
    bench.receive(other.request("ACK", 1_001), site2);
    expect(bench.step({ kind: "hangup" })[0]).toBe("BYE > 127.0.2.10:5060");
    expect(cseqOf(bench.last)).toEqual({ number: 1, method: "BYE" });
  });

  test("RFC3725 a re-INVITE without an offer is asked for one", () => {
    const { bench, other } = talking();
    expect(bench.receive(other.request("INVITE", 2))).toEqual(["200 > 127.0.1.10:5060"]);
    expect(sdpView(bench.last.body)?.media[0]?.direction).toBe("sendrecv");
    const moved = sdpOf("sendrecv", "m=audio 9100 RTP/AVP 0");
    expect(bench.receive(other.request("ACK", 2, { sdp: moved }))).toEqual([
      "media 1: 127.0.9.1:9100 sending",
      "direction 1 sendrecv",
    ]);
  });

  test("RFC3261-14.2 no codec: 488, and the call goes on", () => {
    const { bench, other } = talking();
    const text = other.request("INVITE", 2, { sdp: sdpOf("sendrecv", "m=audio 9000 RTP/AVP 96") });
    expect(bench.receive(text)).toEqual(["488 > 127.0.1.10:5060"]);
    expect(bench.state.calls.size).toBe(1);
  });

  test("RFC3261-14.2 a second re-INVITE before the ACK of the first", () => {
    const { bench, other } = talking();
    bench.receive(other.request("INVITE", 2, { sdp: offer }));
    expect(bench.receive(other.request("INVITE", 3, { sdp: offer }))).toEqual([
      "500 > 127.0.1.10:5060",
    ]);
    expect(headerOf(bench.last, "retry-after")).toBeDefined();
  });

  test("RFC3261-12.2.2 a CSeq that does not rise is out of order", () => {
    const { bench, other } = talking();
    expect(bench.receive(other.request("INFO", 5))).toEqual(["200 > 127.0.1.10:5060"]);
    expect(bench.receive(other.request("BYE", 4))).toEqual(["500 > 127.0.1.10:5060"]);
    expect(bench.receive(other.request("BYE", 5, { branch: "z9hG4bKz" }))).toEqual([
      "500 > 127.0.1.10:5060",
    ]);
    expect(bench.receive(other.request("PUBLISH", 6))).toEqual(["405 > 127.0.1.10:5060"]);
    expect(bench.receive(other.request("OPTIONS", 7))).toEqual(["200 > 127.0.1.10:5060"]);
  });

  test("RFC3581-4 responses carry the source of their request", () => {
    const { bench, other } = talking();
    const text = other.request("OPTIONS", 2).replace(";branch", ";rport;branch");
    bench.receive(text, { transport: "UDP", host: "127.0.1.11", port: 5099 });
    expect(viaOf(bench.last)).toMatchObject({ received: "127.0.1.11", rport: 5_099 });
  });

  test("A04 a stranger who challenges our BYE learns nothing", () => {
    const { bench } = talking();
    bench.step({ kind: "hangup" });
    const bye = requestFrom(textOf(bench.last));
    const headers = [
      ["WWW-Authenticate", 'Digest realm="example.test", nonce="n", qop="auth"'],
    ] as const;
    expect(bench.receive(buildResponse(bye, 401, { headers }))).toEqual([]);
  });

  test("A04 credentials are shown to registrars only, wherever the dialog goes", () => {
    const bench = new PhoneBench({ accounts: [accountAt(site1)], answer: auto });
    bench.step({ kind: "started" });
    bench.receive(challengeTo(textOf(bench.last)));
    const other = otherSide();
    bench.receive(other.request("INVITE", 1, { sdp: offer }));
    other.learn(textOf(bench.last));
    bench.receive(other.request("ACK", 1));
    bench.step({ kind: "hold" });
    expect(headerOf(bench.last, "authorization")).toContain('uri="sip:2002@127.0.1.10:5060"');
    bench.receive(other.response(textOf(bench.last), 488));
    const contact = "<sip:2002@127.0.9.9:5060>";
    bench.receive(other.request("INVITE", 2, { sdp: offer, contact }));
    bench.receive(other.request("ACK", 2));
    expect(bench.step({ kind: "hangup" })[0]).toBe("BYE > 127.0.9.9:5060");
    expect(headerOf(bench.last, "authorization")).toBeUndefined();
  });

  test("a probe is sent once, and its answer reported", () => {
    const { bench, other } = talking();
    expect(bench.step({ kind: "probe" })).toEqual(["OPTIONS > 127.0.1.10:5060"]);
    const options = textOf(bench.last);
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.receive(other.response(options, 200))).toEqual(["probeAnswered 1 200"]);
  });
});
