export { benchCalls, type CallsBench } from "./bench/bench-calls.ts";
export { benchMemory, type MemoryBench } from "./bench/bench-memory.ts";
export { benchRegister, type RegisterBench } from "./bench/bench-register.ts";
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
