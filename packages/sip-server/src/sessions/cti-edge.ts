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
import { WebSocketServer } from "ws";
import { createCtiConnection, type CtiConnection } from "./cti-connection.ts";
import type { TokenVerifier } from "./tokens.ts";

/**
 * The CTI edge (architecture.md, Edges): T-Library over WebSockets. Frames are read by their
 * schemas, tokens verified, ADDP answered, slow readers closed; the machine sees requests of
 * clients whom somebody vouches for, and nothing else.
 */
export interface CtiEdge {
  readonly send: (connection: string, event: TlibEvent) => void;
  readonly closeConnection: (connection: string, reason: string) => void;
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

export interface CtiOptions {
  readonly host: string;
  readonly port: number;
  readonly epoch: number;
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

export async function openCti(options: CtiOptions): Promise<CtiEdge> {
  const connections = new Map<string, CtiConnection>();
  let nextNumber = 1;
  const server = new WebSocketServer({
    host: options.host,
    port: options.port,
    path: "/tlib",
    maxPayload: frameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    verifyClient: ({ origin, req }: { origin: string; req: IncomingMessage }) =>
      connections.size < connectionsMax && isWelcome(options.origins, origin, req),
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  server.on("connection", (socket) => {
    const name = `${options.epoch}.${nextNumber}`;
    nextNumber += 1;
    const connection = createCtiConnection(name, socket, performance.now());
    connections.set(name, connection);
    socket.on("message", (bytes: Buffer, isBinary: boolean) => {
      if (isBinary)
        return refuse(connection, {
          errorCode: "not-json",
          errorMessage: errorSentence("not-json"),
        });
      receive(options, connection, bytes.toString("utf8"));
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      connections.delete(name);
      if (connection.phase.kind === "registered")
        options.submit({ kind: "ctiClosed", connection: name });
    });
  });
  const clock = setInterval(() => watchClock(connections), clockMs);
  return {
    send: (name, event) => connections.get(name)?.send(event),
    closeConnection(name, reason) {
      connections.get(name)?.close(reason);
    },
    count: () => connections.size,
    close: () =>
      new Promise((resolve) => {
        clearInterval(clock);
        for (const connection of connections.values()) connection.close("server-stopping");
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
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

function watchClock(connections: ReadonlyMap<string, CtiConnection>): void {
  const now = performance.now();
  for (const connection of connections.values()) {
    connection.watch(now);
    const isSilent =
      connection.phase.kind === "new" && now - connection.openedAt > registerTimeoutMs;
    if (isSilent) connection.close("no-client-registered");
  }
}

function receive(options: CtiOptions, connection: CtiConnection, text: string): void {
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
  handle(options, connection, message);
}

const waitingMax = 100;

function handle(
  options: CtiOptions,
  connection: CtiConnection,
  message: TlibRegisterClient | TlibRequest,
): void {
  if (message.request === "RequestRegisterClient") {
    void registerClient(options, connection, message);
    return;
  }
  if (connection.phase.kind !== "registered") {
    return refuse(connection, failureOf("not-registered-client", message.referenceID));
  }
  options.submit({ kind: "ctiRequest", connection: connection.name, request: message });
}

/** Never rejects: a token that cannot be verified is an answer. */
async function registerClient(
  options: CtiOptions,
  connection: CtiConnection,
  message: TlibRegisterClient,
): Promise<void> {
  const waiting: (TlibRegisterClient | TlibRequest)[] = [];
  connection.phase = { kind: "verifying", waiting };
  const identity = await options.tokens.verify(message.token);
  if (!connection.isOpen()) return;
  if (identity === null) {
    connection.phase = { kind: "new" };
    refuse(connection, failureOf("token-invalid", message.referenceID));
  } else {
    connection.phase = { kind: "registered" };
    connection.watchFor(message.addpTimeout, message.addpRemoteTimeout, performance.now());
    if (message.resume !== undefined) connection.catchUp(performance.now());
    options.submit({
      kind: "ctiRegister",
      connection: connection.name,
      referenceID: message.referenceID,
      identity,
      applicationName: message.applicationName,
      resume: message.resume ?? null,
    });
  }
  for (const next of waiting) handle(options, connection, next);
}

function failureOf(errorCode: ErrorCode, referenceID: number): FrameFailure {
  return { errorCode, errorMessage: errorSentence(errorCode), referenceID };
}

function refuse(connection: CtiConnection, failure: FrameFailure): void {
  connection.send({ event: "EventError", ...failure });
}
