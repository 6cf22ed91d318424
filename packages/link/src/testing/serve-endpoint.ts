import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";

/**
 * Puts a fake server of `@tandem/cti/testing` behind a real WebSocket on loopback, with what can
 * happen to a process: killed, frozen, started again on the same port.
 */
export interface FakeEndpoint {
  readonly connect: (connection: string, send: (text: string) => void) => void;
  readonly receive: (connection: string, text: string) => void;
  readonly disconnect: (connection: string) => void;
}

export interface ServedEndpoint {
  readonly url: string;
  /** Connections are reset and the port refuses. */
  readonly kill: () => Promise<void>;
  /** Accepts at the same port again. */
  readonly revive: () => Promise<void>;
  /** Stopped like by SIGSTOP: TCP connects, nothing is read or answered. */
  readonly freeze: (isOn: boolean) => void;
  /** Connections are reset; new ones are welcome. */
  readonly dropConnections: () => void;
  readonly connectionCount: () => number;
}

export async function serveEndpoint(
  endpoint: FakeEndpoint,
  path: string,
  subprotocol: string,
  host = "127.0.0.1",
): Promise<ServedEndpoint> {
  const open = new Map<string, WebSocket>();
  const raw = new Set<Duplex>();
  let isFrozen = false;
  let nextConnection = 1;
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  const server = createServer();
  server.on("connection", (socket) => {
    raw.add(socket);
    socket.on("close", () => raw.delete(socket));
    socket.on("error", () => raw.delete(socket));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isFrozen) return;
    if (request.url !== path) {
      socket.destroy();
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket));
  });
  const accept = (webSocket: WebSocket): void => {
    const connection = `connection-${nextConnection}`;
    nextConnection += 1;
    open.set(connection, webSocket);
    endpoint.connect(connection, (text) => {
      if (!isFrozen) webSocket.send(text);
    });
    webSocket.on("message", (data) => {
      if (!isFrozen) endpoint.receive(connection, (data as Buffer).toString("utf8"));
    });
    webSocket.on("close", () => {
      open.delete(connection);
      endpoint.disconnect(connection);
    });
  };
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  const dropConnections = (): void => {
    for (const webSocket of open.values()) webSocket.terminate();
    for (const socket of raw) socket.destroy();
  };
  await listen(0);
  const { port } = server.address() as AddressInfo; // it listens on an address
  return {
    url: `ws://${host}:${port}${path}`,
    kill: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropConnections();
      }),
    revive: () => listen(port),
    freeze: (isOn) => {
      isFrozen = isOn;
    },
    dropConnections,
    connectionCount: () => open.size,
  };
}
