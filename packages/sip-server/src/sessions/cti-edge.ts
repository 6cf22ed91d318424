import type { IncomingMessage } from "node:http";
import {
  decodeTlibRequest,
  errorSentence,
  frameBytesMax,
  type ErrorCode,
  type FrameFailure,
  type TlibEvent,
  type TlibRegisterClient,
  type TlibRequest,
} from "@tandem/cti";
import type { Input } from "@tandem/switch";
import { WebSocketServer, type WebSocket } from "ws";
import { createCtiConnection, type CtiConnection } from "./cti-connection.ts";
import { createRegister, type AboutServer, type NodeRole, type Register } from "./register.ts";
import type { TokenVerifier } from "./tokens.ts";

/**
 * The CTI edge (architecture.md, Edges): T-Library over WebSockets. Frames are read by their
 * schemas, tokens verified, ADDP answered, slow readers closed; the machine sees requests of
 * clients whom somebody vouches for, and nothing else. It is open whatever the node's role: a node
 * that does not serve says `backup` and keeps the connection (cti.md, Session).
 */
export interface CtiEdge {
  readonly send: (connection: string, event: TlibEvent) => void;
  readonly closeConnection: (connection: string, reason: string) => void;
  readonly count: () => number;
  /**
   * The node's role or epoch is another one: every client is told. Opens doors that were left. To
   * be called when effects of the new epoch may leave, not before.
   */
  readonly roleChanged: () => void;
  /** H11: EventLinkDisconnected to everybody, no ADDP any more, and nobody is let in. */
  readonly leaveDoors: () => void;
  readonly close: () => Promise<void>;
}

export interface CtiOptions {
  readonly host: string;
  readonly port: number;
  /** Of a server that always serves; a node of a pair has `role`. */
  readonly epoch?: number;
  readonly role?: () => NodeRole;
  /** What a client of a node that does not serve is told of the server. */
  readonly about?: () => AboutServer;
  readonly tokens: TokenVerifier;
  /** Origins that browsers may come from; a client without an Origin is no browser. */
  readonly origins: readonly string[];
  readonly submit: (input: Input) => void;
}

const connectionsMax = 20_000;
const clockMs = 50;
/** A connection that registers no client within this time is closed. */
const registerTimeoutMs = 10_000;
const subprotocol = "tandem.tlib.1";

interface Edge {
  readonly options: CtiOptions;
  readonly role: () => NodeRole;
  readonly open: Set<CtiConnection>;
  readonly register: Register;
  hasLeft: boolean;
}

