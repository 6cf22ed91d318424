export { leaseMs, type Arbiter, type ArbiterAnswer, type ArbiterRequest } from "./arbiter.ts";
export { createArbiterStore, decide, type ArbiterStore } from "./arbiter-store.ts";
export type { Hello, LinkMessage, Versions } from "./message.ts";
export {
  nodeTiming,
  type Action,
  type Happening,
  type Node,
  type NodeNotice,
  type NodeSetup,
  type NodeTiming,
  type Role,
  type StandDownReason,
} from "./node/node.ts";
export { createNode, isReady, isServing, serveAlone, stepNode } from "./node/step-node.ts";
export {
  advanceMaxMs,
  createReplica,
  digestOf,
  heldFramesMax,
  lastIndexOf,
  stepGathered,
  type Gathered,
  type Replica,
} from "./replica.ts";
export { decode, encode } from "./snapshot/encode.ts";
export { tableSnapshots, type TableSnapshotOptions } from "./snapshot/table-snapshot.ts";
export type { Migrations } from "./snapshot/table-assembly.ts";
export type { Assembly, Snapshot, SnapshotPort } from "./snapshot/snapshot.ts";
export { soleView, type Incarnation, type View } from "./view.ts";
export {
  startReplica,
  type ReplicaHost,
  type ReplicaHostOptions,
} from "./drivers/replica-host.ts";
export type { LinkTls } from "./drivers/link/open-link.ts";
export { openEtcdArbiter, type EtcdArbiterOptions } from "./drivers/arbiters/etcd-arbiter.ts";
export type { EtcdTls } from "./drivers/arbiters/etcd-gateway.ts";
export { openMemoryArbiter } from "./drivers/arbiters/memory-arbiter.ts";
export {
  serveArbiter,
  type ArbiterServer,
  type ServeArbiterOptions,
} from "./drivers/arbiters/serve-arbiter.ts";
export { openServedArbiter, type ServedArbiterOptions } from "./drivers/arbiters/served-arbiter.ts";
