export {
  optionDefaults,
  profiles,
  readDesktopOptions,
  type DesktopOptions,
  type Profile,
  type RestorePolicy,
} from "./configuration/desktop-options.ts";
export {
  parseBcProperties,
  type BcProperties,
  type BcPropertiesFailure,
  type LocalConfiguration,
  type LocalSite,
} from "./configuration/local-configuration.ts";
export {
  planSites,
  type PlanOptions,
  type Site,
  type SitePlan,
} from "./configuration/plan-sites.ts";
export type {
  ContinuityContext,
  ContinuityEffect,
  ContinuityEvent,
  ContinuityStep,
  RestoreOrder,
  SiteEvent,
  TimelineEntry,
  TimelinePlace,
  TimerKey,
  Warning,
  WarningCode,
} from "./continuity/events.ts";
export {
  desktopErrorCodes,
  permitCommand,
  type CommandKind,
  type DesktopErrorCode,
  type Permit,
} from "./continuity/permit.ts";
export {
  createContinuity,
  type AgentMemory,
  type AgentState,
  type Cause,
  type CauseCode,
  type Continuity,
  type Login,
  type Phase,
  type ServiceStatus as ServiceStatusName,
  type Telephony,
  type TelephonyNode,
} from "./continuity/state.ts";
export { stepContinuity } from "./continuity/step-continuity.ts";
export type {
  Desktop,
  DesktopCommands,
  DesktopEvents,
  Outcome,
  StateOptions,
} from "./desktop/desktop.ts";
export { snapshotOf, type DesktopSnapshot } from "./desktop/snapshot.ts";
export type { AilFactory, Person, Place } from "./facade/ail-factory.ts";
export type { Dn, DnEvent, DnListener, DnStatus } from "./facade/dn.ts";
export type {
  ServiceListener,
  ServiceState,
  ServiceStatus,
  ServiceType,
} from "./facade/service-status.ts";
export { AilLoader } from "./host/ail-loader.ts";
export { connectDesktop, timelineMax, type ConnectOptions } from "./host/connect-desktop.ts";
