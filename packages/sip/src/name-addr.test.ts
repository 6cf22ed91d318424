import { describe, expect, test } from "vitest";
import { parseNameAddr, soundAddressUri, tagOf, uriIn, withoutTag } from "./name-addr.ts";
import { requestFrom, sampleRequestText } from "./testing/samples.ts";

describe("RFC3261-20.10 addresses", () => {
  test.each([
    ["<sip:a@a>", undefined, "sip:a@a", undefined],
    ["sip:a@a", undefined, "sip:a@a", undefined],
    ["sip:a@a;tag=1", undefined, "sip:a@a", "1"],
    ["  <sip:a@a;tag=no> ; TAG = yes ", undefined, "sip:a@a;tag=no", "yes"],
    ["caller<sip:a@a>;tag=3", "caller", "sip:a@a", "3"],
    ["T. desk phone <sip:a@a>", "T. desk phone", "sip:a@a", undefined],
    ['"J \\"R\\\\" <sip:a@a>;x', 'J "R\\', "sip:a@a", undefined],
    ['"<sip:no@no>;tag=no" <sip:a@a>;tag=y', "<sip:no@no>;tag=no", "sip:a@a", "y"],
    ['""<sip:a@a>', "", "sip:a@a", undefined],
    ["O'Neil (home) / x@y <sip:a@a>", "O'Neil (home) / x@y", "sip:a@a", undefined],
    ["J\xc3\xb6rg <sip:a@a>", "J\xc3\xb6rg", "sip:a@a", undefined],
    ["<http://x.example/?a;b>;tag=1", undefined, "http://x.example/?a;b", "1"],
    ["isbn:2983792873", undefined, "isbn:2983792873", undefined],
  ])("%s", (text, display, uri, tag) => {
    const parsed = parseNameAddr(text);
    expect([parsed?.display, parsed?.uri, parsed?.tag]).toEqual([display, uri, tag]);
    expect([soundAddressUri(text), uriIn(text)]).toEqual([uri, uri]);
  });

  test.each([
    "",
    "*",
    "<>",
    "<sip:a@a",
    "a@a",
    '"never ends <sip:a@a>',
    '"x" sip:a@a',
    "Bell, Alexander <sip:a@a>",
    "< sip:a@a >",
    "sip:a@a?Route=x",
    "sip:a@a, sip:b@b",
    "<sip:a@a>x",
    "<sip:a@a>;tag=1;tag=2",
    "<sip:a@a>;tag",
    "<sip:a@a>;;x",
  ])("%j is none", (text) => {
    expect(parseNameAddr(text)).toBeUndefined();
    expect(soundAddressUri(text)).toBeUndefined();
  });
});

test.each([
  ["<sip:a@a>;tag=1", "<sip:a@a>"],
  ["<sip:a@a;tag=x>;a=1;tag=1;b", "<sip:a@a;tag=x>;a=1;b"],
  ["sip:a@a;tag=1", "sip:a@a"],
  ['"x;tag=9" <sip:a@a> ; Tag = 1 ;tags=2', '"x;tag=9" <sip:a@a>;tags=2'],
  ["<sip:a@a>", "<sip:a@a>"],
])("RFC3261-12.1 %s without its tag", (value, expected) => {
  expect(withoutTag(value)).toBe(expected);
});

test("the tags of a message", () => {
  const request = requestFrom(sampleRequestText());
  expect([tagOf(request, "from"), tagOf(request, "to")]).toEqual(["alice-1", undefined]);
  expect(tagOf(requestFrom(sampleRequestText({ toTag: "b" })), "to")).toBe("b");
});
