import { openEtcdArbiter, openServedArbiter, type Arbiter } from "@tandem/replica";
import type { PairSettings } from "./settings.ts";

/** The arbiter that the settings name. */
export function openArbiter({ arbiter, name, secret }: PairSettings): Arbiter {
  if (arbiter.kind === "etcd") {
    const { endpoints, prefix } = arbiter;
    return openEtcdArbiter({ endpoints, prefix, pair: name, timeoutMs: etcdTimeoutMs });
  }
  const { host, port } = arbiter;
  return openServedArbiter({ host, port, pair: name, secret, timeoutMs: servedTimeoutMs });
}

/** Long enough for an election of etcd's leader to be seen as an unknown outcome, and asked again. */
const etcdTimeoutMs = 400;
const servedTimeoutMs = 300;
