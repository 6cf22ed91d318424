/** Attack classes A03, A05, A07, A18: passwords, proofs used twice, names of others. */
import { buildAuthorization, headerOf, type SipResponse } from "@tandem/sip";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestHash } from "../signalling/screen.ts";
import type { SipClient } from "../testing/sip-client.ts";
import { answerOf, createTestPhone, testSdp, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, testPassword, type TestServer } from "../testing/test-server.ts";

const host = "127.0.217.10";
const uri = `sip:${host}`;
let here: TestServer;

beforeAll(async () => {
  here = await startTestServer(host);
});

afterAll(() => here.close());

async function challengeOf(client: SipClient, user: string): Promise<string> {
  client.say(createTestPhone(client, user, "", host).request({ method: "REGISTER" }));
  return headerOf(await client.takeResponse("REGISTER"), "www-authenticate") ?? "";
}

function proof(
  challenge: string,
  user: string,
  password: string,
  nc: number,
  target = uri,
): string {
  return buildAuthorization(digestHash, challenge, {
    ...{ user, password, method: "REGISTER", uri: target, cnonce: "c", nc },
  });
}

async function present(client: SipClient, user: string, value: string): Promise<SipResponse> {
  const phone = createTestPhone(client, user, testPassword, host);
  client.say(phone.request({ method: "REGISTER", headers: [["Authorization", value]] }));
  return client.takeResponse("REGISTER");
}

describe("A03 guessing passwords", () => {
  test("A03 from one source: few are tried, and the user gets in elsewhere meanwhile", async () => {
    const attacker = await here.connect("UDP", "127.0.217.66");
    const triedBefore = here.server.signalling.counts.digestFailures;
    const challenge = await challengeOf(attacker, "1001");
    const phone = createTestPhone(attacker, "1001", "", host);
    for (let nc = 1; nc <= 1_000; nc += 1) {
      const headers = [["Authorization", proof(challenge, "1001", `guess-${nc}`, nc)]] as const;
      attacker.say(phone.request({ method: "REGISTER", headers }));
    }
    const { counts } = here.server.signalling;
    const victim = await here.phone("1001", "UDP", "127.0.217.101");
    await expect.poll(() => counts.ignored).toBeGreaterThan(0);
    expect(counts.digestFailures - triedBefore).toBeLessThanOrEqual(6);
    // And a phone of the same user behind the attacker's own address, that was there before.
    expect((await victim.register()).status).toBe(200);
    attacker.close();
    victim.client.close();
  });

  test("A03 the right password, guessed while the source waits, is worth nothing", async () => {
    const attacker = await here.connect("UDP", "127.0.217.67");
    const challenge = await challengeOf(attacker, "1002");
    for (let nc = 1; nc <= 5; nc += 1) {
      await present(attacker, "1002", proof(challenge, "1002", "wrong", nc));
    }
    const right = await present(attacker, "1002", proof(challenge, "1002", testPassword, 6));
    expect(right.status).toBe(401);
    // Another user behind that address is not touched.
    const other = await here.phone("1003", "UDP", "127.0.217.67");
    attacker.close();
    other.client.close();
  });

  test("A03 from 200 sources: nobody is locked out", async () => {
    const sources = await Promise.all(
      Array.from({ length: 200 }, (_, index) => here.connect("UDP", `127.0.218.${index + 1}`)),
    );
    for (const source of sources) {
      const challenge = await challengeOf(source, "1004");
      for (let nc = 1; nc <= 5; nc += 1) {
        await present(source, "1004", proof(challenge, "1004", `guess-${nc}`, nc));
      }
    }
    const victim = await here.phone("1004", "UDP", "127.0.217.104");
    for (const source of [...sources, victim.client]) source.close();
  });
});

