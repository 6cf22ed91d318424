import * as z from "zod/mini";
import { callsOfDnMax, dtmfDigitsMax, forwardsMax } from "../limits.ts";
import {
  callUUIDField,
  connIDField,
  countField,
  listOf,
  nameField,
  schemaFor,
  textField,
  timeField,
  userDataField,
  type Schema,
  type UserData,
} from "../schema.ts";

/**
 * The values that T-Library messages carry: roles, states, leases, and the snapshots of a DN, its
 * agent and its calls. Attributes keep the T-Library's spelling (style NAM1).
 */
export type DnRole =
  | "Origination"
  | "Destination"
  | "ConferenceMember"
  | "NewParty"
  | "AddedBy"
  | "DeletedBy"
  | "TransferredBy"
  | "DeletedParty"
  | "ConferencedBy"
  | "Observer";
export type CallType = "Unknown" | "Internal" | "Inbound" | "Outbound" | "Consult";
/** Why a call stands as it does; in EventReleased and EventAbandoned: why it ended. */
export type CallState =
  | "Ok"
  | "Busy"
  | "NoAnswer"
  | "RemoteRelease"
  | "Dropped"
  | "Held"
  | "GeneralError"
  | "Redirected"
  | "Forwarded"
  | "Transferred"
  | "Conferenced";
export type WorkMode =
  | "Unknown"
  | "ManualIn"
  | "AutoIn"
  | "AfterCallWork"
  | "AuxWork"
  | "NoCallDisconnect"
  | "WalkAway"
  | "ReturnBack";
export type AgentStateName = "Ready" | "NotReady" | "AfterCallWork";
/** `Queued` at a queue's DN only. */
export type PartyState = "Dialing" | "Ringing" | "Queued" | "Established" | "Held";
/** When a call for the DN goes to another one. */
export type ForwardMode = "Unconditional" | "OnBusy" | "OnNoAnswer";
export type ServerRole = "primary" | "backup";

/** Which login of an agent is the right one (peers.md P3). */
export interface Lease {
  readonly epoch: number;
  /** Epoch milliseconds of the login. */
  readonly time: number;
  readonly site: string;
}

/** Where a client stopped reading (cti.md, Resume). */
export interface ResumePosition {
  readonly serverStartTime: number;
  readonly sessionID: string;
  readonly eventSequenceNumber: number;
}

export interface AgentInfo {
  readonly agentID: string;
  readonly userName: string;
  readonly state: AgentStateName;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  readonly lease: Lease;
  /** Epoch milliseconds of the present state's beginning. */
  readonly since: number;
  /** When after-call work ends by itself; absent where it does not. */
  readonly afterCallWorkUntil?: number;
  /** The login's session is connected, or was lost less than `session-grace` ago. */
  readonly sessionOpen: boolean;
}

export interface CallInfo {
  readonly connID: string;
  readonly callUUID: string;
  readonly callID: number;
  readonly callType: CallType;
  readonly thisDNRole: DnRole;
  readonly otherDN?: string;
  readonly otherDNRole?: DnRole;
  readonly partyState: PartyState;
  /** With callType Consult: the call consulted about. */
  readonly previousConnID?: string;
  readonly thisQueue?: string;
  /** What this party says is not heard; absent means it is. */
  readonly isMuted?: boolean;
  readonly ani?: string;
  readonly dnis?: string;
  readonly userData: UserData;
}

export interface ForwardInfo {
  readonly forwardMode: ForwardMode;
  readonly otherDN: string;
}

/** A DN as it stands now: what a desktop begins from. */
export interface AddressInfo {
  readonly dn: string;
  readonly inService: boolean;
  /** Absent means no. */
  readonly doNotDisturb?: boolean;
  /** At most one of each mode; absent means none. */
  readonly forwards?: readonly ForwardInfo[];
  readonly agent?: AgentInfo;
  readonly calls: readonly CallInfo[];
}

