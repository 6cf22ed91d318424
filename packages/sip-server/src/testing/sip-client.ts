import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  createStream,
  parseMessage,
  pushStream,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import type { Transport } from "@tandem/switch";
import { WebSocket } from "ws";

/** A client that says what it is told to over any transport, and keeps what it heard. */
export interface SipClient {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  /** Every message, in the order in which it came, once however often it was sent. */
  readonly heard: readonly SipMessage[];
  readonly texts: readonly string[];
  readonly said: readonly string[];
  readonly say: (text: string | Buffer) => void;
  /** The first message, heard already or to come, that is meant and was not taken before. */
  readonly take: (isMeant: (message: SipMessage) => boolean, what: string) => Promise<SipMessage>;
  readonly takeRequest: (method: string) => Promise<SipRequest>;
  /** A final response unless one below 200 is asked for. */
  readonly takeResponse: (method: string, atLeast?: number) => Promise<SipResponse>;
  readonly isClosed: () => boolean;
  /** Resolves when the far end has closed. */
  readonly closed: Promise<void>;
  readonly close: () => void;
}

export interface SipClientChoice {
  readonly transport: Transport;
  readonly from: string;
  readonly server: { readonly host: string; readonly port: number };
  /** PEM of the authority, for TLS and WSS. */
  readonly authority?: string;
  readonly servername?: string;
  readonly key?: string;
  readonly certificate?: string;
  readonly origin?: string;
  readonly protocols?: readonly string[];
}

interface Line {
  readonly port: number;
  readonly say: (text: string | Buffer) => void;
  readonly close: () => void;
}

const patienceMs = 5_000;

export async function connectSip(choice: SipClientChoice): Promise<SipClient> {
  const heard: SipMessage[] = [];
  const texts: string[] = [];
  const said: string[] = [];
  const known = new Set<string>();
  const taken = new Set<SipMessage>();
  const waiters = new Set<() => void>();
  let isClosed = false;
  let tellClosed = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    tellClosed = () => {
      isClosed = true;
      resolve();
    };
  });
  const hear = (text: string): void => {
    texts.push(text);
    const parsed = parseMessage(text);
    if (parsed.ok && !known.has(text)) heard.push(parsed.value);
    known.add(text);
    for (const waiter of waiters) waiter();
  };
  const line = await open(choice, hear, () => tellClosed());
  const take: SipClient["take"] = (isMeant, what) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiters.delete(look);
        reject(
          new Error(`${what} did not come; heard ${texts.slice(-5).map(firstLine).join(" | ")}`),
        );
      }, patienceMs);
      function look(): void {
        const found = heard.find((message) => !taken.has(message) && isMeant(message));
        if (found === undefined) return;
        clearTimeout(late);
        waiters.delete(look);
        taken.add(found);
        resolve(found);
      }
      waiters.add(look);
      look();
    });
  return {
    transport: choice.transport,
    host: choice.from,
    port: line.port,
    heard,
    texts,
    said,
    say(text) {
      said.push(typeof text === "string" ? text : text.toString("latin1"));
      line.say(text);
    },
    take,
    async takeRequest(method) {
      const isMeant = (each: SipMessage) => each.kind === "request" && each.method === method;
      return (await take(isMeant, method)) as SipRequest; // as meant
    },
    async takeResponse(method, atLeast = 200) {
      const isMeant = (each: SipMessage) =>
        each.kind === "response" &&
        each.status >= atLeast &&
        new RegExp(`\nCSeq: *\\d+ ${method}\r`, "i").test(each.headers.text);
      return (await take(isMeant, `response to ${method}`)) as SipResponse; // as meant
    },
    isClosed: () => isClosed,
    closed,
    close: line.close,
  };
}

function firstLine(text: string): string {
  return text.slice(0, text.indexOf("\r\n"));
}

function open(
  choice: SipClientChoice,
  hear: (text: string) => void,
  closed: () => void,
): Promise<Line> {
  switch (choice.transport) {
    case "UDP":
      return openUdp(choice, hear);
    case "TCP":
    case "TLS":
      return openStream(choice, hear, closed);
    case "WS":
    case "WSS":
      return openWebSocket(choice, hear, closed);
  }
}

async function openUdp(choice: SipClientChoice, hear: (text: string) => void): Promise<Line> {
  const { server, from } = choice;
  const socket = createSocket({
    type: from.includes(":") ? "udp6" : "udp4",
    recvBufferSize: 1_048_576,
  });
  socket.bind(0, from);
  await once(socket, "listening");
  socket.on("message", (bytes) => hear(bytes.toString("latin1")));
  return {
    port: socket.address().port,
    say: (text) => socket.send(bytesOf(text), server.port, server.host),
    close: () => socket.close(),
  };
}

async function openStream(
  choice: SipClientChoice,
  hear: (text: string) => void,
  closed: () => void,
): Promise<Line> {
  const socket: Socket = choice.transport === "TCP" ? openTcp(choice) : connectTls(tlsOf(choice));
  await once(socket, choice.transport === "TCP" ? "connect" : "secureConnect");
  const stream = createStream();
  socket.on("data", (bytes: Buffer) => {
    const text = bytes.toString("latin1");
    if (text === "\r\n") hear(text);
    for (const message of pushStream(stream, text).messages) hear(message);
  });
  socket.on("error", () => undefined); // its end is told below
  socket.once("close", closed);
  return {
    port: socket.localPort ?? 0,
    say: (text) => void socket.write(bytesOf(text)),
    close: () => socket.destroy(),
  };
}

function openTcp({ server, from }: SipClientChoice): Socket {
  return connectTcp({ ...server, localAddress: from });
}

function tlsOf(choice: SipClientChoice) {
  const { server, from, authority, servername, key, certificate } = choice;
  return {
    ...server,
    localAddress: from,
    ...(authority === undefined ? {} : { ca: authority }),
    ...(servername === undefined ? {} : { servername }),
    ...(key === undefined || certificate === undefined ? {} : { key, cert: certificate }),
  };
}

async function openWebSocket(
  choice: SipClientChoice,
  hear: (text: string) => void,
  closed: () => void,
): Promise<Line> {
  const scheme = choice.transport === "WS" ? "ws" : "wss";
  const { host, port } = choice.server;
  const place = host.includes(":") ? `[${host}]` : host;
  const socket = new WebSocket(
    `${scheme}://${place}:${port}/`,
    [...(choice.protocols ?? ["sip"])],
    {
      ...tlsOf(choice),
      ...(choice.origin === undefined ? {} : { origin: choice.origin }),
    },
  );
  socket.on("message", (bytes: Buffer) => hear(bytes.toString("latin1")));
  socket.once("close", closed);
  await once(socket, "open");
  socket.on("error", () => undefined); // its end is told above
  return { port: 0, say: (text) => socket.send(bytesOf(text)), close: () => socket.terminate() };
}

function bytesOf(text: string | Buffer): Buffer {
  return typeof text === "string" ? Buffer.from(text, "latin1") : text;
}
