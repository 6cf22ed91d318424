import type { SwitchConfig } from "../config.ts";
import type { Turn } from "../turn.ts";
import { armOverflow } from "./enter.ts";
import { recountIdle } from "./idle.ts";

/** Who serves which queue, by person. Calls that wait at a queue that is gone are let go. */
export function configureQueues(turn: Turn, config: SwitchConfig): void {
  const { queues, configured, calls } = turn.state;
  const { queuesByUser } = configured;
  queuesByUser.clear();
  for (const { number, queue } of config.dns) {
    for (const userName of queue?.agents ?? []) {
      const served = queuesByUser.get(userName);
      if (served === undefined) queuesByUser.set(userName, [number]);
      else served.push(number);
    }
  }
  for (const [queue, rows] of queues.waiting) {
    if (configured.dns.get(queue)?.queue !== undefined) continue;
    for (const row of rows) {
      const call = calls.get(row.call);
      if (call !== undefined) armOverflow(turn, call, queue, row);
    }
  }
  recountIdle(turn);
  queues.isTouched = true;
}
