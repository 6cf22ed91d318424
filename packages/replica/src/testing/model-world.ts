import {
  armTimer,
  createRandom,
  createTimers,
  logTime,
  takeDue,
  nextDeadline,
  type Random,
} from "@tandem/kernel";

/** Virtual time for a model of a pair: acts by their times, one generator for all chance. */
export interface ModelWorld {
  nowMs: number;
  readonly random: Random;
  readonly after: (delayMs: number, act: () => void) => void;
  readonly run: (untilMs: number) => void;
}

export function createModelWorld(seed: number): ModelWorld {
  const timers = createTimers();
  const acts = new Map<string, () => void>();
  let count = 0;
  const world: ModelWorld = {
    nowMs: 0,
    random: createRandom(seed),
    after(delayMs, act) {
      count += 1;
      const key = String(count);
      acts.set(key, act);
      armTimer(timers, key, logTime(world.nowMs + Math.max(0, Math.ceil(delayMs))));
    },
    run(untilMs) {
      for (;;) {
        const at = nextDeadline(timers);
        if (at === undefined || at > untilMs) break;
        world.nowMs = at;
        const key = takeDue(timers, at);
        const act = key === undefined ? undefined : acts.get(key);
        if (key !== undefined) acts.delete(key);
        act?.();
      }
      world.nowMs = untilMs;
    },
  };
  return world;
}
