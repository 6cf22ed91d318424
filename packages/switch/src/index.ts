export type {
  AgentLoginConfig,
  DialRule,
  DnConfig,
  DrForward,
  PeerConfig,
  SwitchConfig,
  SwitchOptions,
  TrunkConfig,
} from "./config.ts";
export type { AlarmCode, Effect, NoticeTopic } from "./effect.ts";
export type {
  Authenticated,
  Flow,
  FlowTarget,
  Identity,
  Input,
  Located,
  Resume,
  Transport,
} from "./input.ts";
export { createSwitch, type SwitchState } from "./state.ts";
export { stepFrame, switchMachine } from "./step.ts";
