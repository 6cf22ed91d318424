export type {
  EndCause,
  Media,
  PhoneCommand,
  PhoneEffect,
  PhoneInput,
  PhoneReport,
} from "./machine/phone-event.ts";
export { nextPhoneDeadline, stepPhone, type PhoneStep } from "./machine/phone.ts";
export {
  createPhoneState,
  type Call,
  type CallPhase,
  type PhoneState,
} from "./machine/phone-state.ts";
export {
  phoneDefaults,
  type Account,
  type Address,
  type AnswerMode,
  type PhoneSettings,
  type Transport,
} from "./machine/settings.ts";
export type { PhoneContext } from "./machine/turn.ts";
export {
  createPhone,
  type AccountOptions,
  type CallOptions,
  type Phone,
  type PhoneOptions,
} from "./node/phone-host.ts";
export type { RtpStatistics } from "./node/rtp-session.ts";
