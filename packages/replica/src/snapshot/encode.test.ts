import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, depthMax, encode } from "./encode.ts";

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, Infinity, -Infinity, Number.NaN, -0, "~m", "__proto__"),
);
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("~m", "~~t", "__proto__", "~"),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.array(fc.tuple(leaf, tie("tree")), { maxLength: 5 }).map((rows) => new Map(rows)),
    fc.array(leaf, { maxLength: 5 }).map((items) => new Set(items)),
    fc.array(fc.tuple(name, tie("tree")), { maxLength: 5 }).map(
      (rows): unknown => Object.fromEntries(rows), // `__proto__` is an own property here
    ),
  ),
}));

test("a tree comes back as it was, with the order of everything that has one", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const text = encode(value);
      const back = decode(text);
      expect(back?.value).toEqual(value);
      expect(encode(back?.value)).toBe(text); // order, and what toEqual does not see
    }),
    { numRuns: 500 },
  );
});

test("order is part of it", () => {
  const there = new Map([
    ["a", 1],
    ["b", 2],
  ]);
  expect(encode(there)).toBe('{"~m":["a",1,"b",2]}');
  expect(encode(new Map([...there].toReversed()))).not.toBe(encode(there));
});

test("what is no tree's text gives null, whatever it is", () => {
  const bad = [
    "",
    "[",
    "{}}",
    '{"~m":[1]}',
    '{"~m":[1,2,1,3]}',
    '{"~m":{}}',
    '{"~s":[1,1]}',
    '{"~s":1}',
    '{"~v":"-1"}',
    '{"~v":1}',
    '{"~t":1}',
    '{"~x":1}',
    '{"~m":[],"a":1}',
    '{"a":1,"~m":[]}',
    "[".repeat(depthMax + 1) + "]".repeat(depthMax + 1),
    "[".repeat(1_000_000),
  ];
  for (const text of bad) expect(decode(text)).toBeNull();
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void decode(text)));
  fc.assert(
    fc.property(tree, fc.nat(), fc.string({ maxLength: 3 }), (value, where, other) => {
      const text = encode(value);
      const at = where % (text.length + 1);
      decode(text.slice(0, at) + other + text.slice(at + 1));
    }),
  );
});

test("what is no data, or has no end, has no text", () => {
  expect(() => encode(() => 1)).toThrow("no plain data");
  const endless: unknown[] = [];
  endless.push(endless);
  expect(() => encode(endless)).toThrow("too deep");
});