export const dnRoleField: Schema<DnRole> = z.enum([
  "Origination",
  "Destination",
  "ConferenceMember",
  "NewParty",
  "AddedBy",
  "DeletedBy",
  "TransferredBy",
  "DeletedParty",
  "ConferencedBy",
  "Observer",
]);
export const callTypeField: Schema<CallType> = z.enum([
  "Unknown",
  "Internal",
  "Inbound",
  "Outbound",
  "Consult",
]);
export const callStateField: Schema<CallState> = z.enum([
  "Ok",
  "Busy",
  "NoAnswer",
  "RemoteRelease",
  "Dropped",
  "Held",
  "GeneralError",
  "Redirected",
  "Forwarded",
  "Transferred",
  "Conferenced",
]);
export const workModeField: Schema<WorkMode> = z.enum([
  "Unknown",
  "ManualIn",
  "AutoIn",
  "AfterCallWork",
  "AuxWork",
  "NoCallDisconnect",
  "WalkAway",
  "ReturnBack",
]);
export const agentStateField: Schema<AgentStateName> = z.enum([
  "Ready",
  "NotReady",
  "AfterCallWork",
]);
const partyStateField: Schema<PartyState> = z.enum([
  "Dialing",
  "Ringing",
  "Queued",
  "Established",
  "Held",
]);
export const forwardModeField: Schema<ForwardMode> = z.enum([
  "Unconditional",
  "OnBusy",
  "OnNoAnswer",
]);
/** RFC 4733 events 0 to 15. */
export const dtmfDigitsField: Schema<string> = z
  .string()
  .check(z.minLength(1), z.maxLength(dtmfDigitsMax), z.regex(/^[0-9A-D*#]+$/));
export const serverRoleField: Schema<ServerRole> = z.enum(["primary", "backup"]);

export const leaseSchema: Schema<Lease> = schemaFor<Lease>()(
  z.object({ epoch: countField, time: timeField, site: nameField }),
);

export const resumePositionSchema: Schema<ResumePosition> = schemaFor<ResumePosition>()(
  z.object({
    serverStartTime: timeField,
    sessionID: nameField,
    eventSequenceNumber: countField,
  }),
);

export const agentInfoSchema: Schema<AgentInfo> = schemaFor<AgentInfo>()(
  z.object({
    agentID: nameField,
    userName: nameField,
    state: agentStateField,
    workMode: z.exactOptional(workModeField),
    reasons: z.exactOptional(userDataField),
    lease: leaseSchema,
    since: timeField,
    afterCallWorkUntil: z.exactOptional(timeField),
    sessionOpen: z.boolean(),
  }),
);

export const callInfoSchema: Schema<CallInfo> = schemaFor<CallInfo>()(
  z.object({
    connID: connIDField,
    callUUID: callUUIDField,
    callID: countField,
    callType: callTypeField,
    thisDNRole: dnRoleField,
    otherDN: z.exactOptional(textField),
    otherDNRole: z.exactOptional(dnRoleField),
    partyState: partyStateField,
    previousConnID: z.exactOptional(connIDField),
    thisQueue: z.exactOptional(nameField),
    isMuted: z.exactOptional(z.boolean()),
    ani: z.exactOptional(textField),
    dnis: z.exactOptional(textField),
    userData: userDataField,
  }),
);

const forwardInfoSchema = schemaFor<ForwardInfo>()(
  z.object({ forwardMode: forwardModeField, otherDN: nameField }),
);

export const addressInfoSchema: Schema<AddressInfo> = schemaFor<AddressInfo>()(
  z.object({
    dn: nameField,
    inService: z.boolean(),
    doNotDisturb: z.exactOptional(z.boolean()),
    forwards: z.exactOptional(listOf(forwardInfoSchema, forwardsMax)),
    agent: z.exactOptional(agentInfoSchema),
    calls: listOf(callInfoSchema, callsOfDnMax),
  }),
);
