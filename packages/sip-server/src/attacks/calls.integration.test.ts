/**
 * Attack classes A04, A13, A22, A23, A29, A30: calls that are not one's own, and calls that are
 * left half done.
 */
import { callIdOf, cseqOf, headerOf, tagOf, type SipRequest, type SipResponse } from "@tandem/sip";
import { testOptions } from "@tandem/switch/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ackFor,
  answerOf,
  createTestPhone,
  testSdp,
  type TestPhone,
} from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { sizesOf } from "./sizes.ts";

const host = "127.0.226.10";
const uri = `sip:1002@${host}`;
let here: TestServer;
let caller: TestPhone;
let callee: TestPhone;

beforeAll(async () => {
  // Everything that waits waits a tenth, so that what must end by itself ends within the test.
  const options = { ...testOptions, t1Ms: 20, t2Ms: 80, t4Ms: 100, noAnswerTimeoutMs: 1_500 };
  here = await startTestServer(host, { options });
  caller = await here.phone("1001", "UDP", "127.0.226.101");
  callee = await here.phone("1002", "UDP", "127.0.226.102");
});

afterAll(async () => {
  caller.client.close();
  callee.client.close();
  await here.close();
});

interface Talk {
  readonly invite: SipRequest;
  readonly answered: SipResponse;
  /** What the caller says within the dialog. */
  readonly inDialog: {
    readonly uri: string;
    readonly callId: string;
    readonly from: string;
    readonly to: string;
  };
}

async function talk(from: TestPhone = caller, to: TestPhone = callee): Promise<Talk> {
  const target = `sip:${to.user}@${host}`;
  const asked = from.ask({ method: "INVITE", uri: target, to: `<${target}>`, body: testSdp });
  const invite = await to.client.takeRequest("INVITE");
  to.client.say(answerOf(to, invite, 200, testSdp));
  const answered = await asked;
  expect(answered.status).toBe(200);
  const inDialog = {
    uri: /<([^>]+)>/.exec(headerOf(answered, "contact") ?? "")?.[1] ?? "",
    callId: callIdOf(answered),
    from: headerOf(answered, "from") ?? "",
    to: headerOf(answered, "to") ?? "",
  };
  from.client.say(
    from.request({ method: "ACK", ...inDialog, cseq: cseqOf(answered)?.number ?? 0 }),
  );
  await to.client.takeRequest("ACK");
  return { invite, answered, inDialog };
}

async function hangUp({ inDialog, answered }: Talk): Promise<void> {
  const cseq = (cseqOf(answered)?.number ?? 0) + 10;
  caller.client.say(caller.request({ method: "BYE", ...inDialog, cseq }));
  const bye = await callee.client.takeRequest("BYE");
  callee.client.say(answerOf(callee, bye, 200));
  expect((await caller.client.takeResponse("BYE")).status).toBe(200);
}

const nothingLeft = () =>
  expect
    .poll(() => ({ ...sizesOf(here.server), timers: 0 }), { timeout: 8_000 })
    .toEqual({ transactions: 0, dialogs: 0, calls: 0, timers: 0 });

/** What the phone said last, as somebody on its wire would have it. */
function transactionOf({ client }: TestPhone): string {
  return client.said.at(-1) ?? "";
}

test("A04 whoever challenges the server gets no credentials of anybody", async () => {
  const asked = caller.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
  const invite = await callee.client.takeRequest("INVITE");
  const challenge = `Proxy-Authenticate: Digest realm="tandem.test", nonce="n", qop="auth"\r\n`;
  const refusal = answerOf(callee, invite, 407);
  callee.client.say(refusal.replace("Contact:", `${challenge}Contact:`));
  expect((await asked).status).toBeGreaterThanOrEqual(400);
  const conversation = await talk();
  const bye = caller.request({ method: "BYE", ...conversation.inDialog, cseq: 50 });
  caller.client.say(bye);
  const heard = await callee.client.takeRequest("BYE");
  callee.client.say(answerOf(callee, heard, 401).replace("Contact:", `${challenge}Contact:`));
  await caller.client.takeResponse("BYE");
  expect(callee.client.texts.join("")).not.toMatch(/^(?:Proxy-)?Authorization:/im);
  await nothingLeft();
});

