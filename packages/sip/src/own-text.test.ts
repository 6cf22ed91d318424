import fc from "fast-check";
import { expect, test } from "vitest";
import { ownText } from "./own-text.ts";

test("a text of its own says the same", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (text) => {
      expect(ownText(text)).toBe(text);
    }),
  );
});
