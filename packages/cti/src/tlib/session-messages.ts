import * as z from "zod/mini";
import { addpTimeoutSecondsMax, tokenLengthMax } from "../limits.ts";
import {
  countField,
  nameField,
  referenceIDField,
  schemaFor,
  textField,
  timeField,
  type Schema,
} from "../schema.ts";
import {
  resumePositionSchema,
  serverRoleField,
  type ResumePosition,
  type ServerRole,
} from "./values.ts";

/**
 * The session's own messages (cti.md, Session): who the client is, which node serves, and failures.
 *
 *   client → server  RequestRegisterClient   first on a connection
 *   server → client  EventLinkConnected      its answer; serverRole says whether this node serves
 *   server → client  EventServerInfo         after it, at every change of role, and when asked for
 *   server → client  EventError              a request that was not done; its referenceID
 */
export interface RequestRegisterClient {
  readonly request: "RequestRegisterClient";
  readonly referenceID: number;
  readonly token: string;
  readonly applicationName: string;
  /** Seconds after which the client holds the connection lost; the server polls at half of it. */
  readonly addpTimeout?: number;
  /** Seconds after which the server shall hold the connection lost. 0 or absent: never. */
  readonly addpRemoteTimeout?: number;
  readonly resume?: ResumePosition;
}

export interface RequestQueryServer {
  readonly request: "RequestQueryServer";
  readonly referenceID: number;
}

/** The answer to RequestRegisterClient: only now does the connection count. */
export interface EventLinkConnected {
  readonly event: "EventLinkConnected";
  readonly referenceID?: number;
  /** Empty from a node that does not serve: it keeps no sessions. */
  readonly sessionID: string;
  readonly serverRole: ServerRole;
  readonly epoch: number;
  /** Epoch milliseconds of the machine's cold start; survives switchovers. */
  readonly serverStartTime: number;
  /** The session's position: events after it follow. */
  readonly lastSequence: number;
  /** The highest referenceID executed in this session. */
  readonly lastReferenceID: number;
}

/** The server is about to close the connection, and why. */
export interface EventLinkDisconnected {
  readonly event: "EventLinkDisconnected";
  readonly reason: string;
}

export interface EventServerInfo {
  readonly event: "EventServerInfo";
  readonly referenceID?: number;
  readonly serverRole: ServerRole;
  readonly epoch: number;
  readonly site: string;
  readonly inService: boolean;
  /** Whether this site's pair sees the other site's pair serve (peers.md P1). */
  readonly peerInService: boolean;
  readonly serverStartTime: number;
}

/** A request was refused and changed nothing, or the connection cannot be used. */
export interface EventError {
  readonly event: "EventError";
  readonly referenceID?: number;
  /** One of `errorCodes`; a later server may know more. */
  readonly errorCode: string;
  readonly errorMessage: string;
  /** Milliseconds to wait before the same request makes sense again. */
  readonly retryAfter?: number;
  /** The field of the request that is wrong. */
  readonly field?: string;
}

const addpTimeoutField = z.number().check(z.gte(0), z.lte(addpTimeoutSecondsMax));
export const tokenField: Schema<string> = z
  .string()
  .check(z.minLength(1), z.maxLength(tokenLengthMax));

export const requestRegisterClientSchema: Schema<RequestRegisterClient> =
  schemaFor<RequestRegisterClient>()(
    z.object({
      request: z.literal("RequestRegisterClient"),
      referenceID: referenceIDField,
      token: tokenField,
      applicationName: nameField,
      addpTimeout: z.exactOptional(addpTimeoutField),
      addpRemoteTimeout: z.exactOptional(addpTimeoutField),
      resume: z.exactOptional(resumePositionSchema),
    }),
  );

export const requestQueryServerSchema: Schema<RequestQueryServer> = schemaFor<RequestQueryServer>()(
  z.object({ request: z.literal("RequestQueryServer"), referenceID: referenceIDField }),
);

export const eventLinkConnectedSchema: Schema<EventLinkConnected> = schemaFor<EventLinkConnected>()(
  z.object({
    event: z.literal("EventLinkConnected"),
    referenceID: z.exactOptional(referenceIDField),
    sessionID: textField,
    serverRole: serverRoleField,
    epoch: countField,
    serverStartTime: timeField,
    lastSequence: countField,
    lastReferenceID: countField,
  }),
);

export const eventLinkDisconnectedSchema: Schema<EventLinkDisconnected> =
  schemaFor<EventLinkDisconnected>()(
    z.object({ event: z.literal("EventLinkDisconnected"), reason: textField }),
  );

export const eventServerInfoSchema: Schema<EventServerInfo> = schemaFor<EventServerInfo>()(
  z.object({
    event: z.literal("EventServerInfo"),
    referenceID: z.exactOptional(referenceIDField),
    serverRole: serverRoleField,
    epoch: countField,
    site: textField,
    inService: z.boolean(),
    peerInService: z.boolean(),
    serverStartTime: timeField,
  }),
);

export const eventErrorSchema: Schema<EventError> = schemaFor<EventError>()(
  z.object({
    event: z.literal("EventError"),
    referenceID: z.exactOptional(referenceIDField),
    errorCode: nameField,
    errorMessage: textField,
    retryAfter: z.exactOptional(countField),
    field: z.exactOptional(textField),
  }),
);
