/**
 * Calls over every transport, against a running server: TLS (RFC 3261 §26.2, RFC 5922), WebSockets
 * (RFC 7118), keep-alive (RFC 5626), IPv6, large requests (RFC 3261 §18.1.1), reuse (RFC 5923).
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import { createAuthority, issueCertificate } from "@tandem/service";
import { headerOf } from "@tandem/sip";
import type { Transport } from "@tandem/switch";
import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectSip } from "../testing/sip-client.ts";
import { callOnce, createTestPhone } from "../testing/test-phone.ts";
import { startTestServer, testPassword, type TestServer } from "../testing/test-server.ts";

const host = "127.0.213.10";
const trunk = "127.0.213.3";
let here: TestServer;

beforeAll(async () => {
  here = await startTestServer(
    host,
    {
      trunks: [{ name: "gateway", host: trunk, port: 5_070, transport: "UDP", sources: [trunk] }],
    },
    { origins: ["https://desk.example.test"] },
  );
});

afterAll(() => here.close());

describe("a phone registers and is called", () => {
  test.each<[Transport, Transport]>([
    ["UDP", "TCP"],
    ["TCP", "TLS"],
    ["TLS", "WS"],
    ["WS", "WSS"],
    ["WSS", "UDP"],
  ])("from %s to %s", async (one, other) => {
    const caller = await here.phone("1001", one, "127.0.213.101");
    const callee = await here.phone("1002", other, "127.0.213.102");
    await callOnce(caller, callee, host);
    const invite = callee.client.heard.find((each) => each.kind === "request");
    const port = here.place(other).port;
    expect(invite && headerOf(invite, "via")).toContain(`SIP/2.0/${other} ${host}:${port};`);
    caller.client.close();
    callee.client.close();
  });
});

describe("TLS", () => {
  const reach = (options: object) =>
    new Promise<string>((resolve) => {
      const socket = connectTls({ host, port: 5_061, ca: here.authority.certificate, ...options });
      socket.once("secureConnect", () => {
        resolve(socket.getProtocol() ?? "");
        socket.destroy();
      });
      socket.once("error", () => resolve("refused"));
    });

  test("1.2 and 1.3 are spoken, nothing older", async () => {
    expect(await reach({ minVersion: "TLSv1.3" })).toBe("TLSv1.3");
    expect(await reach({ maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
    const failed = here.server.signalling.transports.counts.handshakesFailed;
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" };
    expect(await reach(old)).toBe("refused");
    await expect
      .poll(() => here.server.signalling.transports.counts.handshakesFailed)
      .toBeGreaterThan(failed);
  });

  test("a server that we reach must be the one we mean (RFC 5922)", async () => {
    const served = async (addresses: readonly string[]) => {
      const made = issueCertificate(here.authority, {
        ...{ name: "carrier", names: [], addresses, notBeforeMs: Date.now() - 1_000, days: 1 },
      });
      const server = createTlsServer({ key: made.key, cert: made.certificate });
      server.listen(0, "127.0.213.4");
      await once(server, "listening");
      return server;
    };
    const [good, bad] = [await served(["127.0.213.4"]), await served(["127.0.213.5"])];
    const heard = once(good, "secureConnection");
    const { signalling } = here.server;
    const to = (server: typeof good) => ({
      transport: "TLS" as const,
      name: "",
      host: "127.0.213.4",
      port: (server.address() as AddressInfo).port, // it listens on a port
    });
    const before = signalling.transports.counts.untrusted;
    signalling.send(to(good), "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n");
    await heard;
    signalling.send(to(bad), "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n");
    await expect.poll(() => signalling.transports.counts.untrusted).toBe(before + 1);
    good.close();
    bad.close();
    signalling.transports.connections.closeAll();
  });
});

test("mutual TLS: whoever shows no certificate of a trusted authority stays outside", async () => {
  const notBeforeMs = Date.now() - 60_000;
  const authority = createAuthority({ name: "Mutual", notBeforeMs, days: 1 });
  const issue = (name: string, addresses: readonly string[]) =>
    issueCertificate(authority, { name, names: [], addresses, notBeforeMs, days: 1 });
  const own = issue("server", ["127.0.213.30"]);
  const mutual = await startTestServer(
    "127.0.213.30",
    {},
    {
      tls: {
        ...{ certificate: own.certificate, key: own.key },
        ...{ authorities: [authority.certificate], clientCertificates: "required" },
      },
    },
  );
  const more = { authority: authority.certificate };
  const foreign = createAuthority({ name: "Foreign", notBeforeMs, days: 1 });
  for (const shown of [{}, { key: foreign.key, certificate: foreign.certificate }]) {
    const client = await mutual
      .connect("TLS", "127.0.213.101", { ...more, ...shown })
      .catch(() => null); // refused within the handshake (TLS 1.2), or after it (1.3)
    await client?.closed;
  }
  const { key, certificate } = issue("client", []);
  const client = await mutual.connect("TLS", "127.0.213.101", { ...more, key, certificate });
  const phone = createTestPhone(client, "1001", testPassword, "127.0.213.30");
  expect((await phone.register()).status).toBe(200);
  client.close();
  await mutual.close();
});

describe("WebSockets (RFC 7118)", () => {
  const refusal = (protocols: string[], origin?: string) =>
    new Promise<number>((resolve) => {
      const more = origin === undefined ? {} : { origin };
      const socket = new WebSocket(`ws://${host}:5066/`, protocols, more);
      socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
      socket.once("open", () => {
        resolve(101);
        socket.terminate();
      });
      socket.on("error", () => undefined); // told above
    });

  test("speak `sip`, from a page that may", async () => {
    expect(await refusal(["sip"])).toBe(101);
    expect(await refusal(["sip"], "https://desk.example.test")).toBe(101);
    expect(await refusal(["sip"], "https://evil.example.test")).toBe(403);
    expect(await refusal(["chat"])).toBe(400);
    expect((await fetch(`http://${host}:5066/`)).status).toBe(426);
  });

  test("a frame holds one message", async () => {
    const client = await here.connect("WS", "127.0.213.101");
    const options = `OPTIONS sip:${host} SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n`;
    const rest = "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";
    const whole = `${options}${rest}Content-Length: 0\r\n\r\n`;
    client.say(whole);
    expect((await client.takeResponse("OPTIONS")).status).toBe(200);
    client.say(whole + whole);
    await client.closed;
    expect(client.heard).toHaveLength(1);
  });

  test("CRLF CRLF is answered with CRLF (RFC 5626 §4.4.1)", async () => {
    const [web, stream] = [
      await here.connect("WS", "127.0.213.101"),
      await here.connect("TLS", "127.0.213.101"),
    ];
    for (const client of [web, stream]) {
      client.say("\r\n\r\n");
      await expect.poll(() => client.texts).toEqual(["\r\n"]);
      client.close();
    }
  });
});

describe("large requests (RFC 3261 §18.1.1)", () => {
  const invite = (port: number) => {
    const head = [
      `INVITE sip:1@127.0.213.6:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:5060;branch=z9hG4bKlarge`,
      "Content-Length: 1400",
    ].join("\r\n");
    return `${head}\r\n\r\n${"x".repeat(1_400)}`;
  };

  test("go over TCP where somebody answers there", async () => {
    const server = createServer();
    server.listen(0, "127.0.213.6");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // it listens on a port
    const came = once(server, "connection") as Promise<[Socket]>;
    const target = { transport: "UDP", name: "", host: "127.0.213.6", port } as const;
    here.server.signalling.send(target, invite(port));
    const [socket] = await came;
    const [bytes] = (await once(socket, "data")) as [Buffer];
    expect(bytes.toString()).toContain("Via: SIP/2.0/TCP");
    socket.destroy();
    server.close();
  });

  test("and as datagrams where nobody does", async () => {
    const phone = await here.connect("UDP", "127.0.213.6");
    const target = { transport: "UDP", name: "", host: phone.host, port: phone.port } as const;
    here.server.signalling.send(target, invite(phone.port));
    const heard = await phone.takeRequest("INVITE");
    expect(headerOf(heard, "via")).toContain("SIP/2.0/UDP");
    phone.close();
  });
});

test("RFC 5923: who is known and says alias is sent to over his own connection", async () => {
  const client = await here.connect("TCP", trunk);
  const options = [
    `OPTIONS sip:${host} SIP/2.0`,
    `Via: SIP/2.0/TCP ${trunk}:5070;branch=z9hG4bKalias;alias`,
    "From: <sip:a@b>;tag=1\r\nTo: <sip:1001@b>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE",
    "Content-Length: 0\r\n\r\n",
  ].join("\r\n");
  client.say(options.replace("OPTIONS", "MESSAGE"));
  await client.takeResponse("MESSAGE");
  const target = { transport: "TCP", name: "", host: trunk, port: 5_070 } as const;
  here.server.signalling.send(target, "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n");
  await expect.poll(() => client.heard.length).toBe(2);
  client.close();
});

test("IPv6 beside IPv4: a phone of each kind calls the other", async () => {
  const both = await startTestServer("127.0.213.20", { host6: "::1", port: 25_060, ports: {} });
  const place6 = { host: "::1", port: 25_060 };
  const four = createTestPhone(
    await connectSip({
      ...{ transport: "UDP", from: "127.0.213.101" },
      server: { host: "127.0.213.20", port: 25_060 },
    }),
    ...(["1001", "secret", "127.0.213.20"] as const),
  );
  const six = createTestPhone(
    await connectSip({ transport: "TCP", from: "::1", server: place6 }),
    ...(["1002", "secret", "[::1]"] as const),
  );
  expect((await four.register()).status).toBe(200);
  expect((await six.register()).status).toBe(200);
  await callOnce(four, six, "127.0.213.20");
  const invite = six.client.heard.find((each) => each.kind === "request");
  expect(invite && headerOf(invite, "via")).toContain("SIP/2.0/TCP [::1]:25060;");
  four.client.close();
  six.client.close();
  await both.close();
});
