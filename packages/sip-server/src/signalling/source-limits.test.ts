import { describe, expect, test } from "vitest";
import { createSourceLimits, ignoreMs, provenMs } from "./source-limits.ts";

const choice = { sourcePerSecond: 100, strangersPerSecond: 50 };
const attacker = "UDP|192.0.2.7:666";
const phone = "UDP|192.0.2.7:5060";

describe("a place beyond its rate", () => {
  test("is limited, then ignored, and forgiven after a while", () => {
    const limits = createSourceLimits(choice);
    const judge = (nowMs: number) => limits.judge(attacker, nowMs);
    expect(Array.from({ length: 20 }, () => judge(0))).toEqual(Array(20).fill("pass"));
    expect(Array.from({ length: 19 }, () => judge(0))).toEqual(Array(19).fill("limited"));
    expect([judge(0), judge(1)]).toEqual(["ignored", "ignored"]);
    expect(limits.ignoredPlaces(1)).toBe(1);
    expect(judge(ignoreMs)).toBe("pass");
    expect(limits.ignoredPlaces(ignoreMs)).toBe(0);
  });

  test("does not touch a phone behind the same address, known or new", () => {
    const limits = createSourceLimits(choice);
    for (let index = 0; index < 1_000; index += 1) limits.judge(attacker, 0);
    expect(limits.judge(attacker, 0)).toBe("ignored");
    expect(limits.judge(phone, 0)).toBe("pass");
  });
});

describe("a proven place", () => {
  test("may send ten times as much, is never ignored, and stays so for two hours", () => {
    const limits = createSourceLimits(choice);
    limits.prove(phone, "1001", 0);
    const said = Array.from({ length: 300 }, () => limits.judge(phone, 0));
    expect(said.filter((each) => each === "pass")).toHaveLength(200);
    expect(said.at(-1)).toBe("limited");
    expect(limits.isProvenAs(phone, "1001", provenMs - 1)).toBe(true);
    expect(limits.isProvenAs(phone, "1002", 0)).toBe(false);
    expect(limits.isProven(phone, provenMs)).toBe(false);
  });

  test("is a stranger again when its connection is gone", () => {
    const limits = createSourceLimits(choice);
    limits.prove(phone, "1001", 0);
    limits.forget(phone);
    expect(limits.isProven(phone, 0)).toBe(false);
  });
});

test("all strangers together get so many answers a second", () => {
  const limits = createSourceLimits(choice);
  const admitted = (nowMs: number): number =>
    Array.from({ length: 500 }, () => limits.admitStranger(nowMs)).filter(Boolean).length;
  expect([admitted(0), admitted(500), admitted(10_000)]).toEqual([50, 25, 50]);
});

test("0 switches everything off", () => {
  const limits = createSourceLimits({ sourcePerSecond: 0, strangersPerSecond: 0 });
  const said = Array.from({ length: 9_999 }, () => limits.judge(attacker, 0));
  expect(new Set(said)).toEqual(new Set(["pass"]));
  expect(limits.admitStranger(0)).toBe(true);
});
