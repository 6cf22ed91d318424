/** What tests and the lab may use of this room: a real etcd cluster, and the arbiters' contract. */
export { modelMutants, type ModelMutantName } from "./model-mutants.ts";
export { runModel } from "./model-pair.ts";
export {
  arbiterContract,
  askUntilKnown,
  type ArbiterCase,
  type ArbiterWorld,
} from "./arbiter-contract.ts";
export {
  etcdMissing,
  startEtcdCluster,
  type EtcdCluster,
  type EtcdClusterOptions,
  type EtcdPlace,
  type EtcdMember,
} from "./etcd-cluster.ts";
