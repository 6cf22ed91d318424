import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeCertificates } from "./certs.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-certs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const choice = { out: folder, name: ["sip.example.test"], ip: ["192.0.2.1"], days: "30" };

test("an authority once, and certificates that it signs, with keys that nobody else reads", () => {
  expect(writeCertificates(choice)).toBe(0);
  const authority = new X509Certificate(read("ca.pem"));
  const before = new X509Certificate(read("server.pem"));
  expect(writeCertificates({ ...choice, name: ["other.example.test"] })).toBe(0);
  expect(read("ca.pem")).toBe(authority.toString());
  const server = new X509Certificate(read("server.pem"));
  for (const each of [before, server, new X509Certificate(read("client.pem"))]) {
    expect(each.verify(authority.publicKey)).toBe(true);
    expect(each.checkIP("192.0.2.1")).toBe("192.0.2.1");
  }
  expect(before.checkHost("sip.example.test")).toBe("sip.example.test");
  expect(server.checkHost("other.example.test")).toBe("other.example.test");
  for (const name of ["ca.key.pem", "server.key.pem", "client.key.pem"]) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
});

test.each([
  { ...choice, ip: ["sip.example.test"] },
  { ...choice, days: "0" },
  { ...choice, days: "1.5" },
])("what makes no certificate is refused", (wrong) => {
  expect(writeCertificates(wrong)).toBe(1);
});
