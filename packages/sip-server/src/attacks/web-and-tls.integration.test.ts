/**
 * Attack classes A16, A24, A25, A26: connections, where they come from and what they claim to be.
 * Subprotocols, Origins, versions of TLS and certificates: `signalling/transports`.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainHost } from "../signalling/address.ts";
import { callOnce, createTestPhone, testSdp, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const host = "127.0.220.10";
const gateway = "127.0.220.3";
let here: TestServer;
let caller: TestPhone;
let callee: TestPhone;

beforeAll(async () => {
  here = await startTestServer(
    host,
    { trunks: [{ name: "g", host: gateway, port: 5_070, transport: "UDP", sources: [gateway] }] },
    {
      limits: {
        ...{ connectionsMax: 400, unprovenPerSourceMax: 50 },
        ...{ unprovenIdleMs: 1_500, messageTimeoutMs: 600 },
      },
    },
  );
  caller = await here.phone("1001", "TCP", "127.0.220.101");
  callee = await here.phone("1002", "TLS", "127.0.220.102");
});

afterAll(async () => {
  caller.client.close();
  callee.client.close();
  await here.close();
});

const plain = async (from: string, port = 5_060): Promise<Socket> => {
  const socket = connect({ host, port, localAddress: from });
  socket.on("error", () => undefined); // its end is what is looked at
  await once(socket, "connect");
  return socket;
};

describe("A16 connections that only take place", () => {
  test("A16 of one source the oldest give way; phones behind it come in and calls go on", async () => {
    const { visitors } = here.server.signalling.transports;
    const mute = await Promise.all(Array.from({ length: 200 }, () => plain(caller.client.host)));
    await expect.poll(() => visitors.counts.evicted).toBeGreaterThanOrEqual(150);
    expect(visitors.unproven()).toBeLessThanOrEqual(50);
    const newcomer = await here.phone("1003", "TCP", caller.client.host);
    await callOnce(newcomer, callee, host);
    await callOnce(caller, callee, host);
    newcomer.client.close();
    for (const socket of mute) socket.destroy();
  });

  test("A16 from many sources: the house is never full for who shows who he is", async () => {
    const mute: Socket[] = [];
    for (let index = 0; index < 600; index += 1) {
      mute.push(await plain(`127.0.221.${1 + (index % 20)}`));
    }
    const { visitors } = here.server.signalling.transports;
    await expect.poll(() => visitors.size()).toBeLessThanOrEqual(400);
    const newcomer = await here.phone("1003", "TLS", "127.0.220.103");
    await callOnce(newcomer, callee, host);
    newcomer.client.close();
    for (const socket of mute) socket.destroy();
  });

  test("A16 who says nothing is closed, on every transport; who registered stays", async () => {
    const closed = await Promise.all(
      [5_060, 5_061, 5_066, 5_067].map(async (port) => {
        const socket = await plain("127.0.220.66", port);
        await once(socket, "close");
        return port;
      }),
    );
    expect(closed).toEqual([5_060, 5_061, 5_066, 5_067]);
    expect([caller.client.isClosed(), callee.client.isClosed()]).toEqual([false, false]);
  });

  test("A16 half a header, and a byte now and then, are not waited for", async () => {
    const { counts } = here.server.signalling.transports;
    const slowBefore = counts.slowSenders;
    const socket = await plain("127.0.220.67");
    socket.write("OPTIONS sip:x SIP/2.0\r\nVia: ");
    const drip = setInterval(() => socket.write("x"), 50);
    await once(socket, "close");
    clearInterval(drip);
    expect(counts.slowSenders).toBe(slowBefore + 1);
  });

  test("A16 handshakes have a budget: a storm of them waits, and calls go on", async () => {
    const { handshakes } = here.server.signalling.transports;
    const delayedBefore = handshakes.delayed();
    const storm = Array.from({ length: 160 }, (_, index) => {
      const from = { localAddress: `127.0.220.${68 + (index % 4)}` };
      const options: ConnectionOptions = { host, port: 5_061, rejectUnauthorized: false, ...from };
      return connectTls(options);
    });
    for (const socket of storm) socket.on("error", () => undefined); // evicted or late
    await expect.poll(() => handshakes.delayed()).toBeGreaterThan(delayedBefore);
    await callOnce(caller, callee, host);
    await expect.poll(() => handshakes.waiting()).toBe(0);
    for (const socket of storm) socket.destroy();
  });
});

describe("A24 trust by address", () => {
  const call = (from: TestPhone) => {
    const to = `<sip:1009@${host}>`;
    return from.request({ method: "INVITE", uri: `sip:1009@${host}`, to, body: testSdp });
  };

  test.each(["UDP", "TCP", "TLS", "WS", "WSS"] as const)(
    "A24 %s: the trunk's address alone counts, whatever a message claims",
    async (transport) => {
      const trunk = createTestPhone(await here.connect(transport, gateway), "900", "", host);
      trunk.client.say(call(trunk));
      expect((await trunk.client.takeResponse("INVITE")).status).toBe(404);
      const other = createTestPhone(await here.connect(transport, "127.0.220.69"), "900", "", host);
      const claims = call(other)
        .replace(
          /Via: SIP\/2.0\/(\w+) [^;]*/,
          `Via: SIP/2.0/$1 ${gateway}:5070;received=${gateway}`,
        )
        .replace("\r\nContact:", `\r\nX-Forwarded-For: ${gateway}\r\nContact:`);
      other.client.say(claims);
      expect((await other.client.takeResponse("INVITE")).status).toBe(407);
      trunk.client.close();
      other.client.close();
    },
  );

  test("A24 a PROXY line is no SIP", async () => {
    const client = await here.connect("TCP", "127.0.220.70");
    client.say(`PROXY TCP4 ${gateway} ${host} 5070 5060\r\n`);
    client.say(call(createTestPhone(client, "900", "", host)));
    await expect.poll(() => here.server.signalling.counts.malformed).toBeGreaterThan(0);
    expect(client.heard.filter((each) => each.kind === "response" && each.status < 400)).toEqual(
      [],
    );
    client.close();
  });

  test("A24 an IPv4 address in IPv6's clothes is the same address", () => {
    expect(
      ["::ffff:192.0.2.1", "::FFFF:192.0.2.1", "fe80::1%eth0", "192.0.2.1"].map(plainHost),
    ).toEqual(["192.0.2.1", "192.0.2.1", "fe80::1", "192.0.2.1"]);
  });
});

