import { X509Certificate } from "node:crypto";
import { createAuthority, issueCertificate } from "@tandem/service";
import { expect, test } from "vitest";
import { identityFault } from "./tls-identity.ts";

const notBeforeMs = Date.now();
const authority = createAuthority({ name: "CA", notBeforeMs, days: 1 });
const made = issueCertificate(authority, {
  name: "common.example.test",
  names: ["carrier.example.test"],
  addresses: ["192.0.2.7", "2001:db8::7"],
  notBeforeMs,
  days: 1,
});
const { raw } = new X509Certificate(made.certificate);

test.each([
  ["the SIP domain", "URI:sip:carrier.example.test", ["carrier.example.test"], true],
  ["in another case, with a dot", "URI:sip:Carrier.Example.Test", ["CARRIER.example.test."], true],
  ["a host name", "DNS:carrier.example.test", ["carrier.example.test"], true],
  ["one of two names", "DNS:b.example.test", ["a.example.test", "b.example.test"], true],
  ["a host name beside a SIP URI counts nothing", "DNS:a.test, URI:sip:b.test", ["a.test"], false],
  ["a wildcard is no name", "DNS:*.example.test", ["a.example.test"], false],
  ["the common name", "", ["common.example.test"], false],
  ["a user's URI is no domain", "URI:sip:bob@b.test", ["b.test"], false],
  ["an address", "", ["192.0.2.7"], true],
  ["an IPv6 address", "", ["2001:db8:0::7"], true],
  ["another address", "", ["192.0.2.8"], false],
] as const)("RFC 5922 §7: %s", (_, subjectaltname, names, isGood) => {
  expect(identityFault({ raw, subjectaltname }, names) === undefined).toBe(isGood);
});
