import type { LinkMessage } from "../message.ts";
import type { Action, Happening, Node } from "../node/node.ts";
import type { ToyEffect, ToyInput, ToyState } from "./toy-machine.ts";

/** What the model of a pair is made of: its processes, its faults, what it is asked and tells. */
export type ToyNode = Node<ToyState, ToyInput, ToyEffect>;

/** What a planted bug changes: a node after each step, and what it asks to be done. */
export interface ModelMutant {
  readonly beforeStep?: (node: ToyNode, nowMs: number) => void;
  readonly onStep?: (node: ToyNode, nowMs: number) => void;
  readonly filter?: (
    node: ToyNode,
    actions: readonly Action<ToyInput, ToyEffect>[],
    nowMs: number,
  ) => readonly Action<ToyInput, ToyEffect>[];
  readonly hear?: (node: ToyNode, message: LinkMessage<ToyInput>) => LinkMessage<ToyInput> | null;
}

export interface Process {
  readonly name: "a" | "b";
  node: ToyNode | null;
  life: number;
  isPaused: boolean;
  /** What waits in the sockets of a paused process. */
  readonly waiting: Happening<ToyInput>[];
  isServing: boolean;
  gathered: ToyInput[];
  isFrameDue: boolean;
}

export interface ModelReport {
  readonly failures: readonly string[];
  readonly released: number;
  readonly coldStarts: number;
  readonly takeovers: number;
  /** How often a standby was found to differ. */
  readonly differences: number;
  readonly trail: readonly string[];
}

export interface ModelChoice {
  readonly seed: number;
  readonly seconds: number;
  /** At most this many faults; 1 must never cost anything. */
  readonly faults: number;
  readonly mutant?: ModelMutant;
  readonly keepsTrail?: boolean;
}

export const linkDelaysMs: readonly number[] = [1, 1, 20, 150];

export type Fault =
  | "kill"
  | "pause"
  | "cutLink"
  | "resetLink"
  | "cutFromArbiter"
  | "arbiterDown"
  | "handOver";

/** A death comes twice as often as anything else. */
export const faults: readonly Fault[] = [
  "kill",
  "kill",
  "pause",
  "cutLink",
  "resetLink",
  "cutFromArbiter",
  "arbiterDown",
  "handOver",
];

export function newProcess(name: "a" | "b"): Process {
  return {
    name,
    node: null,
    life: 0,
    isPaused: false,
    waiting: [],
    isServing: false,
    gathered: [],
    isFrameDue: false,
  };
}
