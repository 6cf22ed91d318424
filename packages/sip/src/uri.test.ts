import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uriBytesMax } from "./limits.ts";
import { parseHostPort, parseUri, serializeUri, type SipUri, uriScheme } from "./uri.ts";

describe("RFC3261-19.1 what is a URI", () => {
  test.each<[string, Partial<SipUri>, Record<string, string | undefined>?]>([
    ["sip:bob@b.example", { scheme: "sip", user: "bob", host: "b.example" }],
    ["SIPS:Bob@B.Example:5061", { scheme: "sips", user: "Bob", host: "b.example", port: 5061 }],
    ["sip:b.example", { scheme: "sip", host: "b.example" }],
    ["sip:%31001@b", { user: "1001", host: "b" }],
    ["sip:sips%3Auser%40example.com@b", { user: "sips:user@example.com" }],
    ["sip:null-%00-null@b", { user: "null-\0-null" }],
    ["sip:user;par=u%40example.net@b", { user: "user;par=u@example.net" }],
    ["sip:*72#@b", { user: "*72#" }],
    ["sip:a:pa:ss@b", { user: "a", password: "pa:ss" }],
    ["sip:a:@b", { user: "a", password: "" }],
    ["sip:[2001:DB8::1]:5070", { host: "[2001:db8::1]", port: 5070 }],
    ["sip:[2001:db8:::192.0.2.1]", { host: "[2001:db8:::192.0.2.1]" }],
    ["sip:b;LR;transport=TCP;x=%41", { host: "b" }, { lr: undefined, transport: "TCP", x: "A" }],
    ["sip:b;lr;lr=2", { host: "b" }, { lr: undefined }],
    ["sip:a@b;m=x?Route=%3Csip:c%3E", { user: "a", headers: "Route=%3Csip:c%3E" }, { m: "x" }],
    ["tel:+1-201-555-0123", { scheme: "tel", user: "+1-201-555-0123", host: "" }],
    ["tel:7042;phone-context=b.example", { user: "7042" }, { "phone-context": "b.example" }],
  ])("%s", (text, fields, params) => {
    const uri = parseUri(text);
    expect(uri).toMatchObject(fields);
    if (params !== undefined) expect(Object.fromEntries(uri?.params ?? [])).toEqual(params);
  });

  test.each([
    "",
    "sip",
    "sip:",
    "sip:@b",
    "sip:a@",
    "sip:a@b@c",
    "sip:a@b:",
    "sip:a@b:0",
    "sip:a@b:65536",
    "sip:a@b:5060x",
    "sip:2001:db8::10",
    "sip:[::1",
    "sip:[::g]",
    "sip:[1]",
    "sip:%4@b",
    "sip:%zz@b",
    "sip:a b@c",
    "sip:a@b ",
    "sip:a@b;",
    "sip:a@b;;lr",
    "sip:a@b;=1",
    "<sip:a@b>",
    'sip:"a"@b',
    "http://b",
    "tel:",
    "tel:+",
  ])("%j is none", (text) => {
    expect(parseUri(text)).toBeUndefined();
  });
});

test("ERR4 a URI beyond its limit is none", () => {
  expect(parseUri(`sip:${"a".repeat(uriBytesMax)}@b`)).toBeUndefined();
});

test("the scheme of any URI", () => {
  expect(
    ["SIP:a", "soap.beep://x", "nobodyKnows:x", "1a:x", ":x", "a b:x", "<sip:a>"].map(uriScheme),
  ).toEqual(["sip", "soap.beep", "nobodyknows", undefined, undefined, undefined, undefined]);
});

test("RFC3261-25.1 host and port", () => {
  expect([
    parseHostPort("a:1"),
    parseHostPort("a:"),
    parseHostPort(":1"),
    parseHostPort(""),
  ]).toEqual([{ host: "a", port: 1 }, undefined, undefined, undefined]);
});

describe("RFC3261-19.1.4 canonical form", () => {
  const latin = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 12,
  });
  const host = fc.oneof(
    fc.stringMatching(/^[a-z0-9]{1,8}(\.[a-z0-9-]{1,8}){0,2}$/),
    fc.constantFrom("10.0.0.1", "[2001:db8::1]", "[::ffff:192.0.2.2]"),
  );
  const uri: fc.Arbitrary<SipUri> = fc.record(
    {
      scheme: fc.constantFrom("sip" as const, "sips" as const),
      user: latin,
      password: latin,
      host,
      port: fc.integer({ min: 1, max: 65_535 }),
      params: fc
        .array(
          fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,8}$/), fc.option(latin, { nil: undefined })),
        )
        .map((entries) => new Map(entries)),
    },
    { requiredKeys: ["scheme", "user", "host", "params"] },
  );

  test("parse after serialize is the identity", () => {
    fc.assert(
      fc.property(uri, (value) => {
        expect(parseUri(serializeUri(value))).toEqual(value);
      }),
    );
  });

  test("serialize after parse is the identity on what serialize wrote", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const parsed = parseUri(`sip:${text}`);
        if (parsed === undefined) return;
        const canonical = serializeUri(parsed);
        expect(serializeUri(parseUri(canonical) as SipUri)).toBe(canonical); // a written URI parses
      }),
    );
  });
});
