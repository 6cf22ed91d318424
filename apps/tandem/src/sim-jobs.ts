import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SimulationChoice, SimulationReport } from "@tandem/simulator";

/**
 * Several seeds at a time, each in a thread: a seed is a world of its own. Reports come in the
 * order of the seeds, whatever the order in which they end.
 */
export async function* simulateAll(
  choices: readonly SimulationChoice[],
  jobs: number,
): AsyncGenerator<SimulationReport> {
  const slots = choices.map((choice) => ({
    choice,
    ...Promise.withResolvers<SimulationReport>(),
  }));
  const waiting = [...slots];
  const workers = Array.from(
    { length: Math.min(jobs, choices.length) },
    () => new Worker(new URL("./sim-worker.ts", import.meta.url)),
  );
  const work = async (worker: Worker): Promise<void> => {
    for (let slot = waiting.shift(); slot !== undefined; slot = waiting.shift()) {
      const ended = once(worker, "message");
      worker.postMessage(slot.choice);
      try {
        const [report] = await ended;
        slot.resolve(report as SimulationReport); // the worker's only message
      } catch (error) {
        slot.reject(error); // what the simulator threw: no seed of its own may do that
        return;
      }
    }
  };
  for (const { promise } of slots) promise.catch(() => undefined); // told in its turn
  const done = workers.map(work);
  try {
    for (const { promise } of slots) yield await promise;
    await Promise.all(done);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** As many as this machine has processors. */
export const jobsPreset: number = availableParallelism();