describe("A13 loops and forks", () => {
  test("A13 no hops left is the end", async () => {
    const headers = [["X", "y"]] as const;
    const text = caller.request({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp, headers });
    caller.client.say(text.replace("Max-Forwards: 70", "Max-Forwards: 0"));
    const challenged = await caller.client.takeResponse("INVITE");
    caller.client.say(ackFor(text, challenged));
    const proof = caller.credentials(challenged, "INVITE", uri);
    const again = caller.request({
      method: "INVITE",
      uri,
      to: `<${uri}>`,
      body: testSdp,
      headers: [proof],
    });
    caller.client.say(again.replace("Max-Forwards: 70", "Max-Forwards: 0"));
    const refused = await caller.client.takeResponse("INVITE");
    expect(refused.status).toBe(483);
    caller.client.say(ackFor(again, refused));
  });

  test("A13 hops are counted down, from whatever was claimed", async () => {
    const asked = caller.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
    const invite = await callee.client.takeRequest("INVITE");
    expect(Number(headerOf(invite, "max-forwards"))).toBeLessThan(70);
    callee.client.say(answerOf(callee, invite, 486));
    expect((await asked).status).toBe(486);
  });

  test("A13 a call branches to a few bindings at most", async () => {
    const phone = await here.phone("1003", "UDP", "127.0.226.103");
    for (let index = 0; index < 12; index += 1) {
      const contact = `<sip:1003@192.0.2.${index + 1}>`;
      expect((await phone.register({ contact })).status).toBe(200);
    }
    expect(here.server.state.dns.get("1003")?.bindings).toHaveLength(5);
    const target = `sip:1003@${host}`;
    const asked = caller.ask({ method: "INVITE", uri: target, to: `<${target}>`, body: testSdp });
    await phone.client.takeRequest("INVITE");
    const branches = new Set<string>();
    for (const each of phone.client.heard) {
      if (each.kind === "request" && each.method === "INVITE")
        branches.add(headerOf(each, "via") ?? "");
    }
    expect(branches.size).toBeLessThanOrEqual(5);
    for (const each of phone.client.heard) {
      if (each.kind === "request" && each.method === "INVITE")
        phone.client.say(answerOf(phone, each, 486));
    }
    expect((await asked).status).toBeGreaterThanOrEqual(400);
    expect((await phone.register({ contact: "*", headers: [["Expires", "0"]] })).status).toBe(200);
    phone.client.close();
    await nothingLeft();
  });
});

