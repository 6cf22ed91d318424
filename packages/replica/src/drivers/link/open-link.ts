import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import {
  connect as connectTls,
  createServer as createTlsServer,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";
import type { LinkMessage } from "../../message.ts";
import { createHandshake } from "./handshake.ts";
import { createFrameReader, frameBytesMax, writeFrame } from "./length-prefixed.ts";

/**
 * The link between the two nodes of a pair: one TCP or TLS connection, that either dials. When it
 * closes both dial at once: a refusal says that the other's process is dead, a new connection that
 * it was only the connection (H4). Of two connections at once the one stays that the node of the
 * lower name has dialled.
 */
export interface NodeLink<Input> {
  readonly send: (message: LinkMessage<Input>) => void;
  /** Bytes written since it was opened. */
  readonly bytesSent: () => number;
  readonly close: () => Promise<void>;
}

export interface LinkListener<Input> {
  readonly up: () => void;
  readonly down: (isRefused: boolean) => void;
  readonly message: (message: LinkMessage<Input>) => void;
  /** Sentences for the log: who was turned away, and why. */
  readonly trouble: (sentence: string) => void;
}

export interface LinkOptions {
  /** Names the pair, `site-1`: a node of another pair is turned away. */
  readonly pair: string;
  readonly name: string;
  readonly secret: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly peer: { readonly host: string; readonly port: number };
  /** The connection is encrypted, and both sides show a certificate beside the secret. */
  readonly tls?: LinkTls;
}

/** Texts in PEM. Whoever shows no certificate of one of these authorities is turned away. */
export interface LinkTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: readonly string[];
}

/**
 * A process that dies closes its connections before or after its listener: who dials between the
 * two meets one that nobody serves, and asks again soon; then later and later.
 */
const firstRedialMs = 5;
const longestRedialMs = 100;
const handshakeMaxMs = 1_000;
/** A dial that nobody answers, neither yes nor no. */
const dialMaxMs = 150;
/** A stranger does not fill the log. */
const complaintsMax = 20;
/** The other node reads too slowly: it is as good as gone. */
const unsentBytesMax = 268_435_456;

export async function openLink<Input>(
  options: LinkOptions,
  listener: LinkListener<Input>,
): Promise<NodeLink<Input>> {
  const link = new OpenLink(options, listener);
  await link.listen();
  link.dial();
  return {
    send: (message) => link.send(message),
    bytesSent: () => link.bytesSent,
    close: () => link.close(),
  };
}

/** Both ends are ours: nothing older need be spoken. */
function secured({ cert, key, ca }: LinkTls): SecureContextOptions {
  return { cert, key, ca: [...ca], minVersion: "TLSv1.3" };
}

/** Anything but the system's own words about a connection that is not there. */
function isOfTls({ code = "" }: NodeJS.ErrnoException): boolean {
  return !/^E[A-Z]+$/.test(code) || code === "EPROTO";
}

interface Line {
  readonly socket: Socket;
  readonly isDialled: boolean;
}

/** Sockets and timers, held together for as long as the node lives. */
class OpenLink<Input> {
  readonly options: LinkOptions;
  readonly listener: LinkListener<Input>;
  readonly server: Server;
  readonly sockets = new Set<Socket>();
  current: Line | null = null;
  dialling: Socket | null = null;
  redial: NodeJS.Timeout | null = null;
  redialMs = firstRedialMs;
  readonly complaints = new Set<string>();
  isClosed = false;
  bytesSent = 0;

  constructor(options: LinkOptions, listener: LinkListener<Input>) {
    this.options = options;
    this.listener = listener;
    const accept = (socket: Socket): void => this.begin({ socket, isDialled: false });
    const { tls } = options;
    this.server =
      tls === undefined
        ? createServer({ noDelay: true }, accept)
        : createTlsServer(
            {
              ...secured(tls),
              requestCert: true,
              rejectUnauthorized: true,
              handshakeTimeout: handshakeMaxMs,
            },
            accept,
          );
    this.server.on("tlsClientError", (error: Error) =>
      this.complain(`somebody at the link showed no certificate that we trust: ${error.message}`),
    );
  }

  /** Each sentence once, until the link is up: dials are many. */
  complain(sentence: string): void {
    if (this.complaints.size >= complaintsMax || this.complaints.has(sentence)) return;
    this.complaints.add(sentence);
    this.listener.trouble(sentence);
  }

