import { describe, test } from "vitest";
import { leaseMs, type Arbiter } from "../../arbiter.ts";
import { createArbiterStore } from "../../arbiter-store.ts";
import { arbiterContract } from "../../testing/arbiter-contract.ts";
import { openMemoryArbiter } from "./memory-arbiter.ts";

/** The contract of arbiters, with a store of this process and a clock that is moved by hand. */
describe("memory arbiter", () => {
  test.each(arbiterContract)("$name", async ({ run }) => {
    const store = createArbiterStore();
    let nowMs = 0;
    let isCut = false;
    const open = (): Arbiter => {
      const arbiter = openMemoryArbiter(store, () => nowMs);
      const ask: Arbiter["ask"] = (request) =>
        isCut ? Promise.resolve({ kind: "unknown" }) : arbiter.ask(request);
      return { ...arbiter, ask };
    };
    await run({
      a: open(),
      b: open(),
      lapse() {
        nowMs += leaseMs;
        return Promise.resolve();
      },
      cut() {
        isCut = true;
        return Promise.resolve();
      },
      mend() {
        isCut = false;
        return Promise.resolve();
      },
    });
  });
});
