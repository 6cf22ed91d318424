import type { Schema } from "../schema.ts";
import * as address from "./address-messages.ts";
import * as agent from "./agent-messages.ts";
import * as told from "./call-events.ts";
import * as call from "./call-messages.ts";
import * as dn from "./dn-messages.ts";
import * as session from "./session-messages.ts";
import * as transfer from "./transfer-messages.ts";

/**
 * All T-Library messages: the two unions, and one table each from a message's name to its schema. A
 * message without a row, or a row of another message, does not compile.
 */
export type TlibRegisterClient = session.RequestRegisterClient;

/** Every request but RegisterClient, which belongs to the connection. */
export type TlibRequest =
  | address.RequestRegisterAddress
  | address.RequestUnregisterAddress
  | address.RequestQueryAddress
  | agent.RequestAgentLogin
  | agent.RequestAgentLogout
  | agent.RequestAgentSetReady
  | agent.RequestAgentSetNotReady
  | call.RequestMakeCall
  | call.RequestAnswerCall
  | call.RequestReleaseCall
  | call.RequestHoldCall
  | call.RequestRetrieveCall
  | call.RequestAttachUserData
  | agent.RequestAgentForceLogout
  | call.RequestSetMuteOn
  | call.RequestSetMuteOff
  | call.RequestSendDTMF
  | call.RequestClearCall
  | call.RequestUpdateUserData
  | call.RequestDeletePair
  | transfer.RequestInitiateTransfer
  | transfer.RequestMuteTransfer
  | transfer.RequestSingleStepTransfer
  | transfer.RequestCompleteTransfer
  | transfer.RequestRedirectCall
  | transfer.RequestAlternateCall
  | transfer.RequestReconnectCall
  | dn.RequestCallForwardSet
  | dn.RequestCallForwardCancel
  | dn.RequestSetDNDOn
  | dn.RequestSetDNDOff
  | dn.RequestMonitorNextCall
  | dn.RequestCancelMonitoring
  | session.RequestQueryServer;

export type TlibEvent =
  | session.EventLinkConnected
  | session.EventLinkDisconnected
  | session.EventServerInfo
  | session.EventError
  | address.EventRegistered
  | address.EventUnregistered
  | address.EventAddressInfo
  | address.EventDNOutOfService
  | address.EventDNBackInService
  | agent.EventAgentLogin
  | agent.EventAgentLogout
  | agent.EventAgentReady
  | agent.EventAgentNotReady
  | agent.EventAgentAfterCallWork
  | dn.EventForwardSet
  | dn.EventForwardCancel
  | dn.EventDNDOn
  | dn.EventDNDOff
  | dn.EventMonitoringNextCall
  | dn.EventMonitoringCancelled
  | TlibCallEvent;

export type TlibCallEvent =
  | told.EventDialing
  | told.EventNetworkReached
  | told.EventRinging
  | told.EventQueued
  | told.EventDiverted
  | told.EventEstablished
  | told.EventHeld
  | told.EventRetrieved
  | told.EventReleased
  | told.EventAbandoned
  | told.EventDestinationBusy
  | told.EventPartyChanged
  | told.EventDTMFSent
  | told.EventMuteOn
  | told.EventMuteOff
  | told.EventAttachedDataChanged;

/** A request that has not got its number yet. */
export type Unreferenced = TlibRequest extends infer Request
  ? Request extends TlibRequest
    ? Omit<Request, "referenceID">
    : never
  : never;

type AnyRequest = TlibRegisterClient | TlibRequest;

