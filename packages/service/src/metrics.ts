/**
 * Metrics in Prometheus' text format: the process's own (CPU, memory, event loop) and what a server
 * adds. A gauge that is cheap to read is read when it is scraped, so that nothing counts on the way
 * of a call that can be counted from the state.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly counter: (name: string, help: string, labels?: readonly string[]) => Counter;
  /** `read` is called at each scrape. */
  readonly gauge: (name: string, help: string, read: () => number) => Gauge;
  readonly histogram: (name: string, help: string, secondsBuckets: readonly number[]) => Histogram;
}

/** `processName` becomes the label `process` of every metric. */
export function createMetrics(processName: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (name, help, labels = []) =>
      new Counter({ name, help, registers, labelNames: [...labels] }),
    gauge: (name, help, read) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      }),
    histogram: (name, help, secondsBuckets) =>
      new Histogram({ name, help, registers, buckets: [...secondsBuckets] }),
  };
}