export async function openCti(options: CtiOptions): Promise<CtiEdge> {
  const { epoch = 1 } = options;
  const role = options.role ?? ((): NodeRole => ({ role: "primary", epoch }));
  const edge: Edge = {
    options,
    role,
    open: new Set(),
    register: createRegister(role, options.about ?? (() => nothingKnown), options.submit),
    hasLeft: false,
  };
  const server = await listen(edge);
  server.on("connection", (socket) => welcome(edge, socket));
  const clock = setInterval(() => watchClock(edge), clockMs);
  return {
    send: (name, event) => edge.register.send(name, event),
    closeConnection: (name, reason) => edge.register.byName(name)?.close(reason),
    count: () => edge.open.size,
    roleChanged() {
      edge.hasLeft = false;
      for (const connection of edge.open) edge.register.tellRole(connection);
    },
    leaveDoors() {
      edge.hasLeft = true;
      for (const connection of edge.open) {
        edge.register.forget(connection);
        connection.close("not-serving");
      }
    },
    close: () =>
      new Promise((resolve) => {
        clearInterval(clock);
        for (const connection of edge.open) connection.close("server-stopping");
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
}

const nothingKnown: AboutServer = { site: "", peerInService: false, serverStartTime: 0 };

async function listen(edge: Edge): Promise<WebSocketServer> {
  const { options } = edge;
  const server = new WebSocketServer({
    host: options.host,
    port: options.port,
    path: "/tlib",
    maxPayload: frameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    verifyClient: ({ origin, req }: { origin: string; req: IncomingMessage }) =>
      !edge.hasLeft && edge.open.size < connectionsMax && isWelcome(options.origins, origin, req),
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  return server;
}

function isWelcome(
  origins: readonly string[],
  origin: string | undefined,
  request: IncomingMessage,
): boolean {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(/,\s*/);
  if (!offered.includes(subprotocol)) return false;
  return origin === undefined || origin === "" || origins.includes("*") || origins.includes(origin);
}

function welcome(edge: Edge, socket: WebSocket): void {
  const connection = createCtiConnection(socket, performance.now());
  edge.open.add(connection);
  socket.on("message", (bytes: Buffer, isBinary: boolean) => {
    if (isBinary) return refuse(connection, failureOf("not-json"));
    receive(edge, connection, bytes.toString("utf8"));
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    edge.open.delete(connection);
    edge.register.closed(connection);
  });
}

function watchClock({ open }: Edge): void {
  const now = performance.now();
  for (const connection of open) {
    connection.watch(now);
    const isSilent =
      connection.phase.kind === "new" && now - connection.openedAt > registerTimeoutMs;
    if (isSilent) connection.close("no-client-registered");
  }
}

function receive(edge: Edge, connection: CtiConnection, text: string): void {
  if (!connection.isOpen()) return;
  const decoded = decodeTlibRequest(text);
  if (!decoded.ok) {
    connection.received(null, performance.now());
    return refuse(connection, decoded.failure);
  }
  const message = decoded.value;
  if ("addp" in message) {
    connection.received(message, performance.now());
    return;
  }
  connection.received(null, performance.now());
  const { phase } = connection;
  if (phase.kind === "verifying") {
    if (phase.waiting.length < waitingMax) phase.waiting.push(message);
    else connection.close("too-many-requests");
    return;
  }
  handle(edge, connection, message);
}

const waitingMax = 100;

function handle(
  edge: Edge,
  connection: CtiConnection,
  message: TlibRegisterClient | TlibRequest,
): void {
  if (message.request === "RequestRegisterClient") {
    void registerClient(edge, connection, message);
    return;
  }
  const { phase } = connection;
  if (phase.kind === "registered") {
    edge.options.submit({ kind: "ctiRequest", connection: phase.name, request: message });
    return;
  }
  const code = phase.kind === "kept" ? "not-serving" : "not-registered-client";
  refuse(connection, failureOf(code, message.referenceID));
}

/** Never rejects: a token that cannot be verified is an answer. */
async function registerClient(
  edge: Edge,
  connection: CtiConnection,
  message: TlibRegisterClient,
): Promise<void> {
  const { register, options } = edge;
  const waiting: (TlibRegisterClient | TlibRequest)[] = [];
  const before = connection.phase;
  connection.phase = { kind: "verifying", waiting };
  const identity = await options.tokens.verify(message.token);
  if (!connection.isOpen()) return register.closed(connection, before);
  if (identity === null) {
    register.closed(connection, before);
    connection.phase = { kind: "new" };
    refuse(connection, failureOf("token-invalid", message.referenceID));
  } else {
    connection.watchFor(message.addpTimeout, message.addpRemoteTimeout, performance.now());
    const refused = register.enter(connection, { message, identity, before });
    if (refused !== null) refuse(connection, failureOf(refused, message.referenceID));
  }
  for (const next of waiting) handle(edge, connection, next);
}

function failureOf(errorCode: ErrorCode, referenceID?: number): FrameFailure {
  const failure = { errorCode, errorMessage: errorSentence(errorCode) };
  return referenceID === undefined ? failure : { ...failure, referenceID };
}

function refuse(connection: CtiConnection, failure: FrameFailure): void {
  connection.send({ event: "EventError", ...failure });
}
