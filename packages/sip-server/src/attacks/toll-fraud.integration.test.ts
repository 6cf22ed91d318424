/** Attack class A27: calls at another's cost. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestPhone, testSdp, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const host = "127.0.227.10";
let here: TestServer;
let caller: TestPhone;

beforeAll(async () => {
  here = await startTestServer(host, { domains: ["tandem.test"] });
  caller = await here.phone("1001", "UDP", "127.0.227.101");
});

afterAll(async () => {
  caller.client.close();
  await here.close();
});

describe("A27 calls to where one may not call", () => {
  test.each(["00900123", "011900123", "9011900123", "+900123"])(
    "A27 %s from a stranger is challenged",
    async (number) => {
      const stranger = await here.connect("UDP", "127.0.227.68");
      const phone = createTestPhone(stranger, "1001", "guess", host);
      stranger.say(
        phone.request({ method: "INVITE", uri: `sip:${number}@${host}`, body: testSdp }),
      );
      expect((await stranger.takeResponse("INVITE")).status).toBe(407);
      stranger.close();
    },
  );

  test("A27 no relay: another's domain, Route and maddr lead nowhere", async () => {
    const third = await here.connect("UDP", "127.0.227.69");
    const place = `${third.host}:${third.port}`;
    for (const choice of [
      { uri: `sip:700@${place}` },
      { uri: `sip:700@${host};maddr=${third.host}` },
      { uri: `sip:700@${host}`, headers: [["Route", `<sip:${place};lr>`]] as const },
    ]) {
      const to = `<sip:700@${host}>`;
      const { status } = await caller.ask({ method: "INVITE", to, body: testSdp, ...choice });
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(third.heard).toEqual([]);
    third.close();
    await expect.poll(() => here.server.state.calls.size).toBe(0);
  });
});
