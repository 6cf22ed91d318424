import * as z from "zod/mini";
import {
  countField,
  nameField,
  referenceIDField,
  schemaFor,
  timeField,
  type Schema,
} from "../schema.ts";
import type { Numbered } from "./numbered.ts";
import { addressInfoSchema, type AddressInfo } from "./values.ts";

/**
 * Which DNs a session sees, what they are now, and whether their phones can be reached. The answers
 * EventRegistered, EventUnregistered and EventAddressInfo go to the asking session only and are not
 * numbered; `lastSequence` says up to which event the snapshot is.
 */
interface AddressRequest<Name extends string> {
  readonly request: Name;
  readonly referenceID: number;
  readonly thisDN: string;
}

export interface RequestRegisterAddress extends AddressRequest<"RequestRegisterAddress"> {}
export interface RequestUnregisterAddress extends AddressRequest<"RequestUnregisterAddress"> {}
export interface RequestQueryAddress extends AddressRequest<"RequestQueryAddress"> {}

interface AddressSnapshot<Name extends string> {
  readonly event: Name;
  readonly referenceID?: number;
  readonly thisDN: string;
  readonly address: AddressInfo;
  readonly lastSequence: number;
}

export interface EventRegistered extends AddressSnapshot<"EventRegistered"> {}
export interface EventAddressInfo extends AddressSnapshot<"EventAddressInfo"> {}

export interface EventUnregistered {
  readonly event: "EventUnregistered";
  readonly referenceID?: number;
  readonly thisDN: string;
}

interface ServiceEvent<Name extends string> extends Numbered {
  readonly event: Name;
  readonly thisDN: string;
}

/** No phone of this DN is registered, or none answers. */
export interface EventDNOutOfService extends ServiceEvent<"EventDNOutOfService"> {}
export interface EventDNBackInService extends ServiceEvent<"EventDNBackInService"> {}

const asked = { referenceID: referenceIDField, thisDN: nameField };
const snapshot = {
  referenceID: z.exactOptional(referenceIDField),
  thisDN: nameField,
  address: addressInfoSchema,
  lastSequence: countField,
};
const service = {
  thisDN: nameField,
  time: timeField,
  serverStartTime: timeField,
  eventSequenceNumber: countField,
  referenceID: z.exactOptional(referenceIDField),
};

export const requestRegisterAddressSchema: Schema<RequestRegisterAddress> =
  schemaFor<RequestRegisterAddress>()(
    z.object({ request: z.literal("RequestRegisterAddress"), ...asked }),
  );
export const requestUnregisterAddressSchema: Schema<RequestUnregisterAddress> =
  schemaFor<RequestUnregisterAddress>()(
    z.object({ request: z.literal("RequestUnregisterAddress"), ...asked }),
  );
export const requestQueryAddressSchema: Schema<RequestQueryAddress> =
  schemaFor<RequestQueryAddress>()(
    z.object({ request: z.literal("RequestQueryAddress"), ...asked }),
  );

export const eventRegisteredSchema: Schema<EventRegistered> = schemaFor<EventRegistered>()(
  z.object({ event: z.literal("EventRegistered"), ...snapshot }),
);
export const eventAddressInfoSchema: Schema<EventAddressInfo> = schemaFor<EventAddressInfo>()(
  z.object({ event: z.literal("EventAddressInfo"), ...snapshot }),
);
export const eventUnregisteredSchema: Schema<EventUnregistered> = schemaFor<EventUnregistered>()(
  z.object({
    event: z.literal("EventUnregistered"),
    referenceID: z.exactOptional(referenceIDField),
    thisDN: nameField,
  }),
);
export const eventDNOutOfServiceSchema: Schema<EventDNOutOfService> =
  schemaFor<EventDNOutOfService>()(
    z.object({ event: z.literal("EventDNOutOfService"), ...service }),
  );
export const eventDNBackInServiceSchema: Schema<EventDNBackInService> =
  schemaFor<EventDNBackInService>()(
    z.object({ event: z.literal("EventDNBackInService"), ...service }),
  );
