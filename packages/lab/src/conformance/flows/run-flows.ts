/** All flows of a `flows.json`, each replayed against a subject of its own. */
import { reportOf, type ConformanceRun } from "../report.ts";
import { readFlows } from "./flow.ts";
import { replayFlow, type FlowResult } from "./replay.ts";

export function runFlows(suite: string, folder: string): ConformanceRun {
  const results = readFlows(folder).map((flow): FlowResult => {
    try {
      return replayFlow(flow);
    } catch (error) {
      return { id: flow.id, failures: [`broke off: ${String(error)}`], deviations: [] };
    }
  });
  const notes = results.flatMap(({ id, deviations }) =>
    deviations.length === 0 ? [] : [`${id}: ${deviations.join(", ")}`],
  );
  return reportOf(suite, results, notes);
}
