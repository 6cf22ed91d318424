import { X509Certificate } from "node:crypto";
import { createServer, connect, type TLSSocket } from "node:tls";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { addressBytes, createAuthority, issueCertificate } from "./certificates.ts";

const notBeforeMs = Date.now() - 60_000;
const authority = createAuthority({ name: "Test CA", notBeforeMs, days: 30 });
const issued = issueCertificate(authority, {
  name: "sip-1a",
  names: ["sip.example.test"],
  addresses: ["127.0.0.1", "2001:db8::1"],
  notBeforeMs,
  days: 10,
});

test("what is issued reads as what was asked for, and is signed by the authority", () => {
  const root = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate(issued.certificate);
  expect([root.ca, leaf.ca]).toEqual([true, false]);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.checkIssued(root)).toBe(true);
  expect(leaf.checkHost("sip.example.test")).toBe("sip.example.test");
  expect(leaf.checkHost("other.example.test")).toBeUndefined();
  expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(leaf.checkIP("2001:db8::1")).toBe("2001:db8::1");
  expect(leaf.subjectAltName).toContain("URI:sip:sip.example.test");
});

test("a client that trusts the authority takes the server, and is known by its own", async () => {
  const server = createServer({
    key: issued.key,
    cert: issued.certificate,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  const accepted = once(server, "secureConnection") as Promise<[TLSSocket]>;
  const client = connect({
    host: "127.0.0.1",
    port,
    ca: authority.certificate,
    key: issued.key,
    cert: issued.certificate,
    servername: "sip.example.test",
  });
  await once(client, "secureConnect");
  expect(client.authorized).toBe(true);
  const [socket] = await accepted;
  expect(socket.authorized).toBe(true);
  client.destroy();
  server.close();
});

test.each([
  ["::1", "00000000000000000000000000000001"],
  ["2001:db8:0:1::", "20010db8000000010000000000000000"],
  ["192.0.2.1", "c0000201"],
])("the bytes of %s", (text, hex) => {
  expect(addressBytes(text).toString("hex")).toBe(hex);
});
