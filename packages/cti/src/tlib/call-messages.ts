import * as z from "zod/mini";
import {
  callUUIDField,
  connIDField,
  countField,
  nameField,
  referenceIDField,
  schemaFor,
  textField,
  timeField,
  userDataField,
  type Schema,
  type UserData,
} from "../schema.ts";
import type { Numbered } from "./numbered.ts";
import {
  callStateField,
  callTypeField,
  dnRoleField,
  type CallState,
  type CallType,
  type DnRole,
} from "./values.ts";

/**
 * Calls: what a desktop may ask for, and what it is told. A request on a call is answered by the
 * event it causes, with its referenceID. All call events have one shape.
 */
export interface RequestMakeCall {
  readonly request: "RequestMakeCall";
  readonly referenceID: number;
  readonly thisDN: string;
  readonly otherDN: string;
  readonly userData?: UserData;
  readonly extensions?: UserData;
}

interface RequestOnCall<Name extends string> {
  readonly request: Name;
  readonly referenceID: number;
  readonly thisDN: string;
  readonly connID: string;
}

export interface RequestAnswerCall extends RequestOnCall<"RequestAnswerCall"> {}
export interface RequestReleaseCall extends RequestOnCall<"RequestReleaseCall"> {}
export interface RequestHoldCall extends RequestOnCall<"RequestHoldCall"> {}
export interface RequestRetrieveCall extends RequestOnCall<"RequestRetrieveCall"> {}

/** Adds pairs to the call's data; a key that is there gets the new value. */
export interface RequestAttachUserData extends RequestOnCall<"RequestAttachUserData"> {
  readonly userData: UserData;
}

/** The shape of every call event. */
export interface CallEvent<Name extends string> extends Numbered {
  readonly event: Name;
  readonly thisDN: string;
  readonly thisDNRole: DnRole;
  readonly otherDN?: string;
  readonly otherDNRole?: DnRole;
  /** 16 hexadecimal digits. */
  readonly connID: string;
  readonly callID: number;
  /** 32 hexadecimal digits. */
  readonly callUUID: string;
  readonly callType: CallType;
  readonly callState: CallState;
  readonly ani?: string;
  readonly dnis?: string;
  readonly userData: UserData;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

export interface EventDialing extends CallEvent<"EventDialing"> {}
export interface EventNetworkReached extends CallEvent<"EventNetworkReached"> {}
export interface EventRinging extends CallEvent<"EventRinging"> {}
export interface EventEstablished extends CallEvent<"EventEstablished"> {}
export interface EventHeld extends CallEvent<"EventHeld"> {}
export interface EventRetrieved extends CallEvent<"EventRetrieved"> {}
export interface EventReleased extends CallEvent<"EventReleased"> {}
export interface EventAbandoned extends CallEvent<"EventAbandoned"> {}
export interface EventDestinationBusy extends CallEvent<"EventDestinationBusy"> {}
export interface EventAttachedDataChanged extends CallEvent<"EventAttachedDataChanged"> {}

const asked = { referenceID: referenceIDField, thisDN: nameField };
const askedOnCall = { ...asked, connID: connIDField };
const callFields = {
  thisDN: nameField,
  thisDNRole: dnRoleField,
  otherDN: z.exactOptional(textField),
  otherDNRole: z.exactOptional(dnRoleField),
  connID: connIDField,
  callID: countField,
  callUUID: callUUIDField,
  callType: callTypeField,
  callState: callStateField,
  ani: z.exactOptional(textField),
  dnis: z.exactOptional(textField),
  userData: userDataField,
  reasons: z.exactOptional(userDataField),
  extensions: z.exactOptional(userDataField),
  time: timeField,
  serverStartTime: timeField,
  eventSequenceNumber: countField,
  referenceID: z.exactOptional(referenceIDField),
};

export const requestMakeCallSchema: Schema<RequestMakeCall> = schemaFor<RequestMakeCall>()(
  z.object({
    request: z.literal("RequestMakeCall"),
    ...asked,
    otherDN: nameField,
    userData: z.exactOptional(userDataField),
    extensions: z.exactOptional(userDataField),
  }),
);
export const requestAnswerCallSchema: Schema<RequestAnswerCall> = schemaFor<RequestAnswerCall>()(
  z.object({ request: z.literal("RequestAnswerCall"), ...askedOnCall }),
);
export const requestReleaseCallSchema: Schema<RequestReleaseCall> = schemaFor<RequestReleaseCall>()(
  z.object({ request: z.literal("RequestReleaseCall"), ...askedOnCall }),
);
export const requestHoldCallSchema: Schema<RequestHoldCall> = schemaFor<RequestHoldCall>()(
  z.object({ request: z.literal("RequestHoldCall"), ...askedOnCall }),
);
export const requestRetrieveCallSchema: Schema<RequestRetrieveCall> =
  schemaFor<RequestRetrieveCall>()(
    z.object({ request: z.literal("RequestRetrieveCall"), ...askedOnCall }),
  );
export const requestAttachUserDataSchema: Schema<RequestAttachUserData> =
  schemaFor<RequestAttachUserData>()(
    z.object({
      request: z.literal("RequestAttachUserData"),
      ...askedOnCall,
      userData: userDataField,
    }),
  );

export const eventDialingSchema: Schema<EventDialing> = schemaFor<EventDialing>()(
  z.object({ event: z.literal("EventDialing"), ...callFields }),
);
export const eventNetworkReachedSchema: Schema<EventNetworkReached> =
  schemaFor<EventNetworkReached>()(
    z.object({ event: z.literal("EventNetworkReached"), ...callFields }),
  );
export const eventRingingSchema: Schema<EventRinging> = schemaFor<EventRinging>()(
  z.object({ event: z.literal("EventRinging"), ...callFields }),
);
export const eventEstablishedSchema: Schema<EventEstablished> = schemaFor<EventEstablished>()(
  z.object({ event: z.literal("EventEstablished"), ...callFields }),
);
export const eventHeldSchema: Schema<EventHeld> = schemaFor<EventHeld>()(
  z.object({ event: z.literal("EventHeld"), ...callFields }),
);
export const eventRetrievedSchema: Schema<EventRetrieved> = schemaFor<EventRetrieved>()(
  z.object({ event: z.literal("EventRetrieved"), ...callFields }),
);
export const eventReleasedSchema: Schema<EventReleased> = schemaFor<EventReleased>()(
  z.object({ event: z.literal("EventReleased"), ...callFields }),
);
export const eventAbandonedSchema: Schema<EventAbandoned> = schemaFor<EventAbandoned>()(
  z.object({ event: z.literal("EventAbandoned"), ...callFields }),
);
export const eventDestinationBusySchema: Schema<EventDestinationBusy> =
  schemaFor<EventDestinationBusy>()(
    z.object({ event: z.literal("EventDestinationBusy"), ...callFields }),
  );
export const eventAttachedDataChangedSchema: Schema<EventAttachedDataChanged> =
  schemaFor<EventAttachedDataChanged>()(
    z.object({ event: z.literal("EventAttachedDataChanged"), ...callFields }),
  );
