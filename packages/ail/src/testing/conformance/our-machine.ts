import { createContinuity } from "../../continuity/state.ts";
import { stepContinuity } from "../../continuity/step-continuity.ts";
import { describeEffect, type ContinuityUnderTest } from "./conformance-case.ts";
import { contextOf } from "./material.ts";

/** The adapter for `stepContinuity`; one for another implementation looks the same. */
export const ourMachine: ContinuityUnderTest = {
  start: (settings) => {
    let state = createContinuity();
    return {
      take: (event, atMs) => {
        const step = stepContinuity(state, event, contextOf(settings, atMs));
        state = step.next;
        return step.effects.map(describeEffect);
      },
    };
  },
};
