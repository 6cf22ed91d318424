/**
 * ConfigLib on WebSocket: `/config`, subprotocol `tandem.config.1` (cti.md, Wire). Frames are read
 * by their schemas; a client that reads too slowly, does not log in, or is silent for good is
 * closed.
 */
import type { IncomingMessage } from "node:http";
import {
  type AddpFrame,
  type ConfigEvent,
  createAddp,
  decodeConfigRequest,
  errorSentence,
  frameBytesMax,
  serverAddpTimes,
  stepAddp,
} from "@tandem/cti";
import { describeListenError } from "@tandem/service";
import { type WebSocket, WebSocketServer } from "ws";
import type { ChangeEvent } from "./change-log.ts";
import { type SessionServer, createConfigSession } from "./config-session.ts";

export interface ConfigEdge {
  readonly port: number;
  readonly tellAll: (events: readonly ChangeEvent[]) => void;
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

export interface ConfigEdgeOptions {
  readonly host: string;
  readonly port: number;
  /** Origins that browsers may come from, or `*`; a client without an Origin is no browser. */
  readonly origins: readonly string[];
  readonly server: SessionServer;
}

const subprotocol = "tandem.config.1";
const connectionsMax = 20_000;
/** Bytes that a client may leave unread. */
const unreadBytesMax = 4_194_304;
const loginTimeoutMs = 10_000;
/** TCP finds a client that is gone without a word. */
const keepAliveMs = 30_000;

interface Client {
  readonly tell: (event: ChangeEvent) => void;
  readonly close: () => void;
}

/** Rejects with a sentence when the address cannot be had. */
export async function openConfigEdge(options: ConfigEdgeOptions): Promise<ConfigEdge> {
  const clients = new Set<Client>();
  const sockets = new WebSocketServer({
    host: options.host,
    port: options.port,
    path: "/config",
    maxPayload: frameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    verifyClient: ({ origin, req }: { readonly origin?: string; readonly req: IncomingMessage }) =>
      clients.size < connectionsMax && isWelcome(options.origins, origin, req),
  });
  await new Promise<void>((resolve, reject) => {
    sockets.once("listening", resolve);
    sockets.once("error", (error) => {
      reject(new Error(describeListenError(error, "ConfigLib", options), { cause: error }));
    });
  });
  sockets.on("connection", (socket, request) => {
    request.socket.setKeepAlive(true, keepAliveMs);
    const client = serveClient(options.server, socket, request.socket.remoteAddress ?? "");
    clients.add(client);
    socket.once("close", () => clients.delete(client));
  });
  const address = sockets.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    tellAll(events) {
      for (const event of events) for (const client of clients) client.tell(event);
    },
    count: () => clients.size,
    close: () =>
      new Promise((resolve) => {
        for (const client of clients) client.close();
        for (const socket of sockets.clients) socket.terminate();
        sockets.close(() => resolve());
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

function serveClient(server: SessionServer, socket: WebSocket, source: string): Client {
  const write = (value: ConfigEvent | AddpFrame): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > unreadBytesMax) return socket.terminate(); // it may connect again
    socket.send(JSON.stringify(value));
  };
  const session = createConfigSession(server, source, write);
  // The client watches; this side only answers its polls (it asked for nothing else).
  const times = serverAddpTimes(undefined, undefined);
  let addp = createAddp(times, performance.now());
  const receivedAddp = (frame: AddpFrame): void => {
    const step = stepAddp(addp, { kind: "received", frame }, times, performance.now());
    addp = step.next;
    for (const effect of step.effects) if (effect.kind === "send") write(effect.frame);
  };
  const loginTimer = setTimeout(() => {
    if (!session.isLoggedIn()) socket.close(1008, "no login");
  }, loginTimeoutMs);
  socket.on("message", (bytes: Buffer, isBinary: boolean) => {
    const decoded = isBinary
      ? { ok: false as const, failure: binaryFailure }
      : decodeConfigRequest(bytes.toString("utf8"));
    if (!decoded.ok) write({ event: "EventError", ...decoded.failure });
    else if ("addp" in decoded.value) receivedAddp(decoded.value);
    else session.receive(decoded.value);
  });
  socket.on("error", () => socket.terminate()); // a frame too large or broken: ws says which
  socket.once("close", () => clearTimeout(loginTimer));
  return { tell: session.tell, close: () => socket.close(1001, "the server stops") };
}

const binaryFailure = {
  errorCode: "not-json",
  errorMessage: errorSentence("not-json"),
} as const;
