/** Attack classes A01, A02, A06, A11, A12: what somebody learns or causes whom nobody knows. */
import { headerLines, headerOf, type SipResponse } from "@tandem/sip";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SipClient } from "../testing/sip-client.ts";
import { createTestPhone, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { nothing, sizesOf } from "./sizes.ts";

const host = "127.0.216.10";
let here: TestServer;
let client: SipClient;

beforeAll(async () => {
  here = await startTestServer(host);
  client = await here.connect("UDP", "127.0.216.66");
});

afterAll(async () => {
  client.close();
  await here.close();
});

const stranger = (user: string): TestPhone => createTestPhone(client, user, "guess", host);

/** What distinguishes one answer from another, without what is fresh in each. */
function face(response: SipResponse): string[] {
  const lines = headerLines(response).map(({ name, value }) =>
    ["via", "from", "to", "call-id", "cseq"].includes(name.toLowerCase())
      ? name
      : `${name}: ${value.replace(/nonce="[^"]*"/, "nonce")}`,
  );
  return [`${response.status} ${response.reason}`, ...lines];
}

async function sayAs(user: string, method: string, uri = `sip:${user}@${host}`) {
  const to = `<sip:${user}@${host}>`;
  client.say(stranger(user).request({ method, uri, to }));
  return client.takeResponse(method);
}

describe("A01 a scanner", () => {
  test.each(["OPTIONS", "REGISTER"])(
    "A01 learns no product and no version by %s",
    async (method) => {
      const headers = [["User-Agent", "friendly-scanner"]] as const;
      client.say(stranger("100").request({ method, headers }));
      const response = await client.takeResponse(method);
      expect(headerOf(response, "server")).toBeUndefined();
      expect(headerOf(response, "user-agent")).toBeUndefined();
      expect(client.texts.join("")).not.toMatch(/tandem\/|node/i);
    },
  );

  test("A01 gets one answer for every domain, and leaves nothing behind", async () => {
    const own = face(await sayAs("100", "REGISTER", `sip:${host}`));
    expect(face(await sayAs("100", "REGISTER", "sip:foreign.example.test"))).toEqual(own);
    expect(sizesOf(here.server)).toEqual(nothing);
  });
});

describe("A02 user enumeration", () => {
  test.each(["REGISTER", "INVITE", "OPTIONS"])("A02 %s says the same of all", async (method) => {
    const uri = method === "REGISTER" ? `sip:${host}` : undefined;
    const faces = [];
    for (const user of ["1001", "1002", "9991", "9992"]) {
      faces.push(face(await sayAs(user, method, uri)));
    }
    expect(new Set(faces.map((each) => each.join("\n"))).size).toBe(1);
  });

  test("A02 wrong passwords are refused alike", async () => {
    const wrong = async (user: string): Promise<string> =>
      face(await stranger(user).register()).join("\n");
    expect(await wrong("1001")).toBe(await wrong("9991"));
  });

  test("A02 the time to an answer tells nothing (median within a millisecond)", async () => {
    const medianOf = (times: number[]): number => times.toSorted((a, b) => a - b)[75] ?? 0;
    const times: Record<string, number[]> = { "1001": [], "9991": [] };
    for (let round = 0; round < 150; round += 1) {
      for (const user of ["1001", "9991"]) {
        const began = performance.now();
        await sayAs(user, "REGISTER", `sip:${host}`);
        times[user]?.push(performance.now() - began);
      }
    }
    const gap = medianOf(times["1001"] ?? []) - medianOf(times["9991"] ?? []);
    expect(Math.abs(gap)).toBeLessThan(1);
  });
});

describe("A06 requests without credentials", () => {
  test("A06 are challenged or refused, whoever they say they are, and reach nobody", async () => {
    const victim = await here.phone("1002", "UDP", "127.0.216.102");
    const heardBefore = victim.client.heard.length;
    const sizesBefore = sizesOf(here.server);
    const refused = [401, 403, 405, 407, 481, 489, 501];
    const methods = ["MESSAGE", "SUBSCRIBE", "REFER", "PUBLISH", "INFO", "NOTIFY", "UPDATE", "BYE"];
    for (const method of [...methods, "PRACK", "INVITE"]) {
      for (const from of ["<sip:1001@tandem.test>;tag=1", "<sip:x@evil.test>;tag=2"]) {
        const to = `<sip:1002@${host}>`;
        const headers = [["Refer-To", `<sip:0900@${host}>`]] as const;
        client.say(
          stranger("1001").request({ method, uri: `sip:1002@${host}`, to, from, headers }),
        );
        expect(refused).toContain((await client.takeResponse(method)).status);
      }
    }
    expect(victim.client.heard).toHaveLength(heardBefore);
    expect(sizesOf(here.server)).toEqual(sizesBefore);
    victim.client.close();
  });
});

describe("A11 response routing", () => {
  test("A11 an answer goes to where the request came from, whatever its Via says", async () => {
    const third = await here.connect("UDP", "127.0.216.67");
    const via = (text: string): string =>
      stranger("1")
        .request({ method: "OPTIONS" })
        .replace(/^Via: .*$/m, `Via: ${text}`);
    const place = `${third.host}:${third.port}`;
    for (const text of [
      `SIP/2.0/UDP ${place};branch=z9hG4bKa1`,
      `SIP/2.0/UDP ${place};branch=z9hG4bKa2;maddr=${third.host}`,
      `SIP/2.0/UDP ${place};branch=z9hG4bKa3;received=${third.host};rport=${third.port}`,
      `SIP/2.0/UDP 255.255.255.255:5060;branch=z9hG4bKa4;ttl=255`,
      `SIP/2.0/UDP 0.0.0.0;branch=z9hG4bKa5`,
    ]) {
      client.say(via(text));
      expect((await client.takeResponse("OPTIONS")).status).toBe(200);
    }
    expect(third.heard).toEqual([]);
    third.close();
  });

  test("A11 a response that answers nothing of ours goes nowhere", async () => {
    const sentBefore = here.server.signalling.counts.sent;
    const stray = `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP ${host};branch=z9hG4bKours\r\n`;
    const broadcast = "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKcast\r\n";
    const rest = "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n";
    client.say(`${stray}${broadcast}${rest}Content-Length: 0\r\n\r\n`);
    expect((await sayAs("100", "OPTIONS", `sip:${host}`)).status).toBe(200);
    expect(here.server.signalling.counts.sent).toBe(sentBefore + 1);
  });
});

test("A12 one answer a request, not twice its size, and none is sent again", async () => {
  const bytesOf = (texts: readonly string[]): number => texts.join("").length;
  const spoofed = await here.connect("UDP", "127.0.216.68");
  const phone = createTestPhone(spoofed, "1001", "guess", host);
  const said: string[] = [];
  for (let index = 0; index < 20; index += 1) {
    for (const method of ["INVITE", "REGISTER", "OPTIONS"]) {
      said.push(phone.request({ method, uri: `sip:${host}` }));
    }
  }
  for (const text of said) spoofed.say(text);
  await expect.poll(() => spoofed.heard.length).toBe(said.length);
  expect(bytesOf(spoofed.texts)).toBeLessThan(2 * bytesOf(said));
  // What would send again would be a transaction.
  const { transactions } = sizesOf(here.server);
  expect(transactions).toBe(here.server.state.transactions.size);
  expect([...here.server.state.transactions.values()].map(({ role }) => role)).not.toContain(
    "inviteServer",
  );
  spoofed.close();
});
