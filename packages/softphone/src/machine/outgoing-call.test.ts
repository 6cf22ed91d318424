import {
  buildChallenge,
  buildResponse,
  callIdOf,
  cseqOf,
  headerOf,
  tagOf,
  textOf,
} from "@tandem/sip";
import { requestFrom } from "@tandem/sip/testing";
import { describe, expect, test } from "vitest";
import { otherSide, type ResponseMore, sdpOf } from "../testing/other-side.ts";
import { accountAt, PhoneBench, site1, site2 } from "../testing/phone-bench.ts";
import type { Address } from "./settings.ts";

const other = otherSide();
const sdp = sdpOf();

/** The answer to the last message, or to another that was sent. */
function answer(bench: PhoneBench, status: number, more: ResponseMore = {}, to?: string): string[] {
  return bench.receive(other.response(to ?? textOf(bench.last), status, more));
}

function caller(targets: readonly Address[] = [site1]): PhoneBench {
  return new PhoneBench({ targets, callerUser: "2002", displayName: "A gateway" });
}

/** A caller whose call is answered; gives its INVITE, too. */
function talking(bench = caller()): { bench: PhoneBench; invite: string } {
  bench.step({ kind: "call", uri: "1001" });
  const invite = textOf(bench.last);
  answer(bench, 200, { sdp });
  return { bench, invite };
}

describe("placing", () => {
  test("RFC3261-13.2 INVITE, 180, 200, ACK, and BYE by us", () => {
    const bench = caller();
    expect(bench.step({ kind: "call", uri: "1001", headers: [["X-Key", "v"]] })).toEqual([
      "INVITE > 127.0.1.10:5060",
      "placing 1 127.0.1.10",
    ]);
    const invite = textOf(bench.last);
    expect(invite.split("\r\n")[0]).toBe("INVITE sip:1001@127.0.1.10 SIP/2.0");
    expect(headerOf(bench.last, "from")).toMatch(/^"A gateway" <sip:2002@127\.0\.3\.1>;tag=/);
    expect(headerOf(bench.last, "x-key")).toBe("v");
    expect(answer(bench, 100)).toEqual([]);
    expect(answer(bench, 180, {}, invite)).toEqual(["ringing 1"]);
    expect(answer(bench, 180, {}, invite)).toEqual([]);
    expect(answer(bench, 200, { sdp }, invite)).toEqual([
      "ACK > 127.0.1.10:5060",
      "established 1",
      "media 1: 127.0.9.1:9000 sending",
      "direction 1 sendrecv",
    ]);
    expect(cseqOf(bench.last)).toEqual({ number: 1, method: "ACK" });
    expect(bench.step({ kind: "hangup" })).toEqual([
      "BYE > 127.0.1.10:5060",
      "media 1: off",
      "ended 1 local",
    ]);
    expect(cseqOf(bench.last)).toEqual({ number: 2, method: "BYE" });
    answer(bench, 200);
    expect(bench.pass(60_000)).toEqual([]);
    expect([bench.state.transactions.size, bench.state.timers.armed.size]).toEqual([0, 0]);
  });

  test("RFC3261-13.2.2.4 a repeated 200 gets the same ACK, also without a transaction", () => {
    const { bench, invite } = talking();
    const ack = textOf(bench.last);
    expect(answer(bench, 200, { sdp }, invite)).toEqual(["ACK > 127.0.1.10:5060"]);
    expect(textOf(bench.last)).toBe(ack);
    bench.pass(33_000);
    expect(answer(bench, 200, { sdp }, invite)).toEqual(["ACK > 127.0.1.10:5060"]);
    expect(textOf(bench.last)).toBe(ack);
  });

  test("RFC3261-13.2.2.4 the 200 of another fork is acknowledged and ended", () => {
    const { bench, invite } = talking();
    expect(answer(bench, 200, { sdp, tag: "fork-2" }, invite)).toEqual([
      "ACK > 127.0.1.10:5060",
      "BYE > 127.0.1.10:5060",
    ]);
    expect(tagOf(bench.last, "to")).toBe("fork-2");
    expect(bench.state.calls.size).toBe(1);
  });

  test("RFC3261-22.2 407: the same call with credentials and the next number", () => {
    const bench = new PhoneBench({ accounts: [accountAt(site1)] });
    bench.step({ kind: "started" });
    answer(bench, 200, { headers: [["Expires", "60"]] });
    bench.step({ kind: "call", uri: "sip:1002@example.test" });
    const first = bench.last;
    const challenge = buildChallenge({
      realm: "example.test",
      nonce: "n",
      algorithm: "MD5",
      qop: "auth",
    });
    const more = { headers: [["Proxy-Authenticate", challenge]] } as const;
    const refused = answer(bench, 407, more);
    expect(refused).toEqual(["ACK > 127.0.1.10:5060", "INVITE > 127.0.1.10:5060"]);
    expect(callIdOf(bench.last)).toBe(callIdOf(first));
    expect(tagOf(bench.last, "from")).toBe(tagOf(first, "from"));
    expect(cseqOf(bench.last)?.number).toBe(2);
    expect(headerOf(bench.last, "proxy-authorization")).toContain(
      "MD5(MD5(1001:example.test:secret)",
    );
    expect(answer(bench, 407, more)).toEqual(["ACK > 127.0.1.10:5060", "ended 1 refused 407"]);
  });

  test.each([
    [486, "busy"],
    [600, "busy"],
    [404, "refused"],
    [403, "refused"],
    [480, "noAnswer"],
    [503, "refused"],
  ])("RFC3261-21 %i ends it as %s", (status, cause) => {
    const bench = caller();
    bench.step({ kind: "call", uri: "1001" });
    expect(answer(bench, status)).toEqual(["ACK > 127.0.1.10:5060", `ended 1 ${cause} ${status}`]);
  });

  test("RFC3264-6 an answer that cannot be used: ACK, BYE", () => {
    const bench = caller();
    bench.step({ kind: "call", uri: "1001" });
    expect(answer(bench, 200, { sdp: sdpOf("sendrecv", "m=audio 0 RTP/AVP 0") })).toEqual([
      "ACK > 127.0.1.10:5060",
      "BYE > 127.0.1.10:5060",
      "ended 1 media 488",
    ]);
  });

  test("RFC3261-9.1 cancelled after a provisional response", () => {
    const bench = caller();
    bench.step({ kind: "call", uri: "1001" });
    const invite = textOf(bench.last);
    answer(bench, 180);
    expect(bench.step({ kind: "hangup" })).toEqual(["CANCEL > 127.0.1.10:5060", "ended 1 local"]);
    answer(bench, 200);
    expect(answer(bench, 487, {}, invite)).toEqual(["ACK > 127.0.1.10:5060"]);
    bench.pass(64_000);
    expect([bench.state.transactions.size, bench.state.timers.armed.size]).toEqual([0, 0]);
  });

  test("RFC3261-9.1 cancelled before one: CANCEL waits for it", () => {
    const bench = caller();
    bench.step({ kind: "call", uri: "1001" });
    const invite = textOf(bench.last);
    expect(bench.step({ kind: "hangup" })).toEqual(["ended 1 local"]);
    expect(answer(bench, 180, {}, invite)).toEqual(["CANCEL > 127.0.1.10:5060"]);
    expect(answer(bench, 183, {}, invite)).toEqual([]);
    bench.pass(64_000);
    expect(bench.state.transactions.size).toBe(0);
  });

  test("RFC3261-15 cancelled, but answered: ACK and BYE once, ACK again", () => {
    const bench = caller();
    bench.step({ kind: "call", uri: "1001" });
    const invite = textOf(bench.last);
    bench.step({ kind: "hangup" });
    const sent = ["ACK > 127.0.1.10:5060", "BYE > 127.0.1.10:5060"];
    expect(answer(bench, 200, { sdp }, invite)).toEqual(sent);
    expect(answer(bench, 200, { sdp }, invite)).toEqual(["ACK > 127.0.1.10:5060"]);
  });

  test("rings out", () => {
    const bench = new PhoneBench({ targets: [site1], ringOutMs: 20_000 });
    bench.step({ kind: "call", uri: "1001" });
    answer(bench, 180);
    expect(bench.pass(20_000).slice(-2)).toEqual([
      "20000 CANCEL > 127.0.1.10:5060",
      "20000 ended 1 noAnswer",
    ]);
  });

  test("without a way", () => {
    expect(new PhoneBench().step({ kind: "call", uri: "1" })).toEqual(["ended 1 unreachable"]);
  });
});

