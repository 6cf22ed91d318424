import { connect, type Socket } from "node:net";
import type { Arbiter, ArbiterAnswer, ArbiterRequest } from "../../arbiter.ts";
import {
  createLines,
  freshNonce,
  isNonce,
  isProof,
  lineBytesMax,
  proofOf,
  writeLine,
} from "./served-proof.ts";
import { isObject, parseObject, readView } from "./view-text.ts";

/**
 * A client of `serve-arbiter.ts`. It dials again by itself; what is not answered in time, or was
 * under way when the connection ended, is `unknown`.
 */
export interface ServedArbiterOptions {
  readonly host: string;
  readonly port: number;
  readonly pair: string;
  readonly secret: string;
  readonly timeoutMs?: number;
  /** What keeps it from answering, once each time that this changes. */
  readonly tell?: (sentence: string) => void;
}

const timeoutPresetMs = 300;
const redialMs = 50;
/** Questions under way; a node has two. */
const waitingMax = 32;

interface Waiting {
  readonly request: ArbiterRequest;
  readonly settle: (answer: ArbiterAnswer) => void;
  isSent: boolean;
}

interface Client {
  readonly options: ServedArbiterOptions;
  readonly waiting: Map<number, Waiting>;
  socket: Socket | null;
  isProved: boolean;
  isClosed: boolean;
  redial: NodeJS.Timeout | null;
  lastTold: string;
}

export function openServedArbiter(options: ServedArbiterOptions): Arbiter {
  const client: Client = {
    options,
    waiting: new Map(),
    socket: null,
    isProved: false,
    isClosed: false,
    redial: null,
    lastTold: "",
  };
  let lastId = 0;
  dial(client);
  return {
    ask: (request) =>
      new Promise((resolve) => {
        if (client.isClosed || client.waiting.size >= waitingMax) {
          return resolve({ kind: "unknown" });
        }
        lastId += 1;
        const id = lastId;
        const settle = (answer: ArbiterAnswer): void => {
          clearTimeout(patience);
          client.waiting.delete(id);
          resolve(answer);
        };
        const patience = setTimeout(
          () => settle({ kind: "unknown" }),
          options.timeoutMs ?? timeoutPresetMs,
        );
        client.waiting.set(id, { request, settle, isSent: false });
        if (client.isProved) sendWaiting(client);
      }),
    close() {
      client.isClosed = true;
      if (client.redial !== null) clearTimeout(client.redial);
      client.socket?.destroy();
      for (const { settle } of client.waiting.values()) settle({ kind: "unknown" });
      return Promise.resolve();
    },
  };
}

function tell(client: Client, sentence: string): void {
  if (client.lastTold === sentence) return;
  client.lastTold = sentence;
  if (sentence !== "") client.options.tell?.(sentence);
}

function dial(client: Client): void {
  const { host, port } = client.options;
  const socket = connect({ host, port });
  const lines = createLines(() => lineBytesMax);
  const hear = createHearing(client, socket);
  client.socket = socket;
  socket.setNoDelay(true);
  socket.on("error", (error) => tell(client, `arbiter at ${host}:${port}: ${error.message}`));
  socket.on("data", (bytes) => {
    const whole = lines.read(bytes);
    if (whole === null || !whole.every(hear)) socket.destroy();
  });
  socket.on("close", () => {
    client.isProved = false;
    client.socket = null;
    for (const { isSent, settle } of client.waiting.values()) {
      if (isSent) settle({ kind: "unknown" });
    }
    if (!client.isClosed) client.redial = setTimeout(() => dial(client), redialMs);
  });
}

/** What comes of each line; false ends the connection. */
function createHearing(client: Client, socket: Socket): (line: string) => boolean {
  const { pair, secret } = client.options;
  const own = freshNonce();
  let theirs: string | null = null;
  return (line) => {
    const said = parseObject(line);
    if (said === null) return false;
    if (typeof said["error"] === "string") tell(client, `arbiter: ${said["error"]}`);
    if (client.isProved) return onAnswer(client, said["id"], said["answer"]);
    if (theirs === null) {
      const { nonce } = said;
      if (!isNonce(nonce)) return false;
      theirs = nonce;
      const proof = proofOf(secret, "client", pair, { server: nonce, client: own });
      writeLine(socket, { pair, nonce: own, proof });
      return true;
    }
    const expected = proofOf(secret, "server", pair, { server: theirs, client: own });
    if (!isProof(said["proof"], expected)) return false;
    client.isProved = true;
    tell(client, "");
    sendWaiting(client);
    return true;
  };
}

function sendWaiting(client: Client): void {
  for (const [id, waiting] of client.waiting) {
    if (waiting.isSent || client.socket === null) continue;
    waiting.isSent = true;
    writeLine(client.socket, { id, ask: waiting.request });
  }
}

function onAnswer(client: Client, id: unknown, said: unknown): boolean {
  if (typeof id !== "number") return false;
  client.waiting.get(id)?.settle(readAnswer(said) ?? { kind: "unknown" });
  return true;
}

function readAnswer(said: unknown): ArbiterAnswer | null {
  if (!isObject(said)) return null;
  const { kind, hasLease } = said;
  if (kind === "changed" || kind === "renewed" || kind === "lapsed") return { kind };
  if ((kind !== "read" && kind !== "notChanged") || typeof hasLease !== "boolean") return null;
  if (said["view"] === null) return { kind, view: null, hasLease };
  const view = readView(said["view"]);
  return view === null ? null : { kind, view, hasLease };
}
