export { findMutants, type MutantFinding } from "./find-mutants.ts";
export { mutants, type MutantName } from "./mutants.ts";
export { simulate, type SimulationChoice, type SimulationReport } from "./simulate.ts";
export { shrink, type Shrunk } from "./shrink.ts";