describe("A25 WebSockets", () => {
  test.each<[string, (socket: WebSocket) => void]>([
    ["a frame beyond the largest message", (socket) => socket.send("x".repeat(70_000))],
    [
      "text that is no UTF-8",
      (socket) => socket.send(Buffer.from([0xc3, 0x28]), { binary: false }),
    ],
    [
      "a flood of pings",
      (socket) => {
        for (let count = 0; count < 200; count += 1) socket.ping();
      },
    ],
    [
      "fragments without end",
      (socket) => {
        for (let count = 0; count < 100; count += 1) socket.send("x".repeat(1_000), { fin: false });
      },
    ],
  ])("A25 %s ends the connection, and nothing else", async (_, attack) => {
    const socket = new WebSocket(`ws://${host}:5066/`, ["sip"], { localAddress: "127.0.220.71" });
    socket.on("error", () => undefined); // its end is what is looked at
    await once(socket, "open");
    const closed = once(socket, "close");
    attack(socket);
    await closed;
    await callOnce(caller, callee, host);
  });

  test("A25 names that cannot be reached (.invalid) are reached over the connection", async () => {
    const web = await here.phone("1004", "WSS", "127.0.220.104");
    await callOnce(caller, web, host);
    web.client.close();
  });
});

test("A26 no SNI, another name as SNI, and renegotiation do no harm", async () => {
  for (const servername of ["", "evil.example.test"]) {
    const socket = connectTls({
      ...{ host, port: 5_061, ca: here.authority.certificate, maxVersion: "TLSv1.2" },
      ...(servername === "" ? {} : { servername }),
      checkServerIdentity: () => undefined,
    });
    socket.on("error", () => undefined); // the server may end it
    await once(socket, "secureConnect");
    for (let count = 0; count < 5; count += 1) {
      socket.renegotiate({ rejectUnauthorized: true }, () => undefined);
    }
    socket.destroy();
  }
  await callOnce(caller, callee, host);
});
