import { createDigest } from "@tandem/kernel";
import { expect, test } from "vitest";
import type { ToyNode } from "../testing/model-parts.ts";
import {
  toyVersion,
  type ToyEffect,
  type ToyInput,
  type ToyState,
} from "../testing/toy-machine.ts";
import type { View } from "../view.ts";
import { nodeTiming, type Beginning } from "./node.ts";
import { createNode, stepNode } from "./step-node.ts";

const view: View = { epoch: 2, primary: "b/1", members: ["b/1", "a/1"], fallback: null };

const laterMs = 2_000;

/** A node that holds an empty machine, and how its epochs began. */
function learner(): { node: ToyNode; began: Beginning[] } {
  const began: Beginning[] = [];
  const node = createNode<ToyState, ToyInput, ToyEffect>(
    {
      ...toyVersion(1),
      incarnation: "b/1",
      hasArbiter: true,
      epochBegan(epoch, how) {
        began.push(how);
        return { kind: "epoch", text: String(epoch) };
      },
      describe: null,
      timing: nodeTiming,
    },
    0,
  );
  const text = JSON.stringify([1]);
  const end = { transfer: 1, slices: 0, text, history: "1/a/1", epoch: 1, index: 0, now: 0 };
  stepNode(node, 0, { kind: "linkUp" });
  const message = { kind: "snapshotEnd", ...end, digest: createDigest() } as const;
  stepNode(node, 0, { kind: "message", message });
  // Long enough to know that it has not stood still.
  for (let clockMs = 20; clockMs < laterMs; clockMs += 20) {
    stepNode(node, clockMs, { kind: "clock" });
  }
  return { node, began };
}

test("H8 who is handed the site opens the doors before anything else", () => {
  const { node } = learner();
  const message = { kind: "view", view, owesMs: 30 } as const;
  const kinds = stepNode(node, laterMs, { kind: "message", message }).map(({ kind }) => kind);
  expect(kinds.slice(0, 2)).toEqual(["serve", "tell"]);
});

test.each([
  ["said", 30, 30],
  ["not said, as in what the arbiter keeps", undefined, null],
])("H8 for how long the other may owe something: %s", (_, owesMs, saidBeforeMs) => {
  const { node, began } = learner();
  const message = { kind: "view", view, ...(owesMs === undefined ? {} : { owesMs }) } as const;
  stepNode(node, laterMs, { kind: "message", message });
  expect(began).toEqual([{ takenOver: true, isOld: false, saidBeforeMs }]);
});
