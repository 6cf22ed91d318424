import { expect, test } from "vitest";
import { playCalls } from "../testing/call-chance.ts";

/**
 * H4 under chance: whatever phones and desktops do, over a network that loses, repeats and delays,
 * nodes die in the midst of it and others take over, with the effects of the last frames or without
 * them. No desktop is told anything twice, and when all have hung up nothing is left.
 */
const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);

test.each(seeds)("seed %i", (seed) => {
  expect(playCalls(seed, { hasTakeovers: true })).toEqual({
    calls: [],
    callsByDn: [],
    dialogs: [],
    transactions: [],
    trunkLegs: [],
    signings: 0,
    timers: [],
    flows: [],
    strays: [],
    failures: [],
  });
});
