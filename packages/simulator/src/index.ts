export { mutants, type MutantName } from "./mutants.ts";
export { simulate, type SimulationChoice, type SimulationReport } from "./simulate.ts";
