export {
  startReplica,
  type ReplicaHost,
  type ReplicaHostOptions,
} from "./drivers/replica-host.ts";
export {
  acknowledge,
  advanceMaxMs,
  createReplica,
  heldFramesMax,
  stepGathered,
  type Framed,
  type Gathered,
  type HeldFrame,
  type Replica,
} from "./replica.ts";
export { soleView, standbysOf, type Incarnation, type View } from "./view.ts";
