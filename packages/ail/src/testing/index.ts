export {
  describeEffect,
  runConformance,
  startMs,
  type ConformanceCase,
  type ConformanceFinding,
  type ConformanceSettings,
  type ConformanceStep,
  type ContinuityUnderTest,
} from "./conformance/conformance-case.ts";
export { conformanceTable } from "./conformance/conformance-table.ts";
export { ourMachine } from "./conformance/our-machine.ts";
export { contractCases, runDesktopContract } from "./contract-cases.ts";
export type { ContractAbilities, ContractServer } from "./contract-server.ts";
export type { ContractBench, ContractCase, ContractOptions } from "./desktop-contract.ts";
export { startFakeContractServer } from "./fake-contract-server.ts";
export {
  startFakeDeployment,
  type FakeDeployment,
  type FakeDeploymentOptions,
  type FakeSite,
} from "./fake-deployment.ts";
