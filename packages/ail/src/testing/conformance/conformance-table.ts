import type { ConformanceCase } from "./conformance-case.ts";
import { startCases } from "./start-cases.ts";
import { switchCases } from "./switch-cases.ts";
import { watchCases } from "./watch-cases.ts";

/** Every case, in the order of the rules. */
export const conformanceTable: readonly ConformanceCase[] = [
  ...startCases,
  ...watchCases,
  ...switchCases,
];
