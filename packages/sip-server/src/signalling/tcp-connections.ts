import { connect, createServer, type Server, type Socket } from "node:net";
import { createStream, pushStream } from "@tandem/sip";
import type { Flow, FlowTarget } from "@tandem/switch";

/**
 * SIP over TCP: connections that phones, trunks and the peer open to us, and those we open. Each is
 * a flow named (epoch, number). What cannot be sent is told, so that a transaction need not wait
 * for its timer.
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
  readonly flowClosed: (name: string, remoteHost: string) => void;
}

const connectionsMax = 20_000;
const connectTimeoutMs = 2_000;
/**
 * A connection that sends nothing whole for this long after its first byte of a message is closed.
 */
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

/** The connections there are, by flow name and by the far end's address. */
interface Table {
  readonly options: TcpOptions;
  readonly byName: Map<string, Connection>;
  readonly byAddress: Map<string, Connection>;
  nextNumber: number;
}

export async function openTcp(options: TcpOptions): Promise<TcpConnections> {
  const table: Table = { options, byName: new Map(), byAddress: new Map(), nextNumber: 1 };
  const server = createServer((socket) => accept(table, socket));
  await listen(server, options.host, options.port);
  return {
    send: (target, text) => send(table, target, text),
    count: () => table.byName.size,
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of table.byName.values()) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function send(table: Table, target: FlowTarget, text: string): void {
  const address = `${target.host}:${target.port}`;
  const known = table.byName.get(target.name) ?? table.byAddress.get(address);
  const connection = known ?? dial(table, target);
  if (!connection.isOpen) {
    connection.waiting.push({ target, text });
    return;
  }
  if (connection.socket.writableLength > unsentBytesMax) {
    connection.socket.destroy(); // it reads nothing: better an error now than memory
    table.options.failed(target, text, "timeout");
    return;
  }
  connection.socket.write(text, "latin1");
}

function accept(table: Table, socket: Socket): void {
  const { remoteAddress, remotePort = 0 } = socket;
  if (table.byName.size >= connectionsMax || remoteAddress === undefined) {
    socket.destroy();
    return;
  }
  const connection = adopt(table, socket, remoteAddress, remotePort);
  connection.isOpen = true;
}

function adopt(table: Table, socket: Socket, remoteHost: string, remotePort: number): Connection {
  const { options } = table;
  const name = `${options.epoch}.${table.nextNumber}`;
  table.nextNumber += 1;
  const flow: Flow = {
    transport: "TCP",
    name,
    localHost: options.host,
    localPort: options.port,
    remoteHost,
    remotePort,
  };
  const connection: Connection = { socket, name, flow, isOpen: false, waiting: [] };
  const address = `${remoteHost}:${remotePort}`;
  table.byName.set(name, connection);
  table.byAddress.set(address, connection);
  socket.setNoDelay(true);
  readMessages(socket, (text) => options.receive(text, flow));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    table.byName.delete(name);
    if (table.byAddress.get(address) === connection) table.byAddress.delete(address);
    options.flowClosed(name, remoteHost);
  });
  return connection;
}

function dial(table: Table, target: FlowTarget): Connection {
  const socket = connect({
    host: target.host,
    port: target.port,
    localAddress: table.options.host,
    family: target.host.includes(":") ? 6 : 4,
  });
  const connection = adopt(table, socket, target.host, target.port);
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
      table.options.failed(to, text, reason);
    }
  });
  return connection;
}

function readMessages(socket: Socket, receive: (text: string) => void): void {
  const stream = createStream();
  let slow: NodeJS.Timeout | null = null;
  socket.on("data", (bytes: Buffer) => {
    const pushed = pushStream(stream, bytes.toString("latin1"));
    if (pushed.keepAlives > 0) socket.write("\r\n"); // RFC 5626 §4.4.1
    for (const text of pushed.messages) receive(text);
    if (pushed.failure !== undefined) {
      if (pushed.failedHead !== undefined) receive(pushed.failedHead);
      socket.end(() => socket.destroy()); // after the 400, if it is worth one
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
