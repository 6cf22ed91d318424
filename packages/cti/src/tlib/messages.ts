import type { Schema } from "../schema.ts";
import * as address from "./address-messages.ts";
import * as agent from "./agent-messages.ts";
import * as call from "./call-messages.ts";
import * as session from "./session-messages.ts";

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
  | TlibCallEvent;

export type TlibCallEvent =
  | call.EventDialing
  | call.EventNetworkReached
  | call.EventRinging
  | call.EventEstablished
  | call.EventHeld
  | call.EventRetrieved
  | call.EventReleased
  | call.EventAbandoned
  | call.EventDestinationBusy
  | call.EventAttachedDataChanged;

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
  EventDialing: call.eventDialingSchema,
  EventNetworkReached: call.eventNetworkReachedSchema,
  EventRinging: call.eventRingingSchema,
  EventEstablished: call.eventEstablishedSchema,
  EventHeld: call.eventHeldSchema,
  EventRetrieved: call.eventRetrievedSchema,
  EventReleased: call.eventReleasedSchema,
  EventAbandoned: call.eventAbandonedSchema,
  EventDestinationBusy: call.eventDestinationBusySchema,
  EventAttachedDataChanged: call.eventAttachedDataChangedSchema,
};
