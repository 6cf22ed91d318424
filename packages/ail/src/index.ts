export {
  parseBcProperties,
  type BcProperties,
  type LocalConfiguration,
} from "./configuration/local-configuration.ts";
export type { TimelineEntry, Warning } from "./continuity/events.ts";
export { permitCommand, type Permit } from "./continuity/permit.ts";
export type { AgentState, Continuity } from "./continuity/state.ts";
export {
  runContinuity,
  type ContinuityListener,
  type ContinuityRun,
  type ContinuityRunOptions,
} from "./host/run-continuity.ts";
