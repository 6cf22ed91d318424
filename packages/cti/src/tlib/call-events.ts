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
  dtmfDigitsField,
  type CallState,
  type CallType,
  type DnRole,
} from "./values.ts";

/**
 * Call events: what a desktop is told of the calls of its DNs. All have one shape. A session that
 * observes a DN (RequestMonitorNextCall) gets them with the role `Observer`.
 */
/** The shape of every call event. */
export interface CallEvent<Name extends string> extends Numbered {
  readonly event: Name;
  readonly thisDN: string;
  readonly thisDNRole: DnRole;
  readonly otherDN?: string;
  readonly otherDNRole?: DnRole;
  /** Who else had a part in it: who transferred, redirected or forwarded the call. */
  readonly thirdPartyDN?: string;
  readonly thirdPartyDNRole?: DnRole;
  /** The queue through which the call came to thisDN. */
  readonly thisQueue?: string;
  /** 16 hexadecimal digits. */
  readonly connID: string;
  /**
   * With callType Consult: the call consulted about. In EventPartyChanged: the ConnID that the call
   * had at this DN before.
   */
  readonly previousConnID?: string;
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
/** At the queue DN: a call waits there. */
export interface EventQueued extends CallEvent<"EventQueued"> {}
/** At the queue DN: the call has left it, for `thirdPartyDN`. */
export interface EventDiverted extends CallEvent<"EventDiverted"> {}
export interface EventEstablished extends CallEvent<"EventEstablished"> {}
export interface EventHeld extends CallEvent<"EventHeld"> {}
export interface EventRetrieved extends CallEvent<"EventRetrieved"> {}
export interface EventReleased extends CallEvent<"EventReleased"> {}
/** The caller hung up before an answer; at a queue DN: while waiting. */
export interface EventAbandoned extends CallEvent<"EventAbandoned"> {}
export interface EventDestinationBusy extends CallEvent<"EventDestinationBusy"> {}
/** The other party is another one now: a transfer was completed. */
export interface EventPartyChanged extends CallEvent<"EventPartyChanged"> {}
export interface EventDTMFSent extends CallEvent<"EventDTMFSent"> {
  readonly dtmfDigits: string;
}
/** What this party says is not heard by the others. */
export interface EventMuteOn extends CallEvent<"EventMuteOn"> {}
export interface EventMuteOff extends CallEvent<"EventMuteOff"> {}
export interface EventAttachedDataChanged extends CallEvent<"EventAttachedDataChanged"> {}

const callFields = {
  thisDN: nameField,
  thisDNRole: dnRoleField,
  otherDN: z.exactOptional(textField),
  otherDNRole: z.exactOptional(dnRoleField),
  thirdPartyDN: z.exactOptional(textField),
  thirdPartyDNRole: z.exactOptional(dnRoleField),
  thisQueue: z.exactOptional(nameField),
  connID: connIDField,
  previousConnID: z.exactOptional(connIDField),
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
export const eventQueuedSchema: Schema<EventQueued> = schemaFor<EventQueued>()(
  z.object({ event: z.literal("EventQueued"), ...callFields }),
);
export const eventDivertedSchema: Schema<EventDiverted> = schemaFor<EventDiverted>()(
  z.object({ event: z.literal("EventDiverted"), ...callFields }),
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
export const eventPartyChangedSchema: Schema<EventPartyChanged> = schemaFor<EventPartyChanged>()(
  z.object({ event: z.literal("EventPartyChanged"), ...callFields }),
);
export const eventDTMFSentSchema: Schema<EventDTMFSent> = schemaFor<EventDTMFSent>()(
  z.object({ event: z.literal("EventDTMFSent"), ...callFields, dtmfDigits: dtmfDigitsField }),
);
export const eventMuteOnSchema: Schema<EventMuteOn> = schemaFor<EventMuteOn>()(
  z.object({ event: z.literal("EventMuteOn"), ...callFields }),
);
export const eventMuteOffSchema: Schema<EventMuteOff> = schemaFor<EventMuteOff>()(
  z.object({ event: z.literal("EventMuteOff"), ...callFields }),
);
export const eventAttachedDataChangedSchema: Schema<EventAttachedDataChanged> =
  schemaFor<EventAttachedDataChanged>()(
    z.object({ event: z.literal("EventAttachedDataChanged"), ...callFields }),
  );
