import { openEtcdArbiter, openServedArbiter, type Arbiter, type EtcdTls } from "@tandem/replica";
import type { ArbiterTlsSettings, PairSettings } from "./settings.ts";
import { readBeside } from "./tls-files.ts";

/** Opens the arbiter of a pair that the settings name: etcd, or a supervisor's. */
export interface ArbiterTools {
  /** Files are named by their path from it. */
  readonly settingsFile?: string;
  /** Hears what keeps it from answering. */
  readonly tell?: (sentence: string) => void;
}

/** Throws where a file of its TLS cannot be read. */
export function openArbiter(
  { arbiter, name, secret }: PairSettings,
  { settingsFile = "", tell = () => undefined }: ArbiterTools = {},
): Arbiter {
  if (arbiter.kind === "etcd") {
    const { endpoints, prefix } = arbiter;
    const tls = arbiter.tls === undefined ? {} : readArbiterTls(arbiter.tls, settingsFile);
    return openEtcdArbiter({ endpoints, prefix, pair: name, timeoutMs: etcdTimeoutMs, tls, tell });
  }
  const { host, port } = arbiter;
  return openServedArbiter({ host, port, pair: name, secret, timeoutMs: servedTimeoutMs, tell });
}

/** An election of etcd's leader takes longer: an unknown outcome, which is asked again. */
const etcdTimeoutMs = 400;
const servedTimeoutMs = 300;

function readArbiterTls(
  { authority, certificate, key }: ArbiterTlsSettings,
  settingsFile: string,
): EtcdTls {
  const read = (path: string): string => readBeside(settingsFile, path);
  return {
    ...(authority !== undefined && { ca: read(authority) }),
    ...(certificate !== undefined && { cert: read(certificate) }),
    ...(key !== undefined && { key: read(key) }),
  };
}
