import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { leaseMs, type Arbiter } from "../../arbiter.ts";
import { arbiterContract, askUntilKnown } from "../../testing/arbiter-contract.ts";
import { openServedArbiter } from "./served-arbiter.ts";
import { serveArbiter, type ArbiterServer } from "./serve-arbiter.ts";

/** The supervisor's arbiter over real sockets: the contract, strangers, and a lost server. */
const secret = "a-secret-of-a-pair";
const host = "127.0.61.1";
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(clock?: () => number): Promise<ArbiterServer> {
  const server = await serveArbiter({ host, port: 0, secret, ...(clock && { clock }) });
  closers.push(server.close);
  return server;
}

function open(port: number, withSecret = secret, told: string[] = []): Arbiter {
  const arbiter = openServedArbiter({
    host,
    port,
    pair: "site-1",
    secret: withSecret,
    timeoutMs: 2_000,
    tell: (sentence) => told.push(sentence),
  });
  closers.push(arbiter.close);
  return arbiter;
}

/** What stands between client and server, so that a connection can be lost and the server not. */
async function relayTo(port: number): Promise<{ port: number; setCut: (to: boolean) => void }> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const relay = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect({ host, port });
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  }).listen(0, host);
  await once(relay, "listening");
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    relay.close();
    await once(relay, "close");
  });
  const address = relay.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    setCut(to) {
      isCut = to;
      if (to) for (const socket of sockets) socket.destroy();
    },
  };
}

describe("served arbiter", () => {
  test.each(arbiterContract)("$name", async ({ run }) => {
    let nowMs = 0;
    const server = await serve(() => nowMs);
    const relay = await relayTo(server.port);
    await run({
      a: open(relay.port),
      b: open(relay.port),
      lapse() {
        nowMs += leaseMs;
        return Promise.resolve();
      },
      cut() {
        relay.setCut(true);
        return Promise.resolve();
      },
      mend() {
        relay.setCut(false);
        return Promise.resolve();
      },
    });
  });

  test("who does not know the secret is told so, and gets no answer", async () => {
    const { port } = await serve();
    const told: string[] = [];
    const stranger = open(port, "another-secret-altogether", told);
    expect(await stranger.ask({ kind: "read" })).toEqual({ kind: "unknown" });
    expect(told).toContain("arbiter: it does not know the secret");
  });

  test.each([
    ["no JSON", "hello\n", "say who you are first: { pair, nonce, proof }"],
    ["a question before the proof", '{"id":1,"ask":{"kind":"read"}}\n', "say who you are first"],
    ["a line without an end", "x".repeat(1_100), "the line is too long"],
  ])("%s gets a sentence and the end", async (_name, text, sentence) => {
    const { port } = await serve();
    const socket = connect({ host, port });
    let heard = "";
    socket.on("data", (bytes) => (heard += bytes.toString()));
    socket.write(text);
    await once(socket, "close");
    expect(heard).toContain(sentence);
    expect(await open(port).ask({ kind: "read" })).toEqual({
      kind: "read",
      view: null,
      hasLease: false,
    });
  });

  test("a server that is started again is found again", async () => {
    const first = await serve();
    const arbiter = open(first.port);
    expect(await arbiter.ask({ kind: "read" })).toMatchObject({ kind: "read" });
    await first.close();
    const second = await serveArbiter({ host, port: first.port, secret });
    closers.push(second.close);
    expect(await askUntilKnown(arbiter, { kind: "read" })).toMatchObject({ kind: "read" });
  });

  test("one that says nothing is unknown in time", async () => {
    const mute = createServer(() => undefined).listen(0, host);
    await once(mute, "listening");
    const address = mute.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const arbiter = openServedArbiter({ host, port, pair: "site-1", secret, timeoutMs: 50 });
    expect(await arbiter.ask({ kind: "read" })).toEqual({ kind: "unknown" });
    await arbiter.close();
    mute.close();
  });
});