describe("A05 proofs used twice, or of another kind", () => {
  let client: SipClient;
  beforeAll(async () => {
    client = await here.connect("UDP", "127.0.217.111");
  });
  afterAll(() => client.close());

  test("A05 the same credentials again are challenged as stale; a higher count is good", async () => {
    const challenge = await challengeOf(client, "1001");
    const once = proof(challenge, "1001", testPassword, 1);
    expect((await present(client, "1001", once)).status).toBe(200);
    const again = await present(client, "1001", once);
    expect(again.status).toBe(401);
    expect(headerOf(again, "www-authenticate")).toContain("stale=true");
    const second = proof(challenge, "1001", testPassword, 2);
    expect((await present(client, "1001", second)).status).toBe(200);
  });

  test("A05 also after another nonce was used", async () => {
    const first = proof(await challengeOf(client, "1001"), "1001", testPassword, 1);
    const second = proof(await challengeOf(client, "1001"), "1001", testPassword, 1);
    expect((await present(client, "1001", first)).status).toBe(200);
    expect((await present(client, "1001", second)).status).toBe(200);
    expect((await present(client, "1001", first)).status).toBe(401);
  });

  test("A05 from another source, for another resource, or with what was not offered", async () => {
    const challenge = await challengeOf(client, "1001");
    const good = (nc: number): string => proof(challenge, "1001", testPassword, nc);
    const other = await here.connect("UDP", "127.0.217.112");
    expect((await present(other, "1001", good(1))).status).toBe(401);
    other.close();
    const bent = [
      proof(challenge, "1001", testPassword, 2, "sip:other.example.test"),
      good(3)
        .replace(/qop=auth, ?/, "")
        .replace(/nc=\w+, ?/, ""),
      good(4).replace(/qop=auth\b/, "qop=auth-int"),
      good(5).replace(/algorithm=MD5/, "algorithm=SHA-256"),
      good(6).replace(/algorithm=MD5/, "algorithm=MD5-sess"),
      good(7).replace(/realm="[^"]*"/, 'realm="other"'),
      good(8).replace(/nonce="./, 'nonce="x'),
    ];
    for (const value of bent) expect((await present(client, "1001", value)).status).toBe(401);
  });
});

describe("A07 the name of another", () => {
  let phone: TestPhone;
  let callee: TestPhone;
  beforeAll(async () => {
    phone = await here.phone("1001", "UDP", "127.0.217.121");
    callee = await here.phone("1002", "UDP", "127.0.217.122");
  });
  afterAll(() => {
    phone.client.close();
    callee.client.close();
  });

  test("A07 is refused in From, and as the address of a registration", async () => {
    const call = { method: "INVITE", uri: `sip:1002@${host}`, to: `<sip:1002@${host}>` };
    const spoofed = await phone.ask({ ...call, from: `<sip:1003@${host}>;tag=1`, body: testSdp });
    expect(spoofed.status).toBe(403);
    const to = `<sip:1002@${host}>`;
    expect((await phone.ask({ method: "REGISTER", to })).status).toBe(403);
  });

  test("A07 what a phone asserts of itself reaches nobody (RFC 3325)", async () => {
    const headers = [
      ["P-Asserted-Identity", `<sip:boss@${host}>`],
      ["Remote-Party-ID", `<sip:boss@${host}>;screen=yes`],
    ] as const;
    const to = `<sip:1002@${host}>`;
    const call = { method: "INVITE", uri: `sip:1002@${host}`, to, headers, body: testSdp };
    const asked = phone.ask(call);
    const invite = await callee.client.takeRequest("INVITE");
    expect(invite.headers.text).not.toContain("boss");
    expect(headerOf(invite, "from")).toContain("sip:1001@");
    callee.client.say(answerOf(callee, invite, 486));
    expect((await asked).status).toBe(486);
  });
});

test("A18 broken credentials are never good, and break nothing", async () => {
  const client = await here.connect("UDP", "127.0.217.131");
  const good = proof(await challengeOf(client, "1001"), "1001", testPassword, 1);
  const broken = [
    "Digest",
    "Digest ",
    "Digest ,",
    "Digest =",
    'Digest username="1001',
    "Digest username=1001, username=1002",
    `${good}, ${good}`,
    `${good}, response="${"0".repeat(32)}"`,
    good.replace(/response="[^"]*"/, 'response=""'),
    good.replace(/nc=\w+/, "nc=zzzzzzzz"),
    good.replace(/cnonce="[^"]*"/, 'cnonce=""'),
    `Digest ${"a=b,".repeat(2_000)}`,
    "Basic MTAwMTpzZWNyZXQ=",
    `Digest ${"\\".repeat(500)}`,
  ];
  for (const value of broken) {
    expect([value.slice(0, 40), (await present(client, "1001", value)).status]).toEqual([
      value.slice(0, 40),
      401,
    ]);
  }
  expect((await present(client, "1001", good)).status).toBe(200);
  client.close();
});
