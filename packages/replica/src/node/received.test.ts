import { createDigest, logTime, type Frame } from "@tandem/kernel";
import { expect, test } from "vitest";
import type { LinkMessage } from "../message.ts";
import type { ToyNode } from "../testing/model-parts.ts";
import {
  toyVersion,
  type ToyEffect,
  type ToyInput,
  type ToyState,
} from "../testing/toy-machine.ts";
import { nodeTiming } from "./node.ts";
import { createNode, stepNode } from "./step-node.ts";

function word(index: number, text: string): LinkMessage<ToyInput> {
  const frame: Frame<ToyInput> = {
    epoch: 1,
    firstIndex: index,
    now: logTime(index),
    entropy: "0".repeat(32),
    inputs: [{ kind: "word", text }],
  };
  return { kind: "frame", frame };
}

/** A node that has just been given an empty state. */
function learner(): ToyNode {
  const node = createNode<ToyState, ToyInput, ToyEffect>(
    {
      ...toyVersion(1),
      incarnation: "b/1",
      hasArbiter: true,
      epochBegan: (epoch) => ({ kind: "epoch", text: String(epoch) }),
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
  return node;
}

test("H2 a frame is acknowledged before it is stepped, and stepped before anything else", () => {
  const node = learner();
  expect(stepNode(node, 1, { kind: "message", message: word(1, "one") })).toEqual([
    { kind: "send", message: { kind: "ack", index: 1 } },
    { kind: "catchUp" },
  ]);
  expect(node.replica?.state.seen).toEqual([]);
  const stepped = stepNode(node, 1, { kind: "caughtUp" }).map(({ kind }) => kind);
  expect([stepped, node.replica?.state.seen]).toEqual([["stepped"], ["one"]]);
  expect(stepNode(node, 1, { kind: "caughtUp" })).toEqual([]);
});

test("H4 what was acknowledged is stepped first, whatever happens next", () => {
  const node = learner();
  stepNode(node, 1, { kind: "message", message: word(1, "one") });
  const actions = stepNode(node, 2, { kind: "message", message: word(2, "two") });
  expect(actions.map(({ kind }) => kind)).toEqual(["stepped", "send", "catchUp"]);
  expect(node.replica?.state.seen).toEqual(["one"]);
  stepNode(node, 3, { kind: "linkDown", isRefused: true });
  expect(node.replica?.state.seen).toEqual(["one", "two"]);
});
