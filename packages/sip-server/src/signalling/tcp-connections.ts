import { connect, createServer, type Server, type Socket } from "node:net";
import { createStream, pushStream } from "@tandem/sip";
import type { Flow, FlowTarget } from "@tandem/switch";

/**
 * SIP over TCP: connections that phones, trunks and the peer open to us, and those we open. Each is
 * a flow named (epoch, number). What cannot be sent is told, so that a transaction need not wait for
 * its timer.
 */
export interface TcpConnections {
  readonly send: (target: FlowTarget, text: string) => void;
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

export interface TcpOptions {
  readonly host: string;
  readonly port: number;
  readonly epoch: number;
  readonly receive: (text: string, flow: Flow) => void;
  readonly failed: (
    target: FlowTarget,
    text: string,
    reason: "refused" | "timeout" | "reset",
  ) => void;
  readonly flowClosed: (name: string) => void;
}

const connectionsMax = 20_000;
const connectTimeoutMs = 2_000;
/** A connection that sends nothing whole for this long after its first byte of a message is closed. */
const messageTimeoutMs = 10_000;
const unsentBytesMax = 1_048_576;

interface Connection {
  readonly socket: Socket;
  readonly name: string;
  readonly flow: Flow;
  isOpen: boolean;
  /** Sent before the connection came up. */
  readonly waiting: { readonly target: FlowTarget; readonly text: string }[];
}

export async function openTcp(options: TcpOptions): Promise<TcpConnections> {
  const byName = new Map<string, Connection>();
  const byAddress = new Map<string, Connection>();
  let nextNumber = 1;

  function adopt(socket: Socket, remoteHost: string, remotePort: number): Connection {
    const name = `${options.epoch}.${nextNumber}`;
    nextNumber += 1;
    const flow: Flow = {
      transport: "TCP",
      name,
      localHost: options.host,
      localPort: options.port,
      remoteHost,
      remotePort,
    };
    const connection: Connection = { socket, name, flow, isOpen: false, waiting: [] };
    byName.set(name, connection);
    socket.setNoDelay(true);
    readMessages(socket, (text) => options.receive(text, flow));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      byName.delete(name);
      const key = `${remoteHost}:${remotePort}`;
      if (byAddress.get(key) === connection) byAddress.delete(key);
      options.flowClosed(name);
    });
    return connection;
  }

  function dial(target: FlowTarget): Connection {
    const socket = connect({
      host: target.host,
      port: target.port,
      localAddress: options.host,
      family: target.host.includes(":") ? 6 : 4,
    });
    const connection = adopt(socket, target.host, target.port);
    byAddress.set(`${target.host}:${target.port}`, connection);
    let reason: "refused" | "timeout" | "reset" = "reset";
    const patience = setTimeout(() => {
      reason = "timeout";
      socket.destroy();
    }, connectTimeoutMs);
    socket.once("connect", () => {
      clearTimeout(patience);
      connection.isOpen = true;
      for (const { text } of connection.waiting.splice(0)) socket.write(text, "latin1");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") reason = "refused";
    });
    socket.once("close", () => {
      clearTimeout(patience);
      for (const { target: to, text } of connection.waiting.splice(0)) {
        options.failed(to, text, reason);
      }
    });
    return connection;
  }

  const server = createServer((socket) => {
    if (byName.size >= connectionsMax || socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const connection = adopt(socket, socket.remoteAddress, socket.remotePort ?? 0);
    connection.isOpen = true;
    byAddress.set(`${socket.remoteAddress}:${socket.remotePort ?? 0}`, connection);
  });
  await listen(server, options.host, options.port);

  return {
    send(target, text) {
      const known = byName.get(target.name) ?? byAddress.get(`${target.host}:${target.port}`);
      const connection = known ?? dial(target);
      if (!connection.isOpen) {
        connection.waiting.push({ target, text });
        return;
      }
      if (connection.socket.writableLength > unsentBytesMax) {
        connection.socket.destroy(); // it reads nothing: better an error now than memory
        options.failed(target, text, "timeout");
        return;
      }
      connection.socket.write(text, "latin1");
    },
    count: () => byName.size,
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of byName.values()) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function readMessages(socket: Socket, receive: (text: string) => void): void {
  const stream = createStream();
  let slow: NodeJS.Timeout | null = null;
  socket.on("data", (bytes: Buffer) => {
    const pushed = pushStream(stream, bytes.toString("latin1"));
    if (pushed.keepAlives > 0) socket.write("\r\n"); // RFC 5626 §4.4.1
    for (const text of pushed.messages) receive(text);
    if (pushed.failure !== undefined) {
      socket.destroy();
      return;
    }
    if (slow !== null) clearTimeout(slow);
    slow = stream.pending === "" ? null : setTimeout(() => socket.destroy(), messageTimeoutMs);
  });
  socket.once("close", () => {
    if (slow !== null) clearTimeout(slow);
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
