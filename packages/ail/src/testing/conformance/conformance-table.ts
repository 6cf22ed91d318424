import type { ConformanceCase } from "./conformance-case.ts";
import { leaveCases } from "./leave-cases.ts";
import { noSiteCases } from "./no-site-cases.ts";
import { restoreCases } from "./restore-cases.ts";
import { startCases } from "./start-cases.ts";
import { watchCases } from "./watch-cases.ts";

/** Every case, in the order of the rules. */
export const conformanceTable: readonly ConformanceCase[] = [
  ...startCases,
  ...watchCases,
  ...leaveCases,
  ...restoreCases,
  ...noSiteCases,
];
