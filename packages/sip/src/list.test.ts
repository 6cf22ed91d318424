import fc from "fast-check";
import { expect, test } from "vitest";
import { listElementsMax } from "./limits.ts";
import { areParameters, parameterOf, parseParameters, splitList } from "./list.ts";

test.each([
  ["", []],
  ["a", ["a"]],
  ["a,b", ["a", "b"]],
  [" a ,\tb ", ["a", "b"]],
  ["a,,b,", ["a", "", "b", ""]],
  ['"x,y" <s,t>,z', ['"x,y" <s,t>', "z"]],
  ['"x\\",y",z', ['"x\\",y"', "z"]],
  ['"never ends, z', ['"never ends, z']],
  ["<never ends, z", ["<never ends, z"]],
  ['<a"b>,c', ['<a"b>', "c"]],
])("RFC3261-7.3.1 %j", (value, elements) => {
  expect(splitList(value)).toEqual(elements);
});

test("ERR4 a list of commas ends at its limit", () => {
  expect(splitList(",".repeat(8_000)).length).toBe(listElementsMax);
});

test.each([
  ["", {}],
  [";lr", { lr: undefined }],
  [" ; A = 1 ;b", { a: "1", b: undefined }],
  [';q="a;b\\""', { q: 'a;b"' }],
  [";a=1;a=2", { a: "1" }],
  [";a=x==", { a: "x==" }],
  [";received=[::1]", { received: "[::1]" }],
])("RFC3261-25.1 parameters %j", (text, expected) => {
  const parsed = parseParameters(text);
  expect(Object.fromEntries(parsed ?? [])).toEqual(expected);
  for (const [name, value] of parsed ?? []) expect(parameterOf(text, name)).toBe(value ?? "");
});

test.each([";", ";;a", "a=1", ";=1", ";a=", ';a="1', ";a=1,b", ";a b"])(
  "RFC3261-25.1 %j is no list of parameters",
  (text) => {
    expect(parseParameters(text)).toBeUndefined();
    expect(areParameters(text)).toBe(false);
  },
);

test("two equal names are refused where they must be unique", () => {
  expect(parseParameters(";tag=1;TAG=2", true)).toBeUndefined();
});

const noise = fc.array(fc.constantFrom(";", "=", '"', "\\", " ", "a", "b", ",", "<", ">", "\t"), {
  maxLength: 30,
});

test("both readers of parameters agree on any text", () => {
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join("");
      expect(areParameters(text)).toBe(parseParameters(text) !== undefined);
    }),
    { numRuns: 3_000 },
  );
});

test("nothing is lost when a list is split", () => {
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join("").trim();
      const strip = (value: string): string => value.replace(/[ \t,]/g, "");
      expect(strip(splitList(text).join(","))).toBe(strip(text));
    }),
  );
});
