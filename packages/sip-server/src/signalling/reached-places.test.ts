import { expect, test } from "vitest";
import { createReachedPlaces, reachedMs } from "./reached-places.ts";

test("a place is known from the last request that was sent there, for two hours", () => {
  const places = createReachedPlaces();
  places.note("192.0.2.7", 5_060, 0);
  expect(places.has("192.0.2.7", 5_060, reachedMs - 1)).toBe(true);
  expect(places.has("192.0.2.7", 5_060, reachedMs)).toBe(false);
  expect(places.has("192.0.2.7", 5_061, 0)).toBe(false);
  places.note("192.0.2.7", 5_060, 60_000);
  expect(places.has("192.0.2.7", 5_060, reachedMs)).toBe(true);
});

test("the table has an end, and the one that is longest ago goes", () => {
  const places = createReachedPlaces();
  for (let port = 0; port < 50_001; port += 1) places.note("192.0.2.7", port, 0);
  expect(places.size()).toBe(50_000);
  expect([places.has("192.0.2.7", 0, 0), places.has("192.0.2.7", 1, 0)]).toEqual([false, true]);
});