describe("A22 and A23 the calls of others", () => {
  test("A23 tags are long, and not the same twice", async () => {
    const tags: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const conversation = await talk();
      tags.push(tagOf(conversation.answered, "to") ?? "", tagOf(conversation.invite, "from") ?? "");
      await hangUp(conversation);
    }
    expect(new Set(tags).size).toBe(tags.length);
    for (const tag of tags) expect(tag).toMatch(/^[0-9a-f]{16}/);
  });

  test("A23 a stranger's BYE, re-INVITE, UPDATE and CANCEL change nothing, tags or not", async () => {
    const conversation = await talk();
    const stranger = createTestPhone(
      await here.connect("UDP", "127.0.226.66"),
      ...(["1001", "guess", host] as const),
    );
    const heardBefore = callee.client.heard.length;
    for (const method of ["BYE", "INVITE", "UPDATE", "INFO", "REFER"]) {
      const body = method === "INVITE" || method === "UPDATE" ? testSdp : "";
      const bent = { method, ...conversation.inDialog, cseq: 99, body };
      stranger.client.say(stranger.request(bent));
      expect((await stranger.client.takeResponse(method)).status).toBe(407);
      const guessed = conversation.inDialog.to.replace(/tag=.*/, "tag=guess");
      stranger.client.say(stranger.request({ ...bent, to: guessed }));
      expect([407, 481]).toContain((await stranger.client.takeResponse(method)).status);
    }
    stranger.client.say(stranger.request({ method: "CANCEL", uri, branch: "z9hG4bKx" }));
    expect((await stranger.client.takeResponse("CANCEL")).status).toBe(481);
    expect(callee.client.heard).toHaveLength(heardBefore);
    expect(here.server.state.calls.size).toBe(1);
    stranger.client.close();
    await hangUp(conversation);
  });

  test("A23 a far end that we have called is heard within its dialog, and begins none", async () => {
    const carrier = await here.connect("UDP", "127.0.226.90");
    const phone = createTestPhone(carrier, "900", "guess", host);
    const target = { transport: "UDP", name: "", host: carrier.host, port: carrier.port } as const;
    here.server.signalling.send(target, "OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n");
    const to = `<sip:1002@${host}>`;
    carrier.say(phone.request({ method: "BYE", uri, to: `${to};tag=none` }));
    expect((await carrier.takeResponse("BYE")).status).toBe(481);
    carrier.say(phone.request({ method: "INVITE", uri, to, body: testSdp }));
    expect((await carrier.takeResponse("INVITE")).status).toBe(407);
    carrier.close();
  });

  test("A23 a known phone with guessed tags, and a CSeq that goes back, are refused", async () => {
    const conversation = await talk();
    const other = await here.phone("1004", "UDP", "127.0.226.104");
    const to = conversation.inDialog.to.replace(/tag=.*/, "tag=guess");
    other.client.say(other.request({ method: "BYE", ...conversation.inDialog, to, cseq: 99 }));
    expect((await other.client.takeResponse("BYE")).status).toBe(481);
    caller.client.say(caller.request({ method: "BYE", ...conversation.inDialog, cseq: 1 }));
    expect((await caller.client.takeResponse("BYE")).status).toBe(500);
    expect(here.server.state.calls.size).toBe(1);
    other.client.close();
    await hangUp(conversation);
  });

  test("A23 the CANCEL of a third party does not end a call that rings", async () => {
    const asked = caller.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
    const invite = await callee.client.takeRequest("INVITE");
    const stranger = await here.connect("UDP", "127.0.226.67");
    const sent = /branch=([^;\r]+)/.exec(headerOf(invite, "via") ?? "")?.[1] ?? "";
    const phone = createTestPhone(stranger, "1001", "guess", host);
    stranger.say(phone.request({ method: "CANCEL", uri, branch: sent, callId: callIdOf(invite) }));
    expect((await stranger.takeResponse("CANCEL")).status).toBe(481);
    // Nor does that of a known phone elsewhere which has seen the whole INVITE.
    const other = await here.phone("1004", "UDP", "127.0.226.107");
    const seen = transactionOf(caller)
      .replace(/^INVITE/, "CANCEL")
      .replace(" INVITE\r", " CANCEL\r");
    other.client.say(seen.slice(0, seen.indexOf("Content-Type")) + "Content-Length: 0\r\n\r\n");
    expect((await other.client.takeResponse("CANCEL")).status).toBe(481);
    other.client.close();
    callee.client.say(answerOf(callee, invite, 486));
    expect((await asked).status).toBe(486);
    stranger.close();
  });

  test("A22 Replaces with tags that were guessed takes nobody's call", async () => {
    const conversation = await talk();
    const other = await here.phone("1004", "UDP", "127.0.226.104");
    const replaces = `${callIdOf(conversation.invite)};to-tag=guess;from-tag=guess`;
    const taken = await other.ask({
      ...{ method: "INVITE", uri, to: `<${uri}>`, body: testSdp },
      headers: [["Replaces", replaces]],
    });
    expect(taken.status).toBe(481);
    expect(here.server.state.calls.size).toBe(1);
    other.client.close();
    await hangUp(conversation);
  });

  test("A22 REFER outside of a call is refused, from everybody", async () => {
    const headers = [["Refer-To", `<sip:0900123@${host}>`]] as const;
    const { status } = await caller.ask({ method: "REFER", uri, to: `<${uri}>`, headers });
    expect(status).toBeGreaterThanOrEqual(400);
    await nothingLeft();
  });
});

