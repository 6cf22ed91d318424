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
import type { RequestOnCall } from "./call-messages.ts";

/**
 * Requests of one party about two calls, and those that give a call to somebody else. `connID` is
 * the call that is given away, `heldConnID` the one that waits meanwhile.
 *
 *   two-step     InitiateTransfer (holds connID, calls otherDN: a call of type Consult)
 *                → CompleteTransfer { connID: the main call, transferConnID: the consultation }
 *   mute         MuteTransfer: both steps at once, as soon as otherDN rings
 *   single-step  SingleStepTransfer: without a consultation call
 */
interface CallToOther<Name extends string> extends RequestOnCall<Name> {
  readonly otherDN: string;
  /** For the consultation call; with a single step: added to the call's data. */
  readonly userData?: UserData;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

export interface RequestInitiateTransfer extends CallToOther<"RequestInitiateTransfer"> {}
export interface RequestMuteTransfer extends CallToOther<"RequestMuteTransfer"> {}
export interface RequestSingleStepTransfer extends CallToOther<"RequestSingleStepTransfer"> {}

export interface RequestCompleteTransfer extends RequestOnCall<"RequestCompleteTransfer"> {
  /** The consultation call, whose other party gets the call `connID`. */
  readonly transferConnID: string;
}

/** A call that rings here shall ring at otherDN instead. */
export interface RequestRedirectCall extends RequestOnCall<"RequestRedirectCall"> {
  readonly otherDN: string;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

/** Holds the active call `connID` and retrieves the other. */
export interface RequestAlternateCall extends RequestOnCall<"RequestAlternateCall"> {
  readonly heldConnID: string;
}

/** Releases the consultation call `connID` and retrieves the other. */
export interface RequestReconnectCall extends RequestOnCall<"RequestReconnectCall"> {
  readonly heldConnID: string;
}

const askedOnCall = { referenceID: referenceIDField, thisDN: nameField, connID: connIDField };
const explained = {
  reasons: z.exactOptional(userDataField),
  extensions: z.exactOptional(userDataField),
};
const toOther = {
  ...askedOnCall,
  otherDN: nameField,
  userData: z.exactOptional(userDataField),
  ...explained,
};

export const requestInitiateTransferSchema: Schema<RequestInitiateTransfer> =
  schemaFor<RequestInitiateTransfer>()(
    z.object({ request: z.literal("RequestInitiateTransfer"), ...toOther }),
  );
export const requestMuteTransferSchema: Schema<RequestMuteTransfer> =
  schemaFor<RequestMuteTransfer>()(
    z.object({ request: z.literal("RequestMuteTransfer"), ...toOther }),
  );
export const requestSingleStepTransferSchema: Schema<RequestSingleStepTransfer> =
  schemaFor<RequestSingleStepTransfer>()(
    z.object({ request: z.literal("RequestSingleStepTransfer"), ...toOther }),
  );
export const requestCompleteTransferSchema: Schema<RequestCompleteTransfer> =
  schemaFor<RequestCompleteTransfer>()(
    z.object({
      request: z.literal("RequestCompleteTransfer"),
      ...askedOnCall,
      transferConnID: connIDField,
    }),
  );
export const requestRedirectCallSchema: Schema<RequestRedirectCall> =
  schemaFor<RequestRedirectCall>()(
    z.object({
      request: z.literal("RequestRedirectCall"),
      ...askedOnCall,
      otherDN: nameField,
      ...explained,
    }),
  );
export const requestAlternateCallSchema: Schema<RequestAlternateCall> =
  schemaFor<RequestAlternateCall>()(
    z.object({
      request: z.literal("RequestAlternateCall"),
      ...askedOnCall,
      heldConnID: connIDField,
    }),
  );
export const requestReconnectCallSchema: Schema<RequestReconnectCall> =
  schemaFor<RequestReconnectCall>()(
    z.object({
      request: z.literal("RequestReconnectCall"),
      ...askedOnCall,
      heldConnID: connIDField,
    }),
  );
