export { benchCalls, type CallsBench } from "./bench/bench-calls.ts";
export { benchEvents, type EventsBench } from "./bench/bench-events.ts";
export { benchMemory, type MemoryBench } from "./bench/bench-memory.ts";
export { benchRegister, type RegisterBench } from "./bench/bench-register.ts";
export { benchReplication, type ReplicationBench } from "./bench/bench-replication.ts";
export { benchTransfer, type TransferBench } from "./bench/bench-transfer.ts";
export { benchSoak, type SoakBench } from "./bench/bench-soak.ts";
export { fuzzFor } from "./conformance/fuzz/fuzz-for.ts";
export type { FuzzReport } from "./conformance/fuzz/run-fuzz.ts";
export type { ConformanceReport, ConformanceRun } from "./conformance/report.ts";
export { runSuite } from "./conformance/run-suite.ts";
export { callerToneHertz, createAgentPhone, createCaller } from "./lab-phones.ts";
export {
  LabTaken,
  readLab,
  takeLab,
  type LabFolder,
  type LabRecord,
} from "./lab-folder.ts";
export { startLab, type Lab, type LabOptions } from "./start-lab.ts";
export {
  agentsMax,
  labTopology,
  labsMax,
  otherSite,
  siteOf,
  type AgentTopology,
  type Profile,
  type SiteNumber,
  type SiteTopology,
  type Topology,
} from "./topology.ts";
export type { DesktopFacts, DesktopNews, LabDesktop } from "./desktops.ts";
export { haDrill, type HaOptions } from "./drill/ha-drill.ts";
export { haReport, haText, type HaReport } from "./drill/ha-report.ts";
export { siteLossRound, type SiteLossOptions } from "./drill/site-loss.ts";
export { siteLossReport, siteLossText } from "./drill/site-loss-report.ts";
export { inOwnWorld, isInOwnWorld, worldMissing } from "./netns/own-world.ts";
export { runLab, type RunLabOptions } from "./run-lab.ts";
export { openDesktops } from "./sdk-desktop.ts";
