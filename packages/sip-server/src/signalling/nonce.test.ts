import { describe, expect, test } from "vitest";
import { createNonceKeeper, nonceLifeMs } from "./nonce.ts";

const keeper = createNonceKeeper(Buffer.from("the pair's key"));
const host = "192.0.2.7";

describe("nonces", () => {
  const nonce = keeper.nonceFor(host, 1_000);

  test.each([
    ["one just handed out", nonce, host, 1_000, "fresh"],
    ["one at the end of its life", nonce, host, 1_000 + nonceLifeMs, "fresh"],
    ["one past it", nonce, host, 1_001 + nonceLifeMs, "expired"],
    ["one from the future, after a clock went back", nonce, host, 999, "expired"],
    ["one of another address", nonce, "192.0.2.8", 1_000, "foreign"],
    ["one whose time was changed", `f${nonce.slice(1)}`, host, 1_000, "foreign"],
    ["one whose seal was changed", `${nonce.slice(0, -1)}g`, host, 1_000, "foreign"],
    ["an empty one", "", host, 1_000, "foreign"],
    ["a long one", nonce.repeat(1_000), host, 1_000, "foreign"],
  ] as const)("%s", (_, given, source, now, verdict) => {
    expect(keeper.judge(given, source, now)).toBe(verdict);
  });

  test("the other node of the pair knows them by the same key, and no other node does", () => {
    const other = createNonceKeeper(Buffer.from("the pair's key"));
    expect(other.judge(nonce, host, 1_000)).toBe("fresh");
    expect(createNonceKeeper(Buffer.from("x")).judge(nonce, host, 1_000)).toBe("foreign");
  });
});

test("the To tag of a challenge is known by the request, and by nothing else", () => {
  const tag = keeper.tagFor("call-1", "from-1");
  expect(keeper.isTagOf(tag, "call-1", "from-1")).toBe(true);
  expect(keeper.isTagOf(tag, "call-2", "from-1")).toBe(false);
  expect(keeper.isTagOf("edge-0000", "call-1", "from-1")).toBe(false);
  expect(keeper.isTagOf("", "call-1", "from-1")).toBe(false);
});

test("no nonce is handed out twice, not even in one millisecond", () => {
  const nonces = Array.from({ length: 1_000 }, () => keeper.nonceFor(host, 5_000));
  expect(new Set(nonces).size).toBe(1_000);
  expect(keeper.judge(nonces.at(-1) ?? "", host, 5_000)).toBe("fresh");
});
