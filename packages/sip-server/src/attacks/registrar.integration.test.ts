/** Attack class A14: what a registration may take up. */
import { headerOf, headersOf } from "@tandem/sip";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestPhone, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, testPassword, type TestServer } from "../testing/test-server.ts";

const host = "127.0.224.10";
let here: TestServer;
let phone: TestPhone;

beforeAll(async () => {
  here = await startTestServer(host);
  phone = await here.phone("1001", "UDP", "127.0.224.101");
});

afterAll(async () => {
  phone.client.close();
  await here.close();
});

const contacts = (count: number, first = 0): string =>
  Array.from({ length: count }, (_, index) => `<sip:1001@192.0.2.${first + index}>`).join(", ");
const bindingsOf = (dn: string): number => here.server.state.dns.get(dn)?.bindings.length ?? 0;
const registered = (contact: string, expires = "600") =>
  phone.register({ contact, headers: [["Expires", expires]] });

describe("A14 contacts", () => {
  test("A14 many in one request, and many one after the other, end at a few", async () => {
    expect((await registered(contacts(100))).status).toBe(400);
    for (let round = 0; round < 10; round += 1) {
      expect((await registered(contacts(3, 10 * round))).status).toBe(200);
    }
    expect(bindingsOf("1001")).toBe(5);
  });

  test.each([
    ["the server itself", `<sip:1001@${host}>`, 403],
    ["the server itself, with its port", `<sip:1002@${host}:5060;transport=tcp>`, 403],
    ["a wildcard among others", "*, <sip:1001@192.0.2.1>", 400],
    ["no URI", "<>", 400],
    ["a very long one", `<sip:${"x".repeat(1_500)}@192.0.2.1>`, 400],
  ])("A14 %s is refused", async (_, contact, status) => {
    const before = bindingsOf("1001");
    expect((await registered(contact)).status).toBe(status);
    expect(bindingsOf("1001")).toBe(before);
  });
});

describe("A14 expiry", () => {
  test("A14 too short is told the least, too long is cut", async () => {
    const short = await registered(contacts(1), "1");
    expect([short.status, headerOf(short, "min-expires")]).toEqual([423, "10"]);
    for (const asked of ["4294967296", "99999999999999999999", "3601"]) {
      const { headers, status } = await registered(contacts(1), asked);
      expect(status).toBe(200);
      const longest = Math.max(
        ...[...headers.text.matchAll(/expires=(\d+)/g)].map((match) => Number(match[1])),
      );
      expect(longest).toBeLessThanOrEqual(3_600);
    }
  });

  test("A14 zero takes one away, the wildcard all", async () => {
    expect((await registered(contacts(2), "600")).status).toBe(200);
    expect((await registered(contacts(1), "0")).status).toBe(200);
    const left = await registered("*", "0");
    expect([left.status, headersOf(left, "contact")]).toEqual([200, []]);
  });
});

test("A14 addresses of record that do not exist leave nothing, whoever asks", async () => {
  const before = here.server.state.dns.size;
  for (let user = 5_000; user < 5_200; user += 1) {
    const to = `<sip:${user}@${host}>`;
    expect((await phone.ask({ method: "REGISTER", to })).status).toBe(403);
  }
  const stranger = createTestPhone(phone.client, "5001", testPassword, host);
  expect((await stranger.register()).status).toBe(401);
  expect(here.server.state.dns.size).toBe(before);
});