describe("A29 callers who vanish", () => {
  test("A29 INVITE, and the connection is gone: nothing is left", async () => {
    const phone = await here.phone("1004", "TCP", "127.0.226.105");
    const asked = phone.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
    asked.catch(() => undefined); // nobody is there to hear the answer
    const invite = await callee.client.takeRequest("INVITE");
    phone.client.close();
    callee.client.say(answerOf(callee, invite, 200, testSdp));
    const bye = await callee.client.takeRequest("BYE");
    callee.client.say(answerOf(callee, bye, 200));
    await nothingLeft();
  });

  test("A29 an answer that is never acknowledged ends", async () => {
    const asked = caller.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
    const invite = await callee.client.takeRequest("INVITE");
    callee.client.say(answerOf(callee, invite, 200, testSdp));
    expect((await asked).status).toBe(200);
    const byes = [caller, callee].map(async (phone) => {
      const bye = await phone.client.takeRequest("BYE");
      phone.client.say(answerOf(phone, bye, 200));
    });
    await Promise.all(byes);
    await nothingLeft();
  });

  test("A29 CANCEL and 200 cross: the call ends on both sides", async () => {
    const first = caller.request({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
    caller.client.say(first);
    const challenged = await caller.client.takeResponse("INVITE");
    caller.client.say(ackFor(first, challenged));
    const headers = [caller.credentials(challenged, "INVITE", uri)];
    const second = caller.request({
      method: "INVITE",
      uri,
      to: `<${uri}>`,
      body: testSdp,
      headers,
    });
    caller.client.say(second);
    const invite = await callee.client.takeRequest("INVITE");
    const cancel = ackFor(second, challenged)
      .replace(/^ACK/, "CANCEL")
      .replace(" ACK\r", " CANCEL\r")
      .replace(/^To: .*$/m, `To: <${uri}>`);
    const number = /CSeq: (\d+) INVITE/.exec(second)?.[1] ?? "";
    caller.client.say(cancel.replace(/CSeq: \d+/, `CSeq: ${number}`));
    callee.client.say(answerOf(callee, invite, 200, testSdp));
    const bye = await callee.client.takeRequest("BYE");
    callee.client.say(answerOf(callee, bye, 200));
    expect((await caller.client.takeResponse("CANCEL")).status).toBe(200);
    const refused = await caller.client.takeResponse("INVITE");
    expect(refused.status).toBe(487);
    caller.client.say(ackFor(second, refused));
    await nothingLeft();
  });
});

describe("A30 what a call is worth", () => {
  test("A30 an answer that comes twice, or from a second tag, is one call", async () => {
    const asked = caller.ask({ method: "INVITE", uri, to: `<${uri}>`, body: testSdp });
    const invite = await callee.client.takeRequest("INVITE");
    callee.client.say(answerOf(callee, invite, 200, testSdp));
    const answered = await asked;
    callee.client.say(answerOf(callee, invite, 200, testSdp));
    callee.client.say(answerOf(callee, invite, 200, testSdp).replaceAll("to-1002", "another"));
    expect(here.server.state.calls.size).toBe(1);
    const inDialog = {
      uri: /<([^>]+)>/.exec(headerOf(answered, "contact") ?? "")?.[1] ?? "",
      callId: callIdOf(answered),
      from: headerOf(answered, "from") ?? "",
      to: headerOf(answered, "to") ?? "",
    };
    const cseq = cseqOf(answered)?.number ?? 0;
    caller.client.say(caller.request({ method: "ACK", ...inDialog, cseq }));
    // The second tag's dialog is ended at once (RFC 3261 §13.2.2.4).
    const second = await callee.client.take(
      (each) => each.kind === "request" && each.method === "BYE" && tagOf(each, "to") === "another",
      "BYE to the second tag",
    );
    if (second.kind === "request") callee.client.say(answerOf(callee, second, 200));
    await hangUp({ invite, answered, inDialog });
    await nothingLeft();
  });

  test("A30 a second INVITE with the Call-ID of a call is no second leg of it", async () => {
    const conversation = await talk();
    const other = await here.phone("1004", "UDP", "127.0.226.106");
    const { callId } = conversation.inDialog;
    const call = { method: "INVITE", uri: `sip:7777@${host}`, callId, body: testSdp };
    expect((await other.ask(call)).status).toBe(404);
    expect(here.server.state.calls.size).toBe(1);
    other.client.close();
    await hangUp(conversation);
    await nothingLeft();
  });

  test("A30 a call offers a session timer, so that one whose phones are gone ends (RFC 4028)", async () => {
    const { invite, ...conversation } = await talk();
    expect(Number(headerOf(invite, "session-expires")?.split(";")[0])).toBeGreaterThanOrEqual(90);
    await hangUp({ invite, ...conversation });
    await nothingLeft();
  });
});
