import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Arbiter, ArbiterAnswer, ArbiterRequest } from "../arbiter.ts";
import type { View } from "../view.ts";

/**
 * What every arbiter does, whoever carries it (`SPEC.md`, View, Lease, H6, H12). Each case gets a
 * store of its own, empty, and two nodes' drivers to it.
 */
export interface ArbiterWorld {
  readonly a: Arbiter;
  readonly b: Arbiter;
  /** The lease's time goes by without a renewal. */
  readonly lapse: () => Promise<void>;
  /** Nobody is reached until it is mended; what was kept stays. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

export interface ArbiterCase {
  readonly name: string;
  readonly run: (world: ArbiterWorld) => Promise<void>;
}

type Change = Extract<ArbiterRequest, { kind: "change" }>;

const one = "a/00000001";
const other = "b/00000002";

function view(epoch: number, primary: string, members: readonly string[] = [primary]): View {
  return { epoch, primary, members, fallback: null };
}

function change(to: View, onlyWithoutLease = false): Change {
  return { kind: "change", expectedEpoch: to.epoch - 1, view: to, onlyWithoutLease };
}

/**
 * Asks until the outcome is known, as a node does (H12). A change that finds its own view there has
 * been made: it reached two members, or its first answer was lost.
 */
export async function askUntilKnown(
  arbiter: Arbiter,
  request: ArbiterRequest,
  withinMs = 20_000,
): Promise<ArbiterAnswer> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    const answer = await arbiter.ask(request);
    if (answer.kind === "notChanged" && request.kind === "change") {
      return isDeepStrictEqual(answer.view, request.view) ? { kind: "changed" } : answer;
    }
    if (answer.kind !== "unknown" || performance.now() > endsAt) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function expectAnswer(
  arbiter: Arbiter,
  request: ArbiterRequest,
  expected: ArbiterAnswer,
): Promise<void> {
  assert.deepEqual(await askUntilKnown(arbiter, request), expected);
}

export const arbiterContract: readonly ArbiterCase[] = [
  {
    name: "nothing stands there at first, and the first change is the first view",
    async run({ a, b }) {
      await expectAnswer(a, { kind: "read" }, { kind: "read", view: null, hasLease: false });
      const first = view(1, one, [one, other]);
      await expectAnswer(a, change(first), { kind: "changed" });
      await expectAnswer(b, { kind: "read" }, { kind: "read", view: first, hasLease: true });
    },
  },
  {
    name: "of two who set the absent key one wins, and the other is told the view",
    async run({ a, b }) {
      const views = [view(1, one), view(1, other)] as const;
      const answers = await Promise.all([
        askUntilKnown(a, change(views[0])),
        askUntilKnown(b, change(views[1])),
      ]);
      const kinds = answers.map(({ kind }) => kind).toSorted();
      assert.deepEqual(kinds, ["changed", "notChanged"]);
      const winner = answers[0].kind === "changed" ? views[0] : views[1];
      const refused = answers.find(({ kind }) => kind === "notChanged");
      assert.deepEqual(refused, { kind: "notChanged", view: winner, hasLease: true });
    },
  },
  {
    name: "a change of an epoch that has moved is refused with the view",
    async run({ a, b }) {
      await expectAnswer(a, change(view(1, one)), { kind: "changed" });
      const second = view(2, one, [one, other]);
      await expectAnswer(a, change(second), { kind: "changed" });
      const refused = { kind: "notChanged", view: second, hasLease: true } as const;
      await expectAnswer(b, change(view(2, other)), refused);
      await expectAnswer(b, change(view(1, other)), refused);
      await expectAnswer(b, change(view(9, other)), refused);
    },
  },
  {
    name: "H6 onlyWithoutLease is refused while somebody holds it, and allowed after it lapsed",
    async run({ a, b, lapse }) {
      const first = view(1, one);
      await expectAnswer(a, change(first, true), { kind: "changed" });
      const cold = change(view(2, other), true);
      await expectAnswer(b, cold, { kind: "notChanged", view: first, hasLease: true });
      await lapse();
      await expectAnswer(b, { kind: "read" }, { kind: "read", view: first, hasLease: false });
      await expectAnswer(b, cold, { kind: "changed" });
      await expectAnswer(a, { kind: "read" }, { kind: "read", view: cold.view, hasLease: true });
    },
  },
  {
    name: "a lease is renewed by its holder only, and not once it has lapsed",
    async run({ a, b, lapse }) {
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "lapsed" });
      await expectAnswer(a, change(view(1, one, [one, other])), { kind: "changed" });
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "renewed" });
      await expectAnswer(b, { kind: "renew", primary: other }, { kind: "lapsed" });
      await lapse();
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "lapsed" });
      await expectAnswer(a, change(view(2, one)), { kind: "changed" });
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "renewed" });
    },
  },
  {
    name: "a takeover takes the lease from a holder that lives",
    async run({ a, b }) {
      await expectAnswer(a, change(view(1, one, [one, other])), { kind: "changed" });
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "renewed" });
      await expectAnswer(b, change(view(2, other)), { kind: "changed" });
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "lapsed" });
      await expectAnswer(b, { kind: "renew", primary: other }, { kind: "renewed" });
    },
  },
  {
    name: "H8 a change may name another as primary, who then renews and the asker not",
    async run({ a, b, lapse }) {
      await expectAnswer(a, change(view(1, one, [one, other])), { kind: "changed" });
      await expectAnswer(a, change(view(2, other, [other, one])), { kind: "changed" });
      await expectAnswer(b, { kind: "renew", primary: other }, { kind: "renewed" });
      await expectAnswer(b, { kind: "renew", primary: other }, { kind: "renewed" });
      await expectAnswer(a, { kind: "renew", primary: one }, { kind: "lapsed" });
      await lapse();
      await expectAnswer(b, { kind: "renew", primary: other }, { kind: "lapsed" });
    },
  },
  {
    name: "a lease that is renewed does not lapse",
    async run({ a, b }) {
      const first = view(1, one);
      await expectAnswer(a, change(first), { kind: "changed" });
      for (let round = 0; round < 10; round += 1) {
        await expectAnswer(a, { kind: "renew", primary: one }, { kind: "renewed" });
      }
      const refused = { kind: "notChanged", view: first, hasLease: true } as const;
      await expectAnswer(b, change(view(2, other), true), refused);
    },
  },
  {
    name: "H12 unknown while nobody is reached; the same change asked again is told by the view",
    async run({ a, b, cut, mend }) {
      const first = view(1, one, [one, other]);
      await expectAnswer(a, change(first), { kind: "changed" });
      await cut();
      const second = change(view(2, one));
      assert.deepEqual(await a.ask(second), { kind: "unknown" });
      assert.deepEqual(await a.ask({ kind: "read" }), { kind: "unknown" });
      assert.deepEqual(await a.ask({ kind: "renew", primary: one }), { kind: "unknown" });
      await mend();
      await expectAnswer(a, second, { kind: "changed" });
      const read = await askUntilKnown(b, { kind: "read" });
      assert.deepEqual(read.kind === "read" && read.view, second.view);
    },
  },
  {
    name: "a closed one answers unknown",
    async run({ a }) {
      await a.close();
      assert.deepEqual(await a.ask({ kind: "read" }), { kind: "unknown" });
    },
  },
];