describe("the other site", () => {
  test("is tried when the first is silent; a late answer of the first is ended", () => {
    const bench = caller([site1, site2]);
    bench.step({ kind: "call", uri: "1001" });
    const first = textOf(bench.last);
    expect(bench.pass(2_000).slice(-2)).toEqual([
      "2000 INVITE > 127.0.2.10:5060",
      "2000 placing 1 127.0.2.10",
    ]);
    expect(callIdOf(bench.last)).not.toBe(callIdOf(requestFrom(first)));
    expect(answer(bench, 200, { sdp })).toContain("established 1");
    const late = answer(bench, 200, { sdp, headers: [] }, first);
    expect(late).toEqual(["ACK > 127.0.1.10:5060", "BYE > 127.0.1.10:5060"]);
    expect(bench.state.calls.size).toBe(1);
  });

  test("is tried for 503, and the INVITE that rings there is left alone", () => {
    const bench = caller([site1, site2]);
    bench.step({ kind: "call", uri: "1001" });
    expect(answer(bench, 503)).toEqual([
      "ACK > 127.0.1.10:5060",
      "INVITE > 127.0.2.10:5060",
      "placing 1 127.0.2.10",
    ]);
    expect(answer(bench, 503)).toEqual(["ACK > 127.0.2.10:5060", "ended 1 refused 503"]);
  });

  test("is not tried once the first rings", () => {
    const bench = caller([site1, site2]);
    bench.step({ kind: "call", uri: "1001" });
    answer(bench, 100);
    expect(bench.pass(10_000)).toEqual([]);
  });

  test("is tried when nothing can be sent; without one the call is unreachable", () => {
    const tcp: Address = { ...site1, transport: "TCP" };
    const bench = caller([tcp, site2]);
    bench.step({ kind: "call", uri: "1001" });
    const text = textOf(bench.last);
    expect(bench.step({ kind: "sendFailed", target: tcp, text })).toEqual([
      "INVITE > 127.0.2.10:5060",
      "placing 1 127.0.2.10",
    ]);
    expect(bench.pass(32_000).at(-1)).toBe("32000 ended 1 unreachable");
  });

  test("RFC3261-8.1.3.4 302 leads to its Contact, as given", () => {
    const bench = caller();
    bench.step({ kind: "call", uri: "1001" });
    const invite = requestFrom(textOf(bench.last));
    const headers = [["Contact", "<sip:1001~ref7@127.0.2.10:5066>"]] as const;
    const lines = bench.receive(buildResponse(invite, 302, { toTag: "t", headers }));
    expect(lines).toEqual([
      "ACK > 127.0.1.10:5060",
      "INVITE > 127.0.2.10:5066",
      "placing 1 127.0.2.10",
    ]);
    expect(textOf(bench.last).split("\r\n")[0]).toBe(
      "INVITE sip:1001~ref7@127.0.2.10:5066 SIP/2.0",
    );
  });

  test("a phone calls through the account that is registered", () => {
    const bench = new PhoneBench({ accounts: [accountAt(site1), accountAt(site2)] });
    bench.step({ kind: "started" });
    answer(bench, 200, { headers: [["Expires", "60"]] });
    const lines = bench.step({ kind: "call", uri: "1002" });
    expect(lines).toEqual(["INVITE > 127.0.2.10:5060", "placing 1 127.0.2.10"]);
    expect(textOf(bench.last).split("\r\n")[0]).toBe("INVITE sip:1002@example.test SIP/2.0");
    const chosen = bench.step({ kind: "call", uri: "1002", account: 0 });
    expect(chosen[0]).toBe("INVITE > 127.0.1.10:5060");
  });
});

