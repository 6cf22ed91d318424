import fc from "fast-check";
import { expect, test } from "vitest";
import { backOffMs } from "./back-off.ts";

test("a wait is 1 s doubling to 30 s, of which a random half", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 99].map((failures) => backOffMs(failures, 0))).toEqual([
    0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(), (failures, entropy) => {
      const shortest = backOffMs(failures, 0);
      const waitMs = backOffMs(failures, entropy);
      expect(waitMs).toBeGreaterThanOrEqual(shortest);
      expect(waitMs).toBeLessThanOrEqual(2 * shortest);
    }),
  );
});
