import * as z from "zod/mini";
import { afterCallWorkMsMax } from "../limits.ts";
import {
  countField,
  nameField,
  referenceIDField,
  schemaFor,
  timeField,
  userDataField,
  type Schema,
  type UserData,
} from "../schema.ts";
import type { Numbered } from "./numbered.ts";
import {
  agentStateField,
  leaseSchema,
  workModeField,
  type AgentStateName,
  type Lease,
  type WorkMode,
} from "./values.ts";

/**
 * Agents: login, logout, and their states. A login's answer is EventAgentLogin with its lease, then
 * the event of the state it begins in. A logout that the server decides carries its reason in
 * `extensions.ReasonCode` (continuity R11, domain.md §5.5).
 */
export interface RequestAgentLogin {
  readonly request: "RequestAgentLogin";
  readonly referenceID: number;
  readonly thisDN: string;
  /** The Agent Login's code. */
  readonly agentID: string;
  readonly placeName?: string;
  /** The highest epoch of a lease that this desktop has held (peers.md P3). */
  readonly leaseEpoch?: number;
  /** The state to begin in (continuity R17); else Not Ready, or the state of the login it moves. */
  readonly restore?: RestoredState;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

export interface RestoredState {
  readonly state: AgentStateName;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  /** What is left of after-call work. */
  readonly afterCallWorkMs?: number;
}

export interface RequestAgentLogout {
  readonly request: "RequestAgentLogout";
  readonly referenceID: number;
  readonly thisDN: string;
  readonly reasons?: UserData;
}

/**
 * By a supervisor or administrator: ends the login on `targetDN`, whoever is logged in there. The
 * DN names the agent without doubt: one agent at most is logged in on it.
 */
export interface RequestAgentForceLogout {
  readonly request: "RequestAgentForceLogout";
  readonly referenceID: number;
  /** A DN that the asking session registered: its own, or the agent's. */
  readonly thisDN: string;
  readonly targetDN: string;
  /** Why; EventAgentLogout carries it. */
  readonly reasons?: UserData;
}

export interface RequestAgentSetReady {
  readonly request: "RequestAgentSetReady";
  readonly referenceID: number;
  readonly thisDN: string;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
}

/** With `workMode: "AfterCallWork"`: after-call work, for `afterCallWorkMs` where that is given. */
export interface RequestAgentSetNotReady {
  readonly request: "RequestAgentSetNotReady";
  readonly referenceID: number;
  readonly thisDN: string;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  readonly afterCallWorkMs?: number;
}

export interface EventAgentLogin extends Numbered {
  readonly event: "EventAgentLogin";
  readonly thisDN: string;
  readonly agentID: string;
  readonly lease: Lease;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

export interface EventAgentLogout extends Numbered {
  readonly event: "EventAgentLogout";
  readonly thisDN: string;
  readonly agentID: string;
  /** The lease that ended. */
  readonly lease: Lease;
  /** The login that took its place, with `dr-peer-login`. */
  readonly wonBy?: WinningLogin;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

export interface WinningLogin {
  readonly lease: Lease;
  readonly agentID: string;
}

interface AgentStateEvent<Name extends string> extends Numbered {
  readonly event: Name;
  readonly thisDN: string;
  readonly agentID: string;
  readonly lease?: Lease;
  readonly workMode?: WorkMode;
  readonly reasons?: UserData;
  readonly extensions?: UserData;
}

export interface EventAgentReady extends AgentStateEvent<"EventAgentReady"> {}
export interface EventAgentNotReady extends AgentStateEvent<"EventAgentNotReady"> {}
export interface EventAgentAfterCallWork extends AgentStateEvent<"EventAgentAfterCallWork"> {
  /** Epoch milliseconds at which it ends by itself; absent where it does not. */
  readonly afterCallWorkUntil?: number;
}

/**
 * `extensions.ReasonCode` of a logout that nobody at the desktop asked for. With `forced-logout`
 * `extensions.ForcedBy` is the user name of who asked, and `reasons` are that request's.
 */
export type LogoutReasonCode =
  | "dr-force_logout"
  | "graceful_shutdown_logout"
  | "dr-peer-login"
  | "desktop-lost"
  | "dn-removed"
  | "forced-logout";

const afterCallWorkMsField = z.int().check(z.gte(0), z.lte(afterCallWorkMsMax));
const asked = { referenceID: referenceIDField, thisDN: nameField };
const reasons = z.exactOptional(userDataField);
const extensions = z.exactOptional(userDataField);
const workMode = z.exactOptional(workModeField);
const numbered = {
  thisDN: nameField,
  agentID: nameField,
  time: timeField,
  serverStartTime: timeField,
  eventSequenceNumber: countField,
  referenceID: z.exactOptional(referenceIDField),
};
const stateFields = {
  ...numbered,
  lease: z.exactOptional(leaseSchema),
  workMode,
  reasons,
  extensions,
};

export const restoredStateSchema: Schema<RestoredState> = schemaFor<RestoredState>()(
  z.object({
    state: agentStateField,
    workMode,
    reasons,
    afterCallWorkMs: z.exactOptional(afterCallWorkMsField),
  }),
);

export const requestAgentLoginSchema: Schema<RequestAgentLogin> = schemaFor<RequestAgentLogin>()(
  z.object({
    request: z.literal("RequestAgentLogin"),
    ...asked,
    agentID: nameField,
    placeName: z.exactOptional(nameField),
    leaseEpoch: z.exactOptional(countField),
    restore: z.exactOptional(restoredStateSchema),
    reasons,
    extensions,
  }),
);

export const requestAgentLogoutSchema: Schema<RequestAgentLogout> = schemaFor<RequestAgentLogout>()(
  z.object({ request: z.literal("RequestAgentLogout"), ...asked, reasons }),
);

export const requestAgentForceLogoutSchema: Schema<RequestAgentForceLogout> =
  schemaFor<RequestAgentForceLogout>()(
    z.object({
      request: z.literal("RequestAgentForceLogout"),
      ...asked,
      targetDN: nameField,
      reasons,
    }),
  );

export const requestAgentSetReadySchema: Schema<RequestAgentSetReady> =
  schemaFor<RequestAgentSetReady>()(
    z.object({ request: z.literal("RequestAgentSetReady"), ...asked, workMode, reasons }),
  );

export const requestAgentSetNotReadySchema: Schema<RequestAgentSetNotReady> =
  schemaFor<RequestAgentSetNotReady>()(
    z.object({
      request: z.literal("RequestAgentSetNotReady"),
      ...asked,
      workMode,
      reasons,
      afterCallWorkMs: z.exactOptional(afterCallWorkMsField),
    }),
  );

export const eventAgentLoginSchema: Schema<EventAgentLogin> = schemaFor<EventAgentLogin>()(
  z.object({
    event: z.literal("EventAgentLogin"),
    ...numbered,
    lease: leaseSchema,
    workMode,
    reasons,
    extensions,
  }),
);

const winningLoginSchema = schemaFor<WinningLogin>()(
  z.object({ lease: leaseSchema, agentID: nameField }),
);

export const eventAgentLogoutSchema: Schema<EventAgentLogout> = schemaFor<EventAgentLogout>()(
  z.object({
    event: z.literal("EventAgentLogout"),
    ...numbered,
    lease: leaseSchema,
    wonBy: z.exactOptional(winningLoginSchema),
    reasons,
    extensions,
  }),
);

export const eventAgentReadySchema: Schema<EventAgentReady> = schemaFor<EventAgentReady>()(
  z.object({ event: z.literal("EventAgentReady"), ...stateFields }),
);
export const eventAgentNotReadySchema: Schema<EventAgentNotReady> = schemaFor<EventAgentNotReady>()(
  z.object({ event: z.literal("EventAgentNotReady"), ...stateFields }),
);
export const eventAgentAfterCallWorkSchema: Schema<EventAgentAfterCallWork> =
  schemaFor<EventAgentAfterCallWork>()(
    z.object({
      event: z.literal("EventAgentAfterCallWork"),
      ...stateFields,
      afterCallWorkUntil: z.exactOptional(timeField),
    }),
  );
