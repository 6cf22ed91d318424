import { describe, expect, test } from "vitest";
import { headersOf } from "./header-table.ts";
import { requestFrom, sampleRequest } from "./testing/samples.ts";
import { parseVia, responseTarget, stampedVia, stampVia, viaOf } from "./via.ts";

describe("RFC3261-20.42 Via", () => {
  test.each([
    ["SIP/2.0/UDP a", { transport: "UDP", host: "a" }],
    ["SIP/2.0/tcp A:5070;branch=z9", { transport: "TCP", host: "a", port: 5070, branch: "z9" }],
    ["SIP / 2.0 / UDP  a : 5070 ; branch = z9", { host: "a", port: 5070, branch: "z9" }],
    ["sip/2.0/UDP [2001:DB8::9:1]:6050", { host: "[2001:db8::9:1]", port: 6050 }],
    ["SIP/2.0/UDP a;received=[::1]", { received: "::1" }],
    ["SIP/2.0/UDP a;received=2001:db8::9:255;branch=b", { received: "2001:db8::9:255" }],
    ["SIP/2.0/UDP a;rport", { rport: "requested" }],
    ["SIP/2.0/UDP a;rport=5070", { rport: 5070 }],
    ["SIP/2.0/UDP a;rport=99999", { rport: "requested" }],
  ])("%s", (text, fields) => {
    expect(parseVia(text)).toMatchObject(fields);
  });

  test.each([
    "",
    "SIP/2.0/UDP",
    "SIP/2.0/UDP ",
    "SIP/2.0 a",
    "SIP/3.0/UDP a",
    "SIP/2.0/UDPa",
    "SIP/2.0/UDP a b",
    "SIP/2.0/UDP a:x",
    "HTTP/2.0/UDP a",
    "SIP/2.0/UDP ;branch=1",
  ])("%j is none", (text) => {
    expect(parseVia(text)).toBeUndefined();
  });
});

describe("RFC3581-4 stamping", () => {
  test.each([
    ["SIP/2.0/UDP 10.0.0.1;branch=b", "10.0.0.1", 5060, "SIP/2.0/UDP 10.0.0.1;branch=b"],
    [
      "SIP/2.0/UDP a.example;branch=b",
      "10.0.0.1",
      5061,
      "SIP/2.0/UDP a.example;branch=b;received=10.0.0.1",
    ],
    [
      "SIP/2.0/UDP 10.0.0.1:5060;rport;branch=b",
      "10.0.0.1",
      5070,
      "SIP/2.0/UDP 10.0.0.1:5060;branch=b;received=10.0.0.1;rport=5070",
    ],
    [
      "SIP/2.0/UDP a;received=6.6.6.6;rport=1;branch=b",
      "10.0.0.1",
      5070,
      "SIP/2.0/UDP a;branch=b;received=10.0.0.1;rport=5070",
    ],
    [
      'SIP/2.0/UDP  A.Example ;x="a;rport";branch=b; RPort = 1;rportx',
      "10.0.0.1",
      7,
      'SIP/2.0/UDP  A.Example;x="a;rport";branch=b;rportx;received=10.0.0.1;rport=7',
    ],
    ["SIP/2.0/UDP [::1];branch=b", "::1", 5060, "SIP/2.0/UDP [::1];branch=b"],
    ["SIP/2.0/UDP [::2];branch=b", "::1", 5060, "SIP/2.0/UDP [::2];branch=b;received=::1"],
  ])("%s from %s:%i", (text, host, port, expected) => {
    const via = parseVia(text);
    expect(via === undefined ? "" : stampedVia(via, host, port)).toBe(expected);
  });

  test("only the top value of the top line changes", () => {
    const text =
      "OPTIONS sip:b SIP/2.0\r\nFrom: <sip:a@a>;tag=1\r\n" +
      "Via: SIP/2.0/UDP a;rport\r\n ,SIP/2.0/UDP b\r\n" +
      "v: SIP/2.0/UDP c\r\nTo: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\nbody";
    const stamped = requestFrom(stampVia(text, "10.0.0.1", 7));
    expect(headersOf(stamped, "via")).toEqual([
      "SIP/2.0/UDP a;received=10.0.0.1;rport=7,SIP/2.0/UDP b",
      "SIP/2.0/UDP c",
    ]);
    expect(stamped.body).toBe("body");
    expect(stampVia("nonsense", "10.0.0.1", 7)).toBe("nonsense");
  });
});

test("A11 a response goes to the source, whatever the Via says", () => {
  const via = viaOf(sampleRequest());
  expect(responseTarget(via, "10.0.0.9", 40_000)).toEqual({ host: "10.0.0.9", port: 40_000 });
  expect(responseTarget(parseVia("SIP/2.0/UDP a;received=10.0.0.1;rport=7"))).toEqual({
    host: "10.0.0.1",
    port: 7,
  });
  expect(responseTarget(parseVia("SIP/2.0/UDP a"))).toEqual({ host: "a", port: 5060 });
});
