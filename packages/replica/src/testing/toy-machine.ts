import type { Machine } from "@tandem/kernel";
import type { SnapshotPort } from "../snapshot/snapshot.ts";

/** The machine of the model: it only writes down what it is told, and answers each word. */
export interface ToyState {
  /** Inputs by their order, with the index of each. */
  readonly seen: string[];
}

export type ToyInput = { readonly kind: "epoch"; readonly text: string } | ToyWord;
export interface ToyWord {
  readonly kind: "word";
  readonly text: string;
}
/** `index` is the place in the history. */
export interface ToyEffect {
  readonly text: string;
  readonly index: number;
}

export const toyMachine: Machine<ToyState, ToyInput, ToyEffect> = {
  create: () => ({ seen: [] }),
  stepFrame(state, frame) {
    const effects: ToyEffect[] = [];
    let index = frame.firstIndex;
    for (const input of frame.inputs) {
      if (input.kind === "word") {
        state.seen.push(input.text);
        effects.push({ text: input.text, index });
      }
      index += 1;
    }
    return effects;
  },
  nextDeadline: () => undefined,
};

/** Three hundred words a slice, so that a state takes many. */
export const toySnapshots: SnapshotPort<ToyState> = {
  open(state) {
    let sent = 0;
    return {
      next() {
        if (state.seen.length - sent < 60) return null;
        const slice = state.seen.slice(sent, sent + 300);
        sent += slice.length;
        return JSON.stringify(slice);
      },
      finish: () => JSON.stringify(state.seen.slice(sent)),
      abandon: () => undefined,
    };
  },
  assemble() {
    const seen: string[] = [];
    const add = (text: string): boolean => {
      seen.push(...(JSON.parse(text) as string[])); // written by `open` above
      return true;
    };
    return {
      add,
      finish(text) {
        add(text);
        return { seen };
      },
    };
  },
};
