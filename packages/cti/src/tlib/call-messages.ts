import * as z from "zod/mini";
import {
  connIDField,
  nameField,
  referenceIDField,
  schemaFor,
  userDataField,
  type Schema,
  type UserData,
} from "../schema.ts";
import { dtmfDigitsField } from "./values.ts";

/**
 * Calls: what a desktop may ask for. A request on a call is answered by the event it causes, with
 * its referenceID. Transfers stand in `transfer-messages.ts`.
 */
export interface RequestMakeCall {
  readonly request: "RequestMakeCall";
  readonly referenceID: number;
  readonly thisDN: string;
  readonly otherDN: string;
  readonly userData?: UserData;
  readonly extensions?: UserData;
}

export interface RequestOnCall<Name extends string> {
  readonly request: Name;
  readonly referenceID: number;
  readonly thisDN: string;
  readonly connID: string;
}

export interface RequestAnswerCall extends RequestOnCall<"RequestAnswerCall"> {}
/** This party leaves the call. */
export interface RequestReleaseCall extends RequestOnCall<"RequestReleaseCall"> {}
/** All parties leave the call. */
export interface RequestClearCall extends RequestOnCall<"RequestClearCall"> {}
export interface RequestHoldCall extends RequestOnCall<"RequestHoldCall"> {}
export interface RequestRetrieveCall extends RequestOnCall<"RequestRetrieveCall"> {}
export interface RequestSetMuteOn extends RequestOnCall<"RequestSetMuteOn"> {}
export interface RequestSetMuteOff extends RequestOnCall<"RequestSetMuteOff"> {}

/** Digits to the other party, in order. */
export interface RequestSendDTMF extends RequestOnCall<"RequestSendDTMF"> {
  readonly dtmfDigits: string;
}

/** Adds pairs to the call's data; a key that is there gets the new value. */
export interface RequestAttachUserData extends RequestOnCall<"RequestAttachUserData"> {
  readonly userData: UserData;
}

/** Replaces the call's data as a whole. */
export interface RequestUpdateUserData extends RequestOnCall<"RequestUpdateUserData"> {
  readonly userData: UserData;
}

/** Removes one pair of the call's data. */
export interface RequestDeletePair extends RequestOnCall<"RequestDeletePair"> {
  readonly key: string;
}

const asked = { referenceID: referenceIDField, thisDN: nameField };
const askedOnCall = { ...asked, connID: connIDField };

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
export const requestClearCallSchema: Schema<RequestClearCall> = schemaFor<RequestClearCall>()(
  z.object({ request: z.literal("RequestClearCall"), ...askedOnCall }),
);
export const requestHoldCallSchema: Schema<RequestHoldCall> = schemaFor<RequestHoldCall>()(
  z.object({ request: z.literal("RequestHoldCall"), ...askedOnCall }),
);
export const requestRetrieveCallSchema: Schema<RequestRetrieveCall> =
  schemaFor<RequestRetrieveCall>()(
    z.object({ request: z.literal("RequestRetrieveCall"), ...askedOnCall }),
  );
export const requestSetMuteOnSchema: Schema<RequestSetMuteOn> = schemaFor<RequestSetMuteOn>()(
  z.object({ request: z.literal("RequestSetMuteOn"), ...askedOnCall }),
);
export const requestSetMuteOffSchema: Schema<RequestSetMuteOff> = schemaFor<RequestSetMuteOff>()(
  z.object({ request: z.literal("RequestSetMuteOff"), ...askedOnCall }),
);
export const requestSendDTMFSchema: Schema<RequestSendDTMF> = schemaFor<RequestSendDTMF>()(
  z.object({ request: z.literal("RequestSendDTMF"), ...askedOnCall, dtmfDigits: dtmfDigitsField }),
);
export const requestAttachUserDataSchema: Schema<RequestAttachUserData> =
  schemaFor<RequestAttachUserData>()(
    z.object({
      request: z.literal("RequestAttachUserData"),
      ...askedOnCall,
      userData: userDataField,
    }),
  );
export const requestUpdateUserDataSchema: Schema<RequestUpdateUserData> =
  schemaFor<RequestUpdateUserData>()(
    z.object({
      request: z.literal("RequestUpdateUserData"),
      ...askedOnCall,
      userData: userDataField,
    }),
  );
export const requestDeletePairSchema: Schema<RequestDeletePair> = schemaFor<RequestDeletePair>()(
  z.object({ request: z.literal("RequestDeletePair"), ...askedOnCall, key: nameField }),
);
