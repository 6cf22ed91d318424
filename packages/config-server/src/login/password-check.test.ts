import { expect, test } from "vitest";
import { atOnceMax, createPasswordCheck, failureWindowMs, failuresMax } from "./password-check.ts";

test("nobody costs the same as somebody, and is wrong", async () => {
  const asked: string[] = [];
  const check = await createPasswordCheck({
    nowMs: () => 0,
    verifyHash: async (expected) => {
      asked.push(expected);
      return true;
    },
  });
  expect(await check.check("s", "p", undefined)).toEqual({ kind: "wrong" });
  expect(await check.check("s", "p", "hash")).toEqual({ kind: "right" });
  expect(asked).toEqual([expect.stringMatching(/^\$argon2id\$/), "hash"]);
});

test("a source that fails often waits, and only that one", async () => {
  let now = 0;
  const check = await createPasswordCheck({ nowMs: () => now, verifyHash: async () => false });
  for (let round = 0; round < failuresMax; round += 1) {
    expect(await check.check("bad", "p", "h")).toEqual({ kind: "wrong" });
  }
  now = 1_000;
  expect(await check.check("bad", "p", "h")).toEqual({
    kind: "later",
    retryAfterMs: failureWindowMs - 1_000,
  });
  expect(await check.check("good", "p", "h")).toEqual({ kind: "wrong" });
  now = failureWindowMs;
  expect(await check.check("bad", "p", "h")).toEqual({ kind: "wrong" });
});

test("only a few are checked at once", async () => {
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const check = await createPasswordCheck({
    nowMs: () => 0,
    verifyHash: () => {
      running += 1;
      most = Math.max(most, running);
      return new Promise((resolve) => {
        ends.push(() => {
          running -= 1;
          resolve(true);
        });
      });
    },
  });
  const all = Array.from({ length: 6 }, () => check.check("s", "p", "h"));
  let done = 0;
  const counted = all.map((each) => each.then(() => (done += 1)));
  while (done < all.length) {
    ends.shift()?.();
    await Promise.resolve();
  }
  await Promise.all(counted);
  expect(most).toBe(atOnceMax);
});
