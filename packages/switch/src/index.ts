export { sourcesOf } from "./config.ts";
export type {
  AgentLoginConfig,
  AutoAnswer,
  DialRule,
  DnConfig,
  DrForward,
  NumberRule,
  PeerConfig,
  QueueConfig,
  SwitchConfig,
  SwitchOptions,
  TrunkConfig,
  TrunkPlace,
} from "./config.ts";
export type { AlarmCode, Effect, NoticeTopic } from "./effect.ts";
export {
  readAhead,
  type Authenticated,
  type Flow,
  type FlowTarget,
  type Identity,
  type Input,
  type Located,
  type ReadAhead,
  type Resume,
  type Transport,
} from "./input.ts";
export { createSwitch, stateSchema, type SwitchState } from "./state.ts";
export { stepFrame, switchMachine } from "./step.ts";
