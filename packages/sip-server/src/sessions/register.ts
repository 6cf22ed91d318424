import type { ErrorCode, ServerRole, TlibEvent, TlibRegisterClient } from "@tandem/cti";
import type { Identity, Input } from "@tandem/switch";
import type { CtiConnection, Phase } from "./cti-connection.ts";

/**
 * Which client is who to the machine. A connection has a name only while this node serves, and the
 * name carries the epoch in which it was registered, so that none is used twice; a client that
 * registers at a node that does not serve is kept, and told when that changes.
 */
export interface Register {
  /** A client that somebody vouches for; returns why it is refused, or null. */
  readonly enter: (connection: CtiConnection, client: Client) => ErrorCode | null;
  readonly byName: (name: string) => CtiConnection | undefined;
  /** What the machine says to a connection. */
  readonly send: (name: string, event: TlibEvent) => void;
  /** What the node is now, to a client that has registered. */
  readonly tellRole: (connection: CtiConnection) => void;
  /** The machine knows the connection no more. */
  readonly forget: (connection: CtiConnection) => void;
  /** The connection is gone; its machine is told. */
  readonly closed: (connection: CtiConnection, phase?: Phase) => void;
}

export interface Client {
  readonly message: TlibRegisterClient;
  readonly identity: Identity;
  /** What it was before it registered this time. */
  readonly before: Phase;
}

export interface NodeRole {
  readonly role: ServerRole;
  readonly epoch: number;
}

/** What is known of the server at a node that does not serve. */
export interface AboutServer {
  readonly site: string;
  readonly peerInService: boolean;
  readonly serverStartTime: number;
}

export function createRegister(
  role: () => NodeRole,
  about: () => AboutServer,
  submit: (input: Input) => void,
): Register {
  const names = new Map<string, CtiConnection>();
  let nextNumber = 1;

  function forget(connection: CtiConnection, phase: Phase = connection.phase): void {
    if (phase.kind === "registered") names.delete(phase.name);
  }

  function leave(connection: CtiConnection, phase: Phase): void {
    forget(connection, phase);
    if (phase.kind !== "registered") return;
    submit({ kind: "ctiClosed", connection: phase.name });
  }

  function sayBackup(connection: CtiConnection, referenceID: number): void {
    connection.send({
      event: "EventLinkConnected",
      referenceID,
      sessionID: "",
      serverRole: "backup",
      epoch: role().epoch,
      serverStartTime: about().serverStartTime,
      lastSequence: 0,
      lastReferenceID: 0,
    });
  }

  /** In the epoch it has: a client that registers again there keeps its name. */
  function nameFor(before: Phase, epoch: number): string {
    if (before.kind === "registered" && before.name.startsWith(`${epoch}.`)) return before.name;
    nextNumber += 1;
    return `${epoch}.${nextNumber - 1}`;
  }

  return {
    enter(connection, { message, identity, before }) {
      const { referenceID, resume } = message;
      const { role: own, epoch } = role();
      if (own !== "primary") {
        forget(connection, before);
        if (identity.isExpired && resume === undefined) {
          connection.phase = { kind: "new" };
          return "token-expired";
        }
        connection.phase = { kind: "kept" };
        sayBackup(connection, referenceID);
        return null;
      }
      const name = nameFor(before, epoch);
      if (before.kind === "registered" && before.name !== name) leave(connection, before);
      connection.phase = { kind: "registered", name, asked: referenceID };
      names.set(name, connection);
      if (resume !== undefined) connection.catchUp(performance.now());
      submit({
        kind: "ctiRegister",
        connection: name,
        referenceID,
        identity,
        applicationName: message.applicationName,
        resume: resume ?? null,
      });
      return null;
    },
    byName: (name) => names.get(name),
    send(name, event) {
      const connection = names.get(name);
      if (connection === undefined) return;
      const { phase } = connection;
      const isAnswer =
        phase.kind === "registered" &&
        phase.asked !== null &&
        "referenceID" in event &&
        event.referenceID === phase.asked;
      if (isAnswer) connection.phase = { ...phase, asked: null };
      connection.send(event);
    },
    tellRole(connection) {
      const { phase } = connection;
      if (phase.kind !== "registered" && phase.kind !== "kept") return;
      const { role: serverRole, epoch } = role();
      if (serverRole !== "primary") {
        forget(connection);
        connection.phase = { kind: "kept" };
        // Whoever asked the machine that was here gets this node's answer.
        if (phase.kind === "registered" && phase.asked !== null) {
          return sayBackup(connection, phase.asked);
        }
      }
      const { site, peerInService, serverStartTime } = about();
      connection.send({
        event: "EventServerInfo",
        serverRole,
        epoch,
        site,
        inService: serverRole === "primary",
        peerInService,
        serverStartTime,
      });
    },
    forget,
    closed: (connection, phase = connection.phase) => leave(connection, phase),
  };
}