describe("hold and retrieve", () => {
  test("RFC3264-8.4 sendonly, and back", () => {
    const { bench } = talking();
    expect(bench.step({ kind: "hold" })).toEqual(["INVITE > 127.0.1.10:5060"]);
    expect(bench.last.body).toContain("a=sendonly");
    expect(answer(bench, 200, { sdp: sdpOf("recvonly") })).toEqual([
      "ACK > 127.0.1.10:5060",
      "held 1 by local",
      "media 1: 127.0.9.1:9000 silent",
      "direction 1 recvonly",
    ]);
    expect(bench.step({ kind: "hold" })).toEqual([]);
    bench.step({ kind: "retrieve" });
    expect(bench.last.body).toContain("a=sendrecv");
    expect(answer(bench, 200, { sdp })).toContain("retrieved 1 by local");
  });

  test("RFC3261-14.1 491 is tried again after 2.1 to 4 s by who made the Call-ID", () => {
    const { bench } = talking();
    bench.step({ kind: "hold" });
    expect(answer(bench, 491)).toEqual(["ACK > 127.0.1.10:5060"]);
    expect(bench.pass(2_099)).toEqual([]);
    const [again] = bench.pass(1_901);
    expect(again).toMatch(/INVITE > 127\.0\.1\.10:5060$/);
    answer(bench, 200, { sdp: sdpOf("recvonly") });
    expect(bench.state.calls.get(1)?.isHeld).toBe(true);
  });

  test("RFC3261-14.1 491 to theirs while ours is under way", () => {
    const { bench, invite } = talking();
    bench.step({ kind: "hold" });
    const request = requestFrom(invite);
    const theirs = otherSide()
      .request("INVITE", 1, { sdp, callId: callIdOf(request) })
      .replace("To: <sip:1001@example.test>", `To: <sip:x@x>;tag=${tagOf(request, "from") ?? ""}`);
    expect(bench.receive(theirs)).toEqual(["491 > 127.0.1.10:5060"]);
  });

  test("RFC3261-14.1 another refusal leaves all as it was", () => {
    const { bench } = talking();
    bench.step({ kind: "hold" });
    expect(answer(bench, 488)).toEqual(["ACK > 127.0.1.10:5060", "holdFailed 1 488"]);
    expect(bench.state.calls.get(1)?.isHeld).toBe(false);
  });

  test("RFC3261-12.2.1.2 481 or no answer: the call is lost", () => {
    const { bench } = talking();
    bench.step({ kind: "hold" });
    expect(answer(bench, 481)).toEqual([
      "ACK > 127.0.1.10:5060",
      "BYE > 127.0.1.10:5060",
      "media 1: off",
      "ended 1 lost 481",
    ]);
    const silent = talking().bench;
    silent.step({ kind: "hold" });
    expect(silent.pass(32_000).at(-1)).toBe("32000 ended 1 lost 408");
  });
});
