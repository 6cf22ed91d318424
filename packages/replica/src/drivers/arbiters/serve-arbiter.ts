import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type ArbiterStore, createArbiterStore, decide } from "../../arbiter-store.ts";
import { parseObject, readRequest } from "./view-text.ts";
import {
  createLines,
  freshNonce,
  isNonce,
  isProof,
  lineBytesMax,
  pairNameMax,
  proofOf,
  strangerLineBytesMax,
  writeLine,
} from "./served-proof.ts";

/**
 * The arbiter of a supervisor on one machine: a small TCP server, one store a pair, in memory. What
 * it does not understand gets a sentence; a stranger's connection has a kilobyte and two seconds.
 */
export interface ServeArbiterOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly secret: string;
  /** Milliseconds that only go forward. */
  readonly clock?: () => number;
}

export interface ArbiterServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const connectionsMax = 64;
const pairsMax = 64;
const strangerMs = 2_000;

interface Serving {
  readonly secret: string;
  readonly clock: () => number;
  readonly stores: Map<string, ArbiterStore>;
}

/** Rejects where the address cannot be had. */
export async function serveArbiter(options: ServeArbiterOptions): Promise<ArbiterServer> {
  const serving: Serving = {
    secret: options.secret,
    clock: options.clock ?? (() => performance.now()),
    stores: new Map(),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveOne(serving, socket);
  });
  server.maxConnections = connectionsMax;
  await listen(server, options);
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, { host, port }: ServeArbiterOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function serveOne(serving: Serving, socket: Socket): void {
  const nonce = freshNonce();
  let store: ArbiterStore | null = null;
  const lines = createLines(() => (store === null ? strangerLineBytesMax : lineBytesMax));
  const refuse = (error: string): void => {
    writeLine(socket, { error });
    socket.removeAllListeners("data");
    socket.destroySoon();
  };
  const patience = setTimeout(() => refuse("the secret was not proved in time"), strangerMs);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy()); // its end follows: the client dials again
  socket.on("close", () => clearTimeout(patience));
  socket.on("data", (bytes) => {
    const whole = lines.read(bytes);
    if (whole === null) return refuse("the line is too long");
    for (const line of whole) {
      if (store !== null) answer(serving, socket, store, line);
      else {
        const met = meet(serving, nonce, line);
        if (typeof met === "string") return refuse(met);
        clearTimeout(patience);
        ({ store } = met);
        writeLine(socket, { proof: met.proof });
      }
    }
  });
  writeLine(socket, { nonce });
}

/** Who speaks, by its first line; a sentence where it is nobody. */
function meet(
  { secret, stores }: Serving,
  server: string,
  line: string,
): string | { readonly store: ArbiterStore; readonly proof: string } {
  const { pair, nonce: client, proof } = parseObject(line) ?? {};
  if (typeof pair !== "string" || pair === "" || pair.length > pairNameMax || !isNonce(client)) {
    return "say who you are first: { pair, nonce, proof }";
  }
  const nonces = { server, client };
  if (!isProof(proof, proofOf(secret, "client", pair, nonces))) {
    return "it does not know the secret";
  }
  const known = stores.get(pair);
  if (known === undefined && stores.size >= pairsMax) return "there are too many pairs";
  const store = known ?? createArbiterStore();
  stores.set(pair, store);
  return { store, proof: proofOf(secret, "server", pair, nonces) };
}

function answer(serving: Serving, socket: Socket, store: ArbiterStore, line: string): void {
  const { id, ask } = parseObject(line) ?? {};
  if (typeof id !== "number") return writeLine(socket, { error: "a question is { id, ask }" });
  const request = readRequest(ask);
  if (request === null) return writeLine(socket, { id, error: "that is no question" });
  writeLine(socket, { id, answer: decide(store, serving.clock(), request) });
}
