import type { SwitchConfig } from "../config.ts";
import type { Turn } from "../turn.ts";
import { recountIdle } from "./idle.ts";

/** Who serves which queue, by person. Calls of a queue that is gone leave by their timers. */
export function configureQueues(turn: Turn, config: SwitchConfig): void {
  const { queuesByUser } = turn.state.configured;
  queuesByUser.clear();
  for (const { number, queue } of config.dns) {
    for (const userName of queue?.agents ?? []) {
      const queues = queuesByUser.get(userName);
      if (queues === undefined) queuesByUser.set(userName, [number]);
      else queues.push(number);
    }
  }
  recountIdle(turn);
  turn.state.queues.isTouched = true;
}
