import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { Transport } from "@tandem/switch";
import { sipLimits } from "@tandem/sip";
import { WebSocketServer, type WebSocket } from "ws";
import { isIpv6, placeOf, plainHost } from "./address.ts";
import type { Ends } from "./connections.ts";
import type { HandshakeBudget } from "./handshake-budget.ts";
import { tlsVersionMin, type TlsMaterial } from "./tls-identity.ts";
import type { Visit, Visitors } from "./visitors.ts";

/**
 * Where connections come in. All of them are counted at the door, before anything is read; those
 * with TLS wait for their handshake's turn; WebSockets must speak `sip` and come from a page that
 * may (RFC 7118 §4, RFC 6455 §4.2).
 *
 *     socket ─▶ visitor ─▶ [handshake budget ─▶ TLS] ─▶ stream, or [HTTP upgrade ─▶ WebSocket]
 */
export interface Door {
  readonly close: () => Promise<void>;
}

export interface DoorOptions {
  readonly transport: Exclude<Transport, "UDP">;
  readonly host: string;
  readonly port: number;
  readonly servers: DoorServers;
  readonly origins: readonly string[];
  readonly visitors: Visitors;
  readonly handshakes: HandshakeBudget;
  readonly counts: DoorCounts;
  readonly onStream: (socket: Socket, ends: Ends, visit: Visit) => void;
  readonly onWebSocket: (socket: WebSocket, ends: Ends, visit: Visit) => void;
}

export interface DoorCounts {
  /** TLS handshakes that failed: an old version, no common cipher, no certificate. */
  handshakesFailed: number;
  /** WebSocket upgrades refused: no `sip` among the subprotocols, or a page that may not. */
  upgradesRefused: number;
}

const handshakeTimeoutMs = 10_000;
const upgradeTimeoutMs = 10_000;
const subprotocol = "sip";

/** A server behind the doors, and for whom it works. */
interface Behind {
  readonly server: Pick<Server, "emit">;
  door: OpenDoor | null;
}

interface OpenDoor {
  readonly options: DoorOptions;
  readonly visitOf: (socket: Socket) => Visit | undefined;
}

/**
 * The servers behind the doors: what a socket goes on to, nothing for plain TCP. They listen
 * nowhere and outlive the doors, for a TLS context takes a millisecond or two to make, and whoever
 * takes a site over has none to spare.
 */
export interface DoorServers {
  readonly behind: (transport: DoorOptions["transport"], host: string) => Behind | null;
}

export function createDoorServers(tls: TlsMaterial | null): DoorServers {
  const made = new Map<string, Behind>();
  return {
    behind(transport, host) {
      if (transport === "TCP") return null;
      const key = `${transport} ${isIpv6(host) ? "6" : "4"}`; // a door of either family
      const known = made.get(key);
      if (known !== undefined) return known;
      const behind = serverBehind(transport, tls);
      made.set(key, behind);
      return behind;
    },
  };
}

export async function openDoor(options: DoorOptions): Promise<Door> {
  const visits = new Map<string, Visit>();
  const behind = options.servers.behind(options.transport, options.host);
  const inner = behind?.server ?? null;
  const visitOf = (socket: Socket): Visit | undefined =>
    visits.get(placeOf("", plainHost(socket.remoteAddress ?? ""), socket.remotePort ?? 0));
  if (behind !== null) behind.door = { options, visitOf };
  const isSecure = options.transport === "TLS" || options.transport === "WSS";
  const server = createServer({ pauseOnConnect: isSecure }, (socket) => {
    const { remoteAddress, remotePort = 0 } = socket;
    if (remoteAddress === undefined) return void socket.destroy();
    const source = plainHost(remoteAddress);
    const visit = options.visitors.admit(source, () => socket.destroy(), performance.now());
    if (visit === null) return void socket.destroy();
    const place = placeOf("", source, remotePort);
    visits.set(place, visit);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      visits.delete(place);
      visit.leave();
    });
    if (inner === null) options.onStream(socket, endsOf(options, socket), visit);
    else if (isSecure) options.handshakes.enter(socket, () => inner.emit("connection", socket));
    else inner.emit("connection", socket);
  });
  await listen(server, options.host, options.port);
  return {
    close() {
      if (behind?.door?.options === options) behind.door = null;
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function serverBehind(transport: "TLS" | "WS" | "WSS", tls: TlsMaterial | null): Behind {
  const behind = (server: Server): Behind => ({ server, door: null });
  switch (transport) {
    case "TLS": {
      const server = createTlsServer(tlsOptions(tls));
      const own = countFailures(server, behind(server));
      server.on("secureConnection", (socket: TLSSocket) => {
        const visit = own.door?.visitOf(socket);
        if (own.door === null || visit === undefined) socket.destroy();
        else own.door.options.onStream(socket, endsOf(own.door.options, socket), visit);
      });
      return own;
    }
    case "WS": {
      const server = createHttpServer(httpLimits);
      return takeUpgrades(server, behind(server));
    }
    case "WSS": {
      const server = createHttpsServer({ ...httpLimits, ...tlsOptions(tls) });
      return takeUpgrades(server, countFailures(server, behind(server)));
    }
  }
}

const httpLimits = {
  maxHeaderSize: 8_192,
  headersTimeout: upgradeTimeoutMs,
  requestTimeout: upgradeTimeoutMs,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 1_000,
} as const;

function tlsOptions(tls: TlsMaterial | null): TlsOptions {
  if (tls === null)
    throw new Error("ports `sips` and `wss` need `tls` in the settings: certificate and key");
  return {
    key: tls.key,
    cert: tls.certificate,
    minVersion: tlsVersionMin,
    handshakeTimeout: handshakeTimeoutMs,
    ...(tls.authorities.length === 0 ? {} : { ca: [...tls.authorities] }),
    requestCert: tls.clientCertificates === "required",
    rejectUnauthorized: tls.clientCertificates === "required",
  };
}

function countFailures(server: Server, behind: Behind): Behind {
  server.on("tlsClientError", (_error: Error, socket: TLSSocket) => {
    if (behind.door !== null) behind.door.options.counts.handshakesFailed += 1;
    socket.destroy();
  });
  return behind;
}

function takeUpgrades(http: Server, behind: Behind): Behind {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: sipLimits.messageBytesMax,
    perMessageDeflate: false,
    autoPong: false,
    handleProtocols: () => subprotocol,
  });
  http.on("request", (_request, response) => {
    response.writeHead(426, { Upgrade: "websocket", Connection: "Upgrade, close" }).end();
  });
  http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (behind.door === null) return void socket.destroy();
    const { options, visitOf } = behind.door;
    const visit = visitOf(socket);
    const refusal = visit === undefined ? "503 Service Unavailable" : refusalOf(request, options);
    if (visit === undefined || refusal !== null) {
      options.counts.upgradesRefused += 1;
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      options.onWebSocket(webSocket, endsOf(options, socket), visit),
    );
  });
  return behind;
}

function refusalOf(request: IncomingMessage, { origins }: DoorOptions): string | null {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(/\s*,\s*/);
  if (!offered.includes(subprotocol)) return "400 Bad Request";
  const { origin } = request.headers;
  // Without an Origin it is no browser, and no page rides on somebody's session.
  const isWelcome = origin === undefined || origins.includes("*") || origins.includes(origin);
  return isWelcome ? null : "403 Forbidden";
}

function endsOf({ transport, host, port }: DoorOptions, socket: Socket): Ends {
  return {
    transport,
    localHost: host,
    localPort: port,
    remoteHost: plainHost(socket.remoteAddress ?? ""),
    remotePort: socket.remotePort ?? 0,
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(":") }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
