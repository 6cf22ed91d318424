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

test("H1 inputs of one turn share a frame, and timers fire without further inputs", async () => {
  const seen: string[] = [];
  const entropies = new Set<string>();
  await new Promise<void>((resolve) => {
    const host = startReplica({
      machine: echo,
      incarnation: "a/1",
      perform(effects) {
        seen.push(...effects);
        if (seen.filter((effect) => effect === "fired").length < 2) return;
        host.stop();
        resolve();
      },
      record: (frame) => entropies.add(frame.entropy),
    });
    host.submit(5);
    host.submit(30);
  });
  expect(seen).toEqual(["5 in 1", "30 in 1", "fired", "fired"]);
  expect(entropies.size).toBeGreaterThanOrEqual(3);
});
