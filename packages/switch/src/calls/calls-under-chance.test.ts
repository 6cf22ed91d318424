import { expect, test } from "vitest";
import { playCalls } from "../testing/call-chance.ts";

/**
 * Whatever phones, a gateway and desktops do, over a network that loses, repeats and delays: when
 * all have hung up nothing is left of any call, and no step has failed.
 */
const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);

test.each(seeds)("seed %i", (seed) => {
  expect(playCalls(seed)).toEqual({
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
