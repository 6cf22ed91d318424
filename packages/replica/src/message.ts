import type { Digest, Frame } from "@tandem/kernel";
import type { Incarnation, View } from "./view.ts";

/** What two nodes of a pair tell each other over their link, in order. */
export type LinkMessage<Input> =
  | Hello
  | { readonly kind: "frame"; readonly frame: Frame<Input> }
  /** H2: everything up to `index` is held. */
  | { readonly kind: "ack"; readonly index: number }
  | Heartbeat
  /** H9: what a piece of the primary's state is like after `index`. */
  | Compare
  | { readonly kind: "heartbeatAnswer"; readonly count: number; readonly arbiterAgeMs: number }
  /** H5: a piece of the state, and its receipt, which asks for the next. */
  | {
      readonly kind: "slice";
      /** Which of the primary's transfers it belongs to. */
      readonly transfer: number;
      readonly number: number;
      readonly text: string;
    }
  | { readonly kind: "sliceHeld"; readonly transfer: number; readonly number: number }
  /** The small rest; frames follow from `index + 1` on. */
  | {
      readonly kind: "snapshotEnd";
      readonly transfer: number;
      /** How many have gone before. */
      readonly slices: number;
      readonly text: string;
      readonly history: string;
      readonly epoch: number;
      readonly index: number;
      readonly now: number;
      readonly digest: Readonly<Digest>;
    }
  /** The state could not be put together, or differs: send it from the beginning. */
  | { readonly kind: "startOver" }
  /** Goes on after `index` of the same history. */
  | { readonly kind: "goOn"; readonly index: number; readonly epoch: number }
  /** A primary wants to feed the other node: it is to say hello again. */
  | { readonly kind: "whereAreYou" }
  /** The view as the primary has just changed it. */
  | {
      readonly kind: "view";
      readonly view: View;
      /** Of one that hands over: for how long what it owed may have stayed with it. */
      readonly owesMs?: number;
    };

/** First on every connection, both ways. */
export interface Hello {
  readonly kind: "hello";
  readonly incarnation: Incarnation;
  readonly versions: Versions;
  /** The history whose machine is held; empty without one. */
  readonly history: string;
  readonly lastIndex: number;
  /** Of the last frame stepped; 0 without a machine. */
  readonly machineEpoch: number;
  /** The highest epoch seen. */
  readonly epoch: number;
  /** Its machine may have stepped what nobody else holds. */
  readonly isPrimary: boolean;
}

/** H10: nodes replay each other's frames only where all of these are equal. */
export interface Versions {
  readonly machine: string;
  readonly runtime: string;
  /** Of the state; a newer machine has a migration from an older one. */
  readonly schema: number;
}

export interface Compare {
  readonly kind: "compare";
  readonly epoch: number;
  /** Walks are numbered by each primary, their pieces from 1. */
  readonly walk: number;
  readonly piece: number;
  readonly index: number;
  readonly digest: string;
  readonly where: string;
}

export interface Heartbeat {
  readonly kind: "heartbeat";
  readonly count: number;
  readonly epoch: number;
  /** Of the last frame, and the running digest after it (H9). */
  readonly index: number;
  readonly digest: string;
  /** Since the primary last had an answer of the arbiter. */
  readonly arbiterAgeMs: number;
}
