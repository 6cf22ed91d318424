export type {
  ApplicationObject,
  ApplicationType,
  DnObject,
  DnType,
  GroupObject,
  Ha1,
  HostObject,
  PublicKey,
  SwitchObject,
} from "./config/deployment-objects.ts";
export {
  configEventSchemas,
  configRequestSchemas,
  type ConfigEvent,
  type ConfigRequest,
  type EventLogin,
  type EventObjectChanged,
  type EventObjects,
  type EventSubscribed,
  type LoginObjects,
  type ObjectChange,
  type ObjectFilter,
  type RequestLogin,
  type RequestReadObjects,
  type RequestSubscribe,
} from "./config/messages.ts";
export {
  configObjectSchemas,
  configObjectTypes,
  objectKeyField,
  objectKeyOf,
  type ConfigObject,
  type ConfigObjectType,
  type TandemObjects,
} from "./config/objects.ts";
export type {
  AgentGroupObject,
  AgentLoginObject,
  PersonObject,
  PersonRole,
  PlaceObject,
  TenantObject,
} from "./config/person-objects.ts";
export type { OptionSection, Sections } from "./config/sections.ts";
export {
  tokenClaimsSchema,
  tokenLifetimeSeconds,
  type TokenClaims,
  type TokenRole,
} from "./config/token-claims.ts";
export {
  decodeConfigEvent,
  decodeConfigRequest,
  decodeTlibEvent,
  decodeTlibRequest,
} from "./decode.ts";
export { errorCodes, errorSentence, isErrorCode, type ErrorCode } from "./error-codes.ts";
export {
  addpTimeoutSecondsMax,
  afterCallWorkMsMax,
  callsOfDnMax,
  dtmfDigitsMax,
  forwardsMax,
  frameBytesMax,
  membersMax,
  nameLengthMax,
  objectsMax,
  referenceIDMax,
  tokenLengthMax,
  userDataBytesMax,
  userDataPairsMax,
  utf8Length,
} from "./limits.ts";
export {
  describeProtocol,
  protocolText,
  type Json,
  type JsonObject,
} from "./protocol/describe-protocol.ts";
export { checkObject, parseObject, type FrameFailure, type FrameObject } from "./parse-frame.ts";
export type { Schema, UserData } from "./schema.ts";
export { addpFrameSchema, type AddpFrame } from "./session/addp-frame.ts";
export {
  addpDeadline,
  clientAddpTimes,
  createAddp,
  serverAddpTimes,
  stepAddp,
  type Addp,
  type AddpEffect,
  type AddpEvent,
  type AddpStep,
  type AddpTimes,
} from "./session/addp.ts";
export { backOffFirstMs, backOffMaxMs, backOffMs } from "./session/back-off.ts";
export {
  createClientSession,
  resumeOf,
  stepClientSession,
  takeReferenceID,
  unansweredMax,
  type ClientSession,
  type ClientSessionEffect,
  type ClientSessionEvent,
  type ClientSessionStep,
  type UnnumberedRequest,
} from "./session/client-session.ts";
export type {
  EventAddressInfo,
  EventDNBackInService,
  EventDNOutOfService,
  EventRegistered,
  EventUnregistered,
  RequestQueryAddress,
  RequestRegisterAddress,
  RequestUnregisterAddress,
} from "./tlib/address-messages.ts";
export type {
  EventAgentAfterCallWork,
  EventAgentLogin,
  EventAgentLogout,
  EventAgentNotReady,
  EventAgentReady,
  LogoutReasonCode,
  RequestAgentForceLogout,
  RequestAgentLogin,
  RequestAgentLogout,
  RequestAgentSetNotReady,
  RequestAgentSetReady,
  RestoredState,
  WinningLogin,
} from "./tlib/agent-messages.ts";
export type {
  CallEvent,
  EventAbandoned,
  EventAttachedDataChanged,
  EventDTMFSent,
  EventDestinationBusy,
  EventDialing,
  EventDiverted,
  EventEstablished,
  EventHeld,
  EventMuteOff,
  EventMuteOn,
  EventNetworkReached,
  EventPartyChanged,
  EventQueued,
  EventReleased,
  EventRetrieved,
  EventRinging,
} from "./tlib/call-events.ts";
export type {
  RequestAnswerCall,
  RequestAttachUserData,
  RequestClearCall,
  RequestDeletePair,
  RequestHoldCall,
  RequestMakeCall,
  RequestReleaseCall,
  RequestRetrieveCall,
  RequestSendDTMF,
  RequestSetMuteOff,
  RequestSetMuteOn,
  RequestUpdateUserData,
} from "./tlib/call-messages.ts";
export type {
  EventDNDOff,
  EventDNDOn,
  EventForwardCancel,
  EventForwardSet,
  EventMonitoringCancelled,
  EventMonitoringNextCall,
  MonitorNextCallType,
  RequestCallForwardCancel,
  RequestCallForwardSet,
  RequestCancelMonitoring,
  RequestMonitorNextCall,
  RequestSetDNDOff,
  RequestSetDNDOn,
} from "./tlib/dn-messages.ts";
export {
  tlibEventSchemas,
  tlibRequestSchemas,
  type TlibCallEvent,
  type TlibEvent,
  type TlibRegisterClient,
  type TlibRequest,
  type Unreferenced,
} from "./tlib/messages.ts";
export type { Numbered } from "./tlib/numbered.ts";
export type {
  EventError,
  EventLinkConnected,
  EventLinkDisconnected,
  EventServerInfo,
  RequestQueryServer,
  RequestRegisterClient,
} from "./tlib/session-messages.ts";
export type {
  RequestAlternateCall,
  RequestCompleteTransfer,
  RequestInitiateTransfer,
  RequestMuteTransfer,
  RequestReconnectCall,
  RequestRedirectCall,
  RequestSingleStepTransfer,
} from "./tlib/transfer-messages.ts";
export type {
  AddressInfo,
  AgentInfo,
  AgentStateName,
  CallInfo,
  CallState,
  CallType,
  DnRole,
  ForwardInfo,
  ForwardMode,
  Lease,
  PartyState,
  ResumePosition,
  ServerRole,
  WorkMode,
} from "./tlib/values.ts";
