import type { Machine } from "@tandem/kernel";
import type { Versions } from "../message.ts";
import type { SnapshotPort } from "../snapshot/snapshot.ts";

/** The machine of the model: it only writes down what it is told, and answers each word. */
export interface ToyState {
  /** Inputs by their order, with the index of each. */
  readonly seen: string[];
  /** In the second shape only: how many. */
  count?: number;
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

export const toyMachine: Machine<ToyState, ToyInput, ToyEffect> = toyMachineOf(1);

/** Two versions of it: the second one counts, in a state of another shape. */
function toyMachineOf(schema: ToySchema): Machine<ToyState, ToyInput, ToyEffect> {
  return {
    create: () => (schema === 1 ? { seen: [] } : { seen: [], count: 0 }),
    stepFrame(state, frame) {
      const effects: ToyEffect[] = [];
      let index = frame.firstIndex;
      for (const input of frame.inputs) {
        if (input.kind === "word") {
          state.seen.push(input.text);
          if (state.count !== undefined) state.count += 1;
          effects.push({ text: input.text, index });
        }
        index += 1;
      }
      return effects;
    },
    nextDeadline: () => undefined,
  };
}

export type ToySchema = 1 | 2;

/** What a node of this version is made of. */
export function toyVersion(schema: ToySchema): {
  readonly machine: Machine<ToyState, ToyInput, ToyEffect>;
  readonly versions: Versions;
  readonly snapshots: SnapshotPort<ToyState>;
} {
  return {
    machine: toyMachineOf(schema),
    versions: { machine: String(schema), runtime: "1", schema },
    snapshots: toySnapshotsOf(schema),
  };
}

/** Three hundred words a slice, so that a state takes many. */
function toySnapshotsOf(schema: ToySchema): SnapshotPort<ToyState> {
  return {
    open(state) {
      let sent = 0;
      return {
        next() {
          if (state.seen.length - sent < 60) return null;
          const slice = state.seen.slice(sent, sent + 300);
          sent += slice.length;
          return JSON.stringify(slice);
        },
        finish: () => JSON.stringify([schema, ...state.seen.slice(sent)]),
        abandon: () => undefined,
      };
    },
    walk(state) {
      let at = 0;
      return {
        next() {
          const words = state.seen.slice(at, at + 300);
          if (words.length === 0) return null;
          const where = `seen from ${at}`;
          at += words.length;
          return { digest: words.join(" "), where };
        },
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
          const [sentBy, ...rest] = JSON.parse(text) as [number, ...string[]]; // as above
          if (sentBy > schema) return null;
          seen.push(...rest);
          return schema === 1 ? { seen } : { seen, count: seen.length };
        },
      };
    },
  };
}
