import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRoleTeller, doorsPatienceMs, phonesFirstMs } from "./role-teller.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(): { teller: ReturnType<typeof createRoleTeller>; told: () => number } {
  let count = 0;
  return { teller: createRoleTeller(() => (count += 1)), told: () => count };
}

test("clients hear of a new primary once, a moment after its doors stand", async () => {
  const { teller, told } = start();
  teller.opening(Promise.resolve());
  teller.changed();
  await vi.advanceTimersByTimeAsync(phonesFirstMs - 1);
  expect(told()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(told()).toBe(1);
  teller.changed();
  await vi.advanceTimersByTimeAsync(2 * doorsPatienceMs);
  expect(told()).toBe(2);
});

test("doors that do not open do not keep them waiting for ever", async () => {
  const { teller, told } = start();
  teller.opening(new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(doorsPatienceMs);
  expect(told()).toBe(1);
});

test("doors that cannot be opened are told of at once", async () => {
  const { teller, told } = start();
  teller.opening(Promise.reject(new Error("in use")));
  await vi.advanceTimersByTimeAsync(0);
  expect(told()).toBe(1);
});

test("who stands down meanwhile does not tell of its doors later", async () => {
  const { teller, told } = start();
  teller.opening(Promise.resolve());
  teller.giveUp();
  teller.changed();
  expect(told()).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * doorsPatienceMs);
  expect(told()).toBe(1);
});