  listen(): Promise<void> {
    const { host, port } = this.options.listen;
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ host, port, exclusive: true }, () => {
        this.server.removeListener("error", reject);
        resolve();
      });
    });
  }

  dial(): void {
    if (this.isClosed || this.current !== null || this.dialling !== null) return;
    const { peer, listen, tls } = this.options;
    const where = { host: peer.host, port: peer.port, localAddress: listen.host };
    const socket: Socket | TLSSocket =
      tls === undefined
        ? connectTcp(where)
        : connectTls({ ...where, ...secured(tls), checkServerIdentity: () => undefined });
    this.dialling = socket;
    let isOver = false;
    const over = (isRefused: boolean): void => {
      if (isOver) return;
      isOver = true;
      if (this.dialling === socket) this.dialling = null;
      if (this.isClosed || this.current !== null) return;
      this.listener.down(isRefused);
      this.redialLater();
    };
    const patience = setTimeout(() => socket.destroy(), dialMaxMs);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (tls !== undefined && isOfTls(error)) {
        this.complain(`TLS to ${peer.host}:${peer.port} failed: ${error.message}`);
      }
      over(error.code === "ECONNREFUSED");
    });
    socket.once("close", () => {
      clearTimeout(patience);
      over(false);
    });
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      clearTimeout(patience);
      this.begin({ socket, isDialled: true });
    });
  }

  redialLater(): void {
    if (this.redial !== null || this.isClosed) return;
    this.redial = setTimeout(() => {
      this.redial = null;
      this.dial();
    }, this.redialMs);
    this.redialMs = Math.min(2 * this.redialMs, longestRedialMs);
  }

  /** A connection stands: now both show who they are. */
  begin(line: Line): void {
    const { socket, isDialled } = line;
    const { pair, name, secret } = this.options;
    this.sockets.add(socket);
    socket.setNoDelay(true);
    const reader = createFrameReader();
    const handshake = createHandshake({ pair, name, secret, isDialler: isDialled });
    const patience = setTimeout(() => socket.destroy(), handshakeMaxMs);
    let isProved = false;
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      clearTimeout(patience);
      this.sockets.delete(socket);
      this.closed(socket);
    });
    socket.on("data", (bytes: Buffer) => {
      const frames = reader.read(bytes);
      if (frames === null) return void socket.destroy();
      for (const text of frames) {
        if (isProved) {
          if (this.current?.socket === socket) this.receive(text, socket);
          continue;
        }
        const step = handshake.hear(text);
        if (step.kind === "answer") socket.write(writeFrame(step.text));
        else if (step.kind === "refused") {
          this.complain(`somebody at ${socket.remoteAddress ?? "?"} was turned away from \
the link: ${step.why}`);
          socket.destroy();
          return;
        } else {
          isProved = true;
          clearTimeout(patience);
          reader.allow(frameBytesMax);
          this.prove(line, step.peer);
        }
      }
    });
    socket.write(writeFrame(handshake.opening));
  }

  prove(line: Line, peer: string): void {
    if (this.dialling === line.socket) this.dialling = null;
    const before = this.current;
    const isPreferred = line.isDialled === this.options.name < peer;
    // The other end decides by the same rule, so that both keep the same one.
    if (before !== null && before.isDialled !== line.isDialled && !isPreferred) {
      line.socket.destroy();
      return;
    }
    this.current = line;
    this.complaints.clear();
    this.redialMs = firstRedialMs;
    before?.socket.destroy();
    if (before !== null) this.listener.down(false);
    this.listener.up();
  }

  receive(text: string, socket: Socket): void {
    let message: LinkMessage<Input>;
    try {
      message = JSON.parse(text) as LinkMessage<Input>; // of a node that knows the pair's secret
    } catch {
      this.listener.trouble("the other node sent what cannot be read");
      socket.destroy();
      return;
    }
    this.listener.message(message);
  }

  closed(socket: Socket): void {
    if (this.current?.socket !== socket) return;
    this.current = null;
    this.dial(); // its outcome is what the node is told
  }

  send(message: LinkMessage<Input>): void {
    const { current } = this;
    if (current === null) return;
    if (current.socket.writableLength > unsentBytesMax) return void current.socket.destroy();
    const frame = writeFrame(JSON.stringify(message));
    this.bytesSent += frame.length;
    current.socket.write(frame);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.redial !== null) clearTimeout(this.redial);
    this.current = null;
    this.dialling?.destroy();
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
