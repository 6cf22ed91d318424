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
import { forwardModeField, type ForwardMode } from "./values.ts";

/**
 * What a DN does with calls that come: forwards them, or refuses them (do not disturb). Both belong
 * to the DN, not to the agent on it, and outlive the login; `AddressInfo` shows them. And who
 * observes the calls of another DN.
 */
interface RequestOnDn<Name extends string> {
  readonly request: Name;
  readonly referenceID: number;
  readonly thisDN: string;
}

/** One target for each mode; a new one takes the place of the old one. */
export interface RequestCallForwardSet extends RequestOnDn<"RequestCallForwardSet"> {
  readonly otherDN: string;
  readonly forwardMode: ForwardMode;
}

/** Without a mode: all of them. */
export interface RequestCallForwardCancel extends RequestOnDn<"RequestCallForwardCancel"> {
  readonly forwardMode?: ForwardMode;
}

export interface RequestSetDNDOn extends RequestOnDn<"RequestSetDNDOn"> {}
export interface RequestSetDNDOff extends RequestOnDn<"RequestSetDNDOff"> {}

/** One call, or every call until CancelMonitoring. */
export type MonitorNextCallType = "MonitorOneCall" | "MonitorAllCalls";

/**
 * By a supervisor or administrator: sessions that registered thisDN get the events of otherDN's
 * next call, with thisDN their own, thisDNRole `Observer` and otherDN the observed DN. No media
 * goes to the observer.
 */
export interface RequestMonitorNextCall extends RequestOnDn<"RequestMonitorNextCall"> {
  readonly otherDN: string;
  readonly monitorNextCallType: MonitorNextCallType;
}

export interface RequestCancelMonitoring extends RequestOnDn<"RequestCancelMonitoring"> {
  readonly otherDN: string;
}

interface DnEvent<Name extends string> extends Numbered {
  readonly event: Name;
  readonly thisDN: string;
}

export interface EventForwardSet extends DnEvent<"EventForwardSet"> {
  readonly otherDN: string;
  readonly forwardMode: ForwardMode;
}

export interface EventForwardCancel extends DnEvent<"EventForwardCancel"> {
  readonly forwardMode?: ForwardMode;
}

export interface EventDNDOn extends DnEvent<"EventDNDOn"> {}
export interface EventDNDOff extends DnEvent<"EventDNDOff"> {}

export interface EventMonitoringNextCall extends DnEvent<"EventMonitoringNextCall"> {
  readonly otherDN: string;
  readonly monitorNextCallType: MonitorNextCallType;
}

/** Asked for, or the one call is over. */
export interface EventMonitoringCancelled extends DnEvent<"EventMonitoringCancelled"> {
  readonly otherDN: string;
}

const asked = { referenceID: referenceIDField, thisDN: nameField };
const numbered = {
  thisDN: nameField,
  time: timeField,
  serverStartTime: timeField,
  eventSequenceNumber: countField,
  referenceID: z.exactOptional(referenceIDField),
};
const optionalMode = z.exactOptional(forwardModeField);
const monitorNextCallTypeField: Schema<MonitorNextCallType> = z.enum([
  "MonitorOneCall",
  "MonitorAllCalls",
]);
const monitored = { otherDN: nameField, monitorNextCallType: monitorNextCallTypeField };

export const requestCallForwardSetSchema: Schema<RequestCallForwardSet> =
  schemaFor<RequestCallForwardSet>()(
    z.object({
      request: z.literal("RequestCallForwardSet"),
      ...asked,
      otherDN: nameField,
      forwardMode: forwardModeField,
    }),
  );
export const requestCallForwardCancelSchema: Schema<RequestCallForwardCancel> =
  schemaFor<RequestCallForwardCancel>()(
    z.object({
      request: z.literal("RequestCallForwardCancel"),
      ...asked,
      forwardMode: optionalMode,
    }),
  );
export const requestSetDNDOnSchema: Schema<RequestSetDNDOn> = schemaFor<RequestSetDNDOn>()(
  z.object({ request: z.literal("RequestSetDNDOn"), ...asked }),
);
export const requestSetDNDOffSchema: Schema<RequestSetDNDOff> = schemaFor<RequestSetDNDOff>()(
  z.object({ request: z.literal("RequestSetDNDOff"), ...asked }),
);
export const requestMonitorNextCallSchema: Schema<RequestMonitorNextCall> =
  schemaFor<RequestMonitorNextCall>()(
    z.object({ request: z.literal("RequestMonitorNextCall"), ...asked, ...monitored }),
  );
export const requestCancelMonitoringSchema: Schema<RequestCancelMonitoring> =
  schemaFor<RequestCancelMonitoring>()(
    z.object({ request: z.literal("RequestCancelMonitoring"), ...asked, otherDN: nameField }),
  );
export const eventForwardSetSchema: Schema<EventForwardSet> = schemaFor<EventForwardSet>()(
  z.object({
    event: z.literal("EventForwardSet"),
    ...numbered,
    otherDN: nameField,
    forwardMode: forwardModeField,
  }),
);
export const eventForwardCancelSchema: Schema<EventForwardCancel> = schemaFor<EventForwardCancel>()(
  z.object({ event: z.literal("EventForwardCancel"), ...numbered, forwardMode: optionalMode }),
);
export const eventDNDOnSchema: Schema<EventDNDOn> = schemaFor<EventDNDOn>()(
  z.object({ event: z.literal("EventDNDOn"), ...numbered }),
);
export const eventDNDOffSchema: Schema<EventDNDOff> = schemaFor<EventDNDOff>()(
  z.object({ event: z.literal("EventDNDOff"), ...numbered }),
);
export const eventMonitoringNextCallSchema: Schema<EventMonitoringNextCall> =
  schemaFor<EventMonitoringNextCall>()(
    z.object({ event: z.literal("EventMonitoringNextCall"), ...numbered, ...monitored }),
  );
export const eventMonitoringCancelledSchema: Schema<EventMonitoringCancelled> =
  schemaFor<EventMonitoringCancelled>()(
    z.object({ event: z.literal("EventMonitoringCancelled"), ...numbered, otherDN: nameField }),
  );
