import { logTime, type Machine } from "@tandem/kernel";
import { expect, test } from "vitest";
import { startReplica } from "./replica-host.ts";

/** Answers each input with its frame, and a number with a timer so many milliseconds later. */
const echo: Machine<{ due: number[] }, number, string> = {
  create: () => ({ due: [] }),
  stepFrame(state, frame) {
    const effects = frame.inputs.map((input) => `${input} in ${frame.firstIndex}`);
    for (const input of frame.inputs) state.due.push(frame.now + input);
    const fired = state.due.filter((at) => at <= frame.now);
    state.due = state.due.filter((at) => at > frame.now);
    return [...effects, ...fired.map(() => "fired")];
  },
  nextDeadline: (state) => (state.due.length === 0 ? undefined : logTime(Math.min(...state.due))),
};

const noSnapshot = { next: () => null, finish: () => "", abandon: () => undefined };
const noAssembly = { add: () => false, finish: () => null };

test("H1 inputs of one turn share a frame, and timers fire without further inputs", async () => {
  const seen: string[] = [];
  const entropies = new Set<string>();
  const isDone = Promise.withResolvers<void>();
  const host = await startReplica<{ due: number[] }, number, string>({
    machine: echo,
    incarnation: "a/1",
    versions: { machine: "1", runtime: "1", schema: 1 },
    epochBegan: () => 0,
    snapshots: {
      open: () => noSnapshot,
      assemble: () => noAssembly,
      walk: () => ({ next: () => null }),
    },
    perform(effects) {
      seen.push(...effects);
      if (seen.filter((effect) => effect === "fired").length === 3) isDone.resolve();
    },
    record: (frame) => {
      entropies.add(frame.entropy);
    },
  });
  host.submit(5);
  host.submit(30);
  await isDone.promise;
  await host.stop();
  expect(seen).toEqual(["0 in 1", "5 in 1", "30 in 1", "fired", "fired", "fired"]);
  expect(entropies.size).toBeGreaterThanOrEqual(3);
});
