import {
  buildAuthorization,
  buildRequest,
  headerOf,
  headersOf,
  parseMessage,
  tagOf,
  type SipResponse,
} from "@tandem/sip";
import type { Flow } from "@tandem/switch";
import { describe, expect, test } from "vitest";
import { createNonceKeeper, nonceLifeMs } from "./nonce.ts";
import { digestHash, screen, type ScreenContext, type Verdict } from "./screen.ts";

const phone: Flow = {
  transport: "UDP",
  name: "",
  localHost: "192.0.2.1",
  localPort: 5060,
  remoteHost: "192.0.2.7",
  remotePort: 5062,
};
const trunk: Flow = { ...phone, remoteHost: "192.0.2.9" };
const realm = "tandem.test";
let nowMs = 1_000_000;
let isServing = true;

const context: ScreenContext = {
  nonces: createNonceKeeper(Buffer.from("key")),
  realm,
  algorithms: ["MD5", "SHA-256"],
  ha1Of: (user, algorithm) =>
    user === "1001" ? digestHash(algorithm, `1001:${realm}:secret`) : undefined,
  isTrusted: (flow) => flow.remoteHost === trunk.remoteHost,
  isServing: () => isServing,
  nowMs: () => nowMs,
};

interface Parts {
  readonly method?: string;
  readonly uri?: string;
  readonly toTag?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

function request(parts: Parts = {}): string {
  const { method = "REGISTER", uri = "sip:192.0.2.1", toTag } = parts;
  return buildRequest({
    method,
    uri,
    headers: [
      ["Via", "SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1;rport"],
      ["Max-Forwards", "70"],
      ["From", "<sip:1001@tandem.test>;tag=f"],
      ["To", `<sip:1001@tandem.test>${toTag === undefined ? "" : `;tag=${toTag}`}`],
      ["Call-ID", "call-1"],
      ["CSeq", `1 ${method}`],
      ["Contact", "<sip:1001@192.0.2.7:5062>"],
      ...(parts.headers ?? []),
    ],
  });
}

function answerOf(verdict: Verdict): SipResponse {
  const parsed = parseMessage(verdict.kind === "answer" ? verdict.text : "");
  if (!parsed.ok || parsed.value.kind !== "response") throw new Error(`no answer: ${verdict.kind}`);
  return parsed.value;
}

/** The same request again, with credentials for the challenge it got. */
function authorized(user: string, password: string, index = 0, uri = "sip:192.0.2.1"): string {
  const challenges = headersOf(answerOf(screen(request(), phone, context)), "www-authenticate");
  const value = buildAuthorization(digestHash, challenges[index] ?? "", {
    user,
    password,
    method: "REGISTER",
    uri,
    cnonce: "abc",
    nc: 1,
  });
  return request({ headers: [["Authorization", value]] });
}

describe("who may come in", () => {
  test("without credentials: 401 with both algorithms, the preferred one first", () => {
    const answer = answerOf(screen(request(), phone, context));
    expect(answer.status).toBe(401);
    const challenges = headersOf(answer, "www-authenticate");
    expect(challenges.map((each) => /algorithm=(\S+),/.exec(each)?.[1])).toEqual([
      "MD5",
      "SHA-256",
    ]);
    expect(headerOf(answer, "via")).toContain(";rport=5062");
  });

  test("an INVITE gets 407", () => {
    const invite = request({ method: "INVITE", uri: "sip:1002@192.0.2.1" });
    expect(answerOf(screen(invite, phone, context)).status).toBe(407);
  });

  test.each([0, 1])("right credentials pass, challenge %i", (index) => {
    expect(screen(authorized("1001", "secret", index), phone, context)).toMatchObject({
      kind: "pass",
      authenticated: { user: "1001", isStale: false, nonceCount: 1 },
    });
  });

  test.each([
    ["a wrong password", "1001", "wrong", "sip:192.0.2.1"],
    ["a user who does not exist", "7777", "secret", "sip:192.0.2.1"],
    ["credentials for another resource", "1001", "secret", "sip:192.0.2.2"],
  ])("%s is challenged again, in the same words", (_, user, password, uri) => {
    const answer = answerOf(screen(authorized(user, password, 0, uri), phone, context));
    expect([answer.status, headersOf(answer, "www-authenticate").length]).toEqual([401, 2]);
  });

  test("the default port may be written in the digest's uri, or not", () => {
    const verdict = screen(authorized("1001", "secret", 0, "sip:192.0.2.1:5060"), phone, context);
    expect(verdict.kind).toBe("pass");
  });

  test("an expired nonce goes to the machine as stale; one of another address is no nonce", () => {
    const text = authorized("1001", "secret");
    expect(screen(text, { ...phone, remoteHost: "192.0.2.8" }, context).kind).toBe("answer");
    nowMs += nonceLifeMs + 1;
    const verdict = screen(text, phone, context);
    nowMs -= nonceLifeMs + 1;
    expect(verdict).toMatchObject({ kind: "pass", authenticated: { isStale: true } });
  });

  test("a trunk calls without credentials, and registers nobody", () => {
    const invite = request({ method: "INVITE", uri: "sip:1002@192.0.2.1" });
    expect(screen(invite, trunk, context)).toMatchObject({ kind: "pass", authenticated: null });
    expect(answerOf(screen(request(), trunk, context)).status).toBe(401);
  });
});

describe("what needs no state", () => {
  test("OPTIONS to the server itself: 200 while the machine serves, else 503", () => {
    const options = request({ method: "OPTIONS" });
    expect(answerOf(screen(options, phone, context)).status).toBe(200);
    isServing = false;
    const answer = answerOf(screen(options, phone, context));
    isServing = true;
    expect([answer.status, headerOf(answer, "retry-after")]).toEqual([503, "5"]);
  });

  test("H11 a node that does not serve begins nothing: 503; what is in a dialog is not refused", () => {
    isServing = false;
    const statuses = ["REGISTER", "INVITE", "SUBSCRIBE", "MESSAGE"].map(
      (method) => answerOf(screen(request({ method }), phone, context)).status,
    );
    const fromTrunk = answerOf(screen(request({ method: "INVITE" }), trunk, context));
    const bye = screen(request({ method: "BYE", toTag: "of-a-call" }), phone, context);
    isServing = true;
    expect(statuses).toEqual([503, 503, 503, 503]);
    expect([fromTrunk.status, headerOf(fromTrunk, "retry-after")]).toEqual([503, "5"]);
    expect(bye).toMatchObject({ kind: "pass" });
  });

  test("the ACK of a challenge is known by its tag and dropped; another ACK passes", () => {
    const toTag =
      tagOf(answerOf(screen(request({ method: "INVITE" }), phone, context)), "to") ?? "";
    const ack = (tag: string): Verdict =>
      screen(request({ method: "ACK", toTag: tag }), phone, context);
    expect(ack(toTag)).toEqual({ kind: "drop", why: "challenged" });
    expect(ack("of-a-call")).toMatchObject({ kind: "pass", authenticated: null });
  });

  test("requests in a dialog pass: the machine knows its dialogs", () => {
    const bye = request({ method: "BYE", toTag: "of-a-call" });
    expect(screen(bye, phone, context)).toMatchObject({ kind: "pass", authenticated: null });
  });

  test.each([
    ["no SIP at all", "GET / HTTP/1.1\r\n\r\n"],
    ["nothing", ""],
    ["no Call-ID", request().replace(/Call-ID: .*\r\n/, "")],
    ["two CSeq", request().replace("CSeq:", "CSeq: 2 REGISTER\r\nCSeq:")],
  ])("%s is dropped", (_, text) => {
    expect(screen(text, phone, context)).toEqual({ kind: "drop", why: "malformed" });
  });
});
