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
import { nodeTiming, type Action } from "./node.ts";
import { createNode, stepNode } from "./step-node.ts";

type Said = readonly Action<ToyInput, ToyEffect>[];

function newNode(incarnation: string): ToyNode {
  return createNode<ToyState, ToyInput, ToyEffect>(
    {
      ...toyVersion(1),
      incarnation,
      hasArbiter: true,
      epochBegan: (epoch) => ({ kind: "epoch", text: String(epoch) }),
      describe: ({ firstIndex }) => String(firstIndex),
      timing: nodeTiming,
    },
    0,
  );
}

function hear(node: ToyNode, clockMs: number, message: LinkMessage<ToyInput>): Said {
  return stepNode(node, clockMs, { kind: "message", message });
}

/** A node that holds 700 words of another's history. */
function holder(): ToyNode {
  const node = newNode("b/1");
  const words = Array.from({ length: 700 }, (_, at) => `w${at}`);
  stepNode(node, 0, { kind: "linkUp" });
  hear(node, 0, {
    kind: "snapshotEnd",
    transfer: 1,
    slices: 0,
    text: JSON.stringify([1, ...words]),
    history: "1/a/1",
    epoch: 1,
    index: 700,
    now: 0,
    digest: createDigest(),
  });
  return node;
}

/** What a primary with that state says of its pieces, from one on. */
function pieces(state: ToyState, walk = 1): LinkMessage<ToyInput>[] {
  const messages: LinkMessage<ToyInput>[] = [];
  const walking = toyVersion(1).snapshots.walk(state);
  for (let piece = walking.next(); piece !== null; piece = walking.next()) {
    const number = messages.length + 1;
    messages.push({ kind: "compare", epoch: 1, walk, piece: number, index: 700, ...piece });
  }
  return messages;
}

function stateOf(node: ToyNode): ToyState {
  if (node.replica === null) throw new Error("it holds no machine");
  return node.replica.state;
}

function differences(said: Said): unknown[] {
  return said.flatMap((action) =>
    action.kind === "tell" && action.notice.kind === "differs" ? [action.notice] : [],
  );
}

test("H9 equal states are equal in every piece", () => {
  const node = holder();
  const messages = pieces(structuredClone(stateOf(node)));
  expect(messages.length).toBe(3);
  for (const message of messages) expect(hear(node, 1, message)).toEqual([]);
});

test("H9 a row that nobody has said anything of is found, and the machine is asked for anew", () => {
  const node = holder();
  const messages = pieces(structuredClone(stateOf(node)));
  stateOf(node).seen[450] = "another";
  const said = messages.map((message) => hear(node, 1, message));
  expect(said.map(differences)).toEqual([
    [],
    [{ kind: "differs", index: 700, where: "seen from 300" }],
    [],
  ]);
  expect(said[1]).toContainEqual({ kind: "send", message: { kind: "startOver" } });
});

test("H9 what was missed, or is of another index, is not compared; the next walk is", () => {
  const node = holder();
  const [first, second, third] = pieces({ seen: ["something", "else"], count: 2 }).concat(
    pieces({ seen: Array.from({ length: 400 }, String) }),
  );
  if (first === undefined || second === undefined || third === undefined) throw new Error("short");
  expect(hear(node, 1, third)).toEqual([]); // piece 2 of a walk whose first was missed
  const frame: Frame<ToyInput> = {
    epoch: 1,
    firstIndex: 701,
    now: logTime(1),
    entropy: "0".repeat(32),
    inputs: [{ kind: "word", text: "later" }],
  };
  hear(node, 1, { kind: "frame", frame });
  expect(differences(hear(node, 2, first))).toEqual([]); // said of index 700
  const message = { ...first, index: 701 } as LinkMessage<ToyInput>;
  expect(differences(hear(node, 3, message))).toEqual([
    { kind: "differs", index: 701, where: "seen from 0" },
  ]);
});
