/** Attack classes A17, A19, A20: messages and descriptions made to hurt whoever reads them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Flow } from "@tandem/switch";
import { createNonceKeeper } from "../signalling/nonce.ts";
import { screen, type ScreenContext } from "../signalling/screen.ts";
import { answerOf, callOnce, testSdp, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const host = "127.0.225.10";
let here: TestServer;
let caller: TestPhone;
let callee: TestPhone;

beforeAll(async () => {
  here = await startTestServer(host, {}, { sourcePerSecond: 0 });
  caller = await here.phone("1001", "UDP", "127.0.225.101");
  callee = await here.phone("1002", "TCP", "127.0.225.102");
});

afterAll(async () => {
  caller.client.close();
  callee.client.close();
  await here.close();
});

const head = (more: string): string =>
  [
    `INVITE sip:1@${host} SIP/2.0`,
    "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1",
    "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE",
    `${more}Content-Length: 0\r\n\r\n`,
  ].join("\r\n");

const shapes: readonly (readonly [string, string])[] = [
  ["10^5 header lines", head("A: b\r\n".repeat(100_000))],
  ["a header of 64 kB", head(`Subject: ${"x".repeat(65_000)}\r\n`)],
  ["10^4 parameters", head(`Contact: <sip:a@b>${";p=v".repeat(10_000)}\r\n`)],
  ["parameters without end in Via", head("").replace("branch", `${"a;".repeat(20_000)}branch`)],
  ["nested quotes", head(`Contact: ${'"\\"'.repeat(10_000)} <sip:a@b>\r\n`)],
  ["backslashes", head(`Contact: "${"\\".repeat(20_001)}" <sip:a@b>\r\n`)],
  ["angle brackets", head(`Contact: ${"<".repeat(20_000)}${">".repeat(20_000)}\r\n`)],
  ["commas", head(`Route: ${",".repeat(30_000)}\r\n`)],
  ["blanks", head(`Subject:${" ".repeat(60_000)}x\r\n`)],
  ["folds", head(`Subject: x${"\r\n ".repeat(15_000)}\r\n`)],
  ["colons in a host", head("").replace("192.0.2.9", ":".repeat(30_000))],
  ["percent signs", head("").replace("sip:1@", `sip:${"%".repeat(30_000)}@`)],
  ["digits", head(`Max-Forwards: ${"9".repeat(60_000)}\r\n`)],
  ["a's and an exclamation mark", head(`Authorization: Digest ${"a".repeat(30_000)}!\r\n`)],
  ["equals signs", head(`Authorization: Digest ${"=,".repeat(15_000)}\r\n`)],
  ["nothing but line breaks", "\r\n".repeat(32_000)],
  ["NULs", "\u0000".repeat(65_000)],
];

describe("A17 shapes", () => {
  const context: ScreenContext = {
    nonces: createNonceKeeper(Buffer.from("key")),
    realm: "tandem.test",
    algorithms: ["MD5"],
    ha1Of: () => undefined,
    isTrusted: () => false,
    isServing: () => true,
    nowMs: () => 0,
  };
  const flow: Flow = {
    ...{ transport: "UDP", name: "", localHost: host, localPort: 5_060 },
    ...{ remoteHost: "192.0.2.9", remotePort: 5_060 },
  };

  test.each(shapes)("A17 %s: judged in less than 50 ms", (_, text) => {
    const times = [1, 2, 3].map(() => {
      const began = performance.now();
      screen(text, flow, context);
      return performance.now() - began;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  test("A17 all of them over UDP and TCP: phones call each other as before", async () => {
    const stranger = await here.connect("UDP", "127.0.225.66");
    for (const [, text] of shapes) {
      if (text.length < 60_000) stranger.say(text);
      const stream = await here.connect("TCP", "127.0.225.66");
      stream.say(text);
      stream.close();
    }
    await callOnce(caller, callee, host);
    stranger.close();
  });

  test("A17 a body of 10 MB ends the connection before it came", async () => {
    const stream = await here.connect("TCP", "127.0.225.66");
    stream.say(head("").replace("Content-Length: 0", `Content-Length: ${10_000_000}`));
    await stream.closed;
  });
});

const suites = process.env["TANDEM_SUITES"];

describe.skipIf(suites === undefined)("A17 outside corpora", () => {
  test("A17 each message once: no fault, no alarm, and calls as before", async () => {
    const stranger = await here.connect("UDP", "127.0.225.67");
    const files = filesBelow(join(suites ?? "", "fuzz"), 3_000);
    expect(files.length).toBeGreaterThan(100);
    for (const [index, file] of files.entries()) {
      stranger.say(readFileSync(file).subarray(0, 65_000));
      // In between the sockets are read, so that none of them is lost.
      if (index % 50 === 0) await callOnce(caller, callee, host);
    }
    await callOnce(caller, callee, host);
    stranger.close();
  });
});

function filesBelow(folder: string, most: number): string[] {
  const files: string[] = [];
  const folders = [folder];
  for (const each of folders) {
    for (const name of readdirSync(each)) {
      const path = join(each, name);
      if (statSync(path).isDirectory()) folders.push(path);
      else if (!name.endsWith(".md") && !name.endsWith(".json")) files.push(path);
    }
  }
  const step = Math.max(1, Math.floor(files.length / most));
  return files.filter((_, index) => index % step === 0).slice(0, most);
}

describe("A19 descriptions of media", () => {
  const bent: readonly (readonly [string, string])[] = [
    ["1000 m-lines", testSdp + "m=audio 4 RTP/AVP 0\r\n".repeat(1_000)],
    ["a payload type beyond 2^32", testSdp.replace("AVP 0", "AVP 4294967296")],
    ["a NUL", testSdp.replace("s=-", "s=\u0000")],
    ["a port beyond 65535", testSdp.replace("40000", "65536")],
    ["2,000 candidates", testSdp + "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n".repeat(700)],
    ["a multicast address", testSdp.replace("IP4 127.0.0.1\r\nt", "IP4 224.0.0.1\r\nt")],
    ["no version", testSdp.replace("v=0\r\n", "")],
    ["an fmtp of 8 kB", `${testSdp}a=fmtp:0 ${"x".repeat(8_000)}\r\n`],
    ["no lines at all", "\u0001\u0002\u0003"],
  ];

  test.each(bent)("A19 %s is refused, or passed on as it is, and ends cleanly", async (_, body) => {
    const to = `<sip:1002@${host}>`;
    const asked = caller.ask({ method: "INVITE", uri: `sip:1002@${host}`, to, body });
    const reached = callee.client.takeRequest("INVITE").then(
      (invite) => callee.client.say(answerOf(callee, invite, 488)),
      () => undefined, // it did not get there
    );
    const { status } = await asked;
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(here.server.state.calls.size).toBe(0);
    void reached;
  });
});

test("A20 the server has no media: during a call no port but SIP's is open", async () => {
  const udpSockets = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "UDPWRAP").length;
  const before = udpSockets();
  const to = `<sip:1002@${host}>`;
  const asked = caller.ask({ method: "INVITE", uri: `sip:1002@${host}`, to, body: testSdp });
  const invite = await callee.client.takeRequest("INVITE");
  expect(udpSockets()).toBe(before);
  // The phones are told each other's addresses and none of ours.
  expect(invite.body).toContain("c=IN IP4 127.0.0.1\r\n");
  expect(invite.body).not.toContain(host);
  callee.client.say(answerOf(callee, invite, 486));
  expect((await asked).status).toBe(486);
});
