/**
 * The sockets of one phone: UDP, and TCP connections that it opens or that are opened to it. Hands
 * up whole messages; says which message could not be sent and which connection is gone.
 */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, connect, type Server, type Socket as TcpSocket } from "node:net";
import { createStream, pushStream } from "@tandem/sip";
import type { Address } from "../machine/settings.ts";

export interface TransportHandlers {
  readonly onMessage: (source: Address, text: string) => void;
  readonly onSendFailed: (target: Address, text: string) => void;
  readonly onClosed: (target: Address) => void;
}

/** Messages that wait for one connection to come up. */
const queueMax = 64;
const connectTimeoutMs = 4_000;

interface Connection {
  readonly socket: TcpSocket;
  readonly address: Address;
  isOpen: boolean;
  readonly queue: string[];
}

export class SipTransport {
  readonly #host: string;
  readonly #handlers: TransportHandlers;
  readonly #udp: UdpSocket;
  #server: Server | undefined;
  readonly #connections = new Map<string, Connection>();
  #isClosed = false;

  private constructor(host: string, handlers: TransportHandlers) {
    this.#host = host;
    this.#handlers = handlers;
    this.#udp = createSocket(host.includes(":") ? "udp6" : "udp4");
  }

  /** Binds UDP and TCP; rejects when the address is taken. */
  static async open(
    host: string,
    port: number,
    handlers: TransportHandlers,
  ): Promise<SipTransport> {
    const transport = new SipTransport(host, handlers);
    await transport.#bindUdp(port);
    try {
      await transport.#listenTcp(port);
    } catch (error) {
      transport.#udp.close();
      throw error;
    }
    return transport;
  }

  send(target: Address, text: string): void {
    if (this.#isClosed) return;
    if (target.transport === "UDP") {
      this.#udp.send(Buffer.from(text, "latin1"), target.port, target.host, (error) => {
        if (error !== null && !this.#isClosed) this.#handlers.onSendFailed(target, text);
      });
      return;
    }
    const connection = this.#connections.get(keyOf(target)) ?? this.#connectTo(target);
    if (connection.isOpen) connection.socket.write(text, "latin1");
    else if (connection.queue.length < queueMax) connection.queue.push(text);
    else this.#handlers.onSendFailed(target, text);
  }

  /** Closes everything at once; nothing is handed up any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { socket } of this.#connections.values()) socket.destroy();
    const server = this.#server;
    await Promise.all([
      new Promise<void>((resolve) => {
        this.#udp.close(resolve);
      }),
      new Promise<void>((resolve) => {
        if (server === undefined) resolve();
        else {
          server.close(() => {
            resolve();
          });
        }
      }),
    ]);
  }

  #bindUdp(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#udp.once("error", reject);
      this.#udp.bind(port, this.#host, () => {
        this.#udp.off("error", reject);
        // Later errors of an unconnected socket concern single datagrams, which SIP repeats.
        this.#udp.on("error", () => undefined);
        this.#udp.on("message", (bytes, from) => {
          const source: Address = { transport: "UDP", host: from.address, port: from.port };
          if (!this.#isClosed) this.#handlers.onMessage(source, bytes.toString("latin1"));
        });
        resolve();
      });
    });
  }

  #listenTcp(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        const host = socket.remoteAddress ?? "";
        const address: Address = { transport: "TCP", host, port: socket.remotePort ?? 0 };
        this.#adopt(address, socket, true);
      });
      server.once("error", reject);
      server.listen(port, this.#host, () => {
        server.on("error", () => undefined); // concerns single connections that did not come up
        this.#server = server;
        resolve();
      });
    });
  }

  #connectTo(target: Address): Connection {
    const socket = connect({ host: target.host, port: target.port, localAddress: this.#host });
    const connection = this.#adopt(target, socket, false);
    socket.setTimeout(connectTimeoutMs, () => {
      if (!connection.isOpen) socket.destroy();
    });
    socket.once("connect", () => {
      connection.isOpen = true;
      socket.setTimeout(0);
      for (const text of connection.queue.splice(0)) socket.write(text, "latin1");
    });
    return connection;
  }

  #adopt(address: Address, socket: TcpSocket, isOpen: boolean): Connection {
    const connection: Connection = { socket, address, isOpen, queue: [] };
    const stream = createStream();
    this.#connections.set(keyOf(address), connection);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      const output = pushStream(stream, chunk.toString("latin1"));
      // RFC 5626 §3.5.1: each ping gets a pong.
      if (output.keepAlives > 0) socket.write("\r\n".repeat(output.keepAlives));
      for (const text of output.messages)
        if (!this.#isClosed) this.#handlers.onMessage(address, text);
      if (output.failure !== undefined) socket.destroy();
    });
    socket.on("error", () => undefined); // "close" follows and is what counts
    socket.on("close", () => {
      this.#onClose(connection);
    });
    return connection;
  }

  #onClose(connection: Connection): void {
    const key = keyOf(connection.address);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    if (this.#isClosed) return;
    for (const text of connection.queue) this.#handlers.onSendFailed(connection.address, text);
    if (connection.isOpen) this.#handlers.onClosed(connection.address);
  }
}

function keyOf(address: Address): string {
  return `${address.host}:${address.port}`;
}