export const tlibRequestSchemas: {
  readonly [Name in AnyRequest["request"]]: Schema<Extract<AnyRequest, { request: Name }>>;
} = {
  RequestRegisterClient: session.requestRegisterClientSchema,
  RequestRegisterAddress: address.requestRegisterAddressSchema,
  RequestUnregisterAddress: address.requestUnregisterAddressSchema,
  RequestQueryAddress: address.requestQueryAddressSchema,
  RequestAgentLogin: agent.requestAgentLoginSchema,
  RequestAgentLogout: agent.requestAgentLogoutSchema,
  RequestAgentSetReady: agent.requestAgentSetReadySchema,
  RequestAgentSetNotReady: agent.requestAgentSetNotReadySchema,
  RequestMakeCall: call.requestMakeCallSchema,
  RequestAnswerCall: call.requestAnswerCallSchema,
  RequestReleaseCall: call.requestReleaseCallSchema,
  RequestHoldCall: call.requestHoldCallSchema,
  RequestRetrieveCall: call.requestRetrieveCallSchema,
  RequestAttachUserData: call.requestAttachUserDataSchema,
  RequestAgentForceLogout: agent.requestAgentForceLogoutSchema,
  RequestSetMuteOn: call.requestSetMuteOnSchema,
  RequestSetMuteOff: call.requestSetMuteOffSchema,
  RequestSendDTMF: call.requestSendDTMFSchema,
  RequestClearCall: call.requestClearCallSchema,
  RequestUpdateUserData: call.requestUpdateUserDataSchema,
  RequestDeletePair: call.requestDeletePairSchema,
  RequestInitiateTransfer: transfer.requestInitiateTransferSchema,
  RequestMuteTransfer: transfer.requestMuteTransferSchema,
  RequestSingleStepTransfer: transfer.requestSingleStepTransferSchema,
  RequestCompleteTransfer: transfer.requestCompleteTransferSchema,
  RequestRedirectCall: transfer.requestRedirectCallSchema,
  RequestAlternateCall: transfer.requestAlternateCallSchema,
  RequestReconnectCall: transfer.requestReconnectCallSchema,
  RequestCallForwardSet: dn.requestCallForwardSetSchema,
  RequestCallForwardCancel: dn.requestCallForwardCancelSchema,
  RequestSetDNDOn: dn.requestSetDNDOnSchema,
  RequestSetDNDOff: dn.requestSetDNDOffSchema,
  RequestMonitorNextCall: dn.requestMonitorNextCallSchema,
  RequestCancelMonitoring: dn.requestCancelMonitoringSchema,
  RequestQueryServer: session.requestQueryServerSchema,
};

export const tlibEventSchemas: {
  readonly [Name in TlibEvent["event"]]: Schema<Extract<TlibEvent, { event: Name }>>;
} = {
  EventLinkConnected: session.eventLinkConnectedSchema,
  EventLinkDisconnected: session.eventLinkDisconnectedSchema,
  EventServerInfo: session.eventServerInfoSchema,
  EventError: session.eventErrorSchema,
  EventRegistered: address.eventRegisteredSchema,
  EventUnregistered: address.eventUnregisteredSchema,
  EventAddressInfo: address.eventAddressInfoSchema,
  EventDNOutOfService: address.eventDNOutOfServiceSchema,
  EventDNBackInService: address.eventDNBackInServiceSchema,
  EventAgentLogin: agent.eventAgentLoginSchema,
  EventAgentLogout: agent.eventAgentLogoutSchema,
  EventAgentReady: agent.eventAgentReadySchema,
  EventAgentNotReady: agent.eventAgentNotReadySchema,
  EventAgentAfterCallWork: agent.eventAgentAfterCallWorkSchema,
  EventForwardSet: dn.eventForwardSetSchema,
  EventForwardCancel: dn.eventForwardCancelSchema,
  EventDNDOn: dn.eventDNDOnSchema,
  EventDNDOff: dn.eventDNDOffSchema,
  EventMonitoringNextCall: dn.eventMonitoringNextCallSchema,
  EventMonitoringCancelled: dn.eventMonitoringCancelledSchema,
  EventDialing: told.eventDialingSchema,
  EventNetworkReached: told.eventNetworkReachedSchema,
  EventRinging: told.eventRingingSchema,
  EventQueued: told.eventQueuedSchema,
  EventDiverted: told.eventDivertedSchema,
  EventEstablished: told.eventEstablishedSchema,
  EventHeld: told.eventHeldSchema,
  EventRetrieved: told.eventRetrievedSchema,
  EventReleased: told.eventReleasedSchema,
  EventAbandoned: told.eventAbandonedSchema,
  EventDestinationBusy: told.eventDestinationBusySchema,
  EventPartyChanged: told.eventPartyChangedSchema,
  EventDTMFSent: told.eventDTMFSentSchema,
  EventMuteOn: told.eventMuteOnSchema,
  EventMuteOff: told.eventMuteOffSchema,
  EventAttachedDataChanged: told.eventAttachedDataChangedSchema,
};
