import { once } from "node:events";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { testConfig } from "@tandem/switch/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startSipServer, type SipServer } from "../server.ts";

/**
 * A SIP Server as its desktops have it: over real WebSockets, with tokens that were really signed.
 */
const host = "127.0.211.10";
const url = `ws://${host}:7000/tlib`;
let server: SipServer;
let key: CryptoKey;
let foreignKey: CryptoKey;

beforeAll(async () => {
  const own = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  foreignKey = (await generateKeyPair("EdDSA", { crv: "Ed25519" })).privateKey;
  key = own.privateKey;
  const { x = "" } = await exportJWK(own.publicKey);
  server = await startSipServer({
    name: "sip-test",
    origins: ["https://desk.test"],
    first: {
      config: testConfig({ host, port: 5060 }),
      secrets: new Map(),
      publicKeys: [{ kid: "test", x }],
      tlib: { host, port: 7000 },
      httpPort: 0,
    },
  });
});

afterAll(() => server.close());

interface Claims {
  readonly dn?: string;
  readonly isExpired?: boolean;
  readonly signedBy?: CryptoKey;
}

async function token({
  dn = "1001",
  isExpired = false,
  signedBy = key,
}: Claims = {}): Promise<string> {
  const claims = { role: "agent", employeeId: dn, agentLogins: [dn], dns: [dn], tenant: "t" };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "EdDSA", kid: "test" })
    .setIssuer("config-test")
    .setSubject(`agent-${dn}`)
    .setExpirationTime(isExpired ? 1 : "1h")
    .sign(signedBy);
}

type Message = Readonly<Record<string, unknown>>;

class Client {
  readonly socket: WebSocket;
  readonly heard: Message[] = [];
  #wake: () => void = () => undefined;

  constructor(options: { origin?: string; protocol?: string } = {}) {
    const { protocol = "tandem.tlib.1", ...rest } = options;
    this.socket = new WebSocket(url, protocol, rest);
    this.socket.on("error", () => undefined);
    this.socket.on("message", (bytes: Buffer) => {
      this.heard.push(JSON.parse(bytes.toString("utf8")) as Message); // a frame of ours
      this.#wake();
    });
  }

  async open(): Promise<this> {
    await once(this.socket, "open");
    return this;
  }

  say(message: Message | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Waits until a message fits; the test's own time limit is the only one. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.heard.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  answer(referenceID: number): Promise<Message> {
    return this.until((message) => message["referenceID"] === referenceID);
  }

  async register(more: Message = {}, claims: Claims = {}): Promise<Message> {
    const request = "RequestRegisterClient";
    this.say({
      request,
      referenceID: 1,
      token: await token(claims),
      applicationName: "d",
      ...more,
    });
    return this.answer(1);
  }
}

const connect = (options = {}): Promise<Client> => new Client(options).open();

describe("who may have a session", () => {
  test.each([
    ["a token that another key signed", () => token({ signedBy: foreignKey }), "token-invalid"],
    ["what is no token", async () => "nonsense", "token-invalid"],
    ["an expired token", () => token({ isExpired: true }), "token-expired"],
  ])("%s opens none", async (_, makeToken, errorCode) => {
    const client = await connect();
    const request = { request: "RequestRegisterClient", applicationName: "d", referenceID: 1 };
    client.say({ ...request, token: await makeToken() });
    expect(await client.answer(1)).toMatchObject({ event: "EventError", errorCode });
    client.socket.close();
  });

  test.each([
    ["an Origin that is not listed", { origin: "https://evil.test" }],
    ["another major of the protocol", { protocol: "tandem.tlib.2" }],
  ])("%s is refused at the door", async (_, options) => {
    const { socket } = new Client(options);
    const [error] = (await once(socket, "error")) as [Error]; // ws emits an Error
    expect(error.message).toMatch(/401|403|400/);
  });

  test("a listed Origin is welcome", async () => {
    const client = await connect({ origin: "https://desk.test" });
    expect((await client.register())["event"]).toBe("EventLinkConnected");
    client.socket.close();
  });

  test("a request before RegisterClient is refused", async () => {
    const client = await connect();
    client.say({ request: "RequestQueryServer", referenceID: 5 });
    expect(await client.answer(5)).toMatchObject({ errorCode: "not-registered-client" });
    client.socket.close();
  });
});

describe("what a client may say", () => {
  test.each([
    ["no JSON", "{", { errorCode: "not-json" }],
    [
      "an unknown request",
      { request: "RequestMagic", referenceID: 7 },
      { errorCode: "unknown-request", referenceID: 7 },
    ],
    [
      "a field that is missing",
      { request: "RequestAgentLogin", referenceID: 8, thisDN: "1001" },
      { errorCode: "invalid-field", field: "agentID", referenceID: 8 },
    ],
    [
      "a ConnID that is none",
      { request: "RequestReleaseCall", referenceID: 9, thisDN: "1001", connID: "x" },
      { errorCode: "invalid-field", field: "connID", referenceID: 9 },
    ],
  ])("%s gets EventError that names it", async (_, message, error) => {
    const client = await connect();
    await client.register();
    client.say(message);
    const heard = await client.until(({ event }) => event === "EventError");
    expect(heard).toMatchObject(error);
    client.socket.close();
  });

  test("a DN that is not one's own, and one of nobody", async () => {
    const client = await connect();
    await client.register();
    client.say({ request: "RequestRegisterAddress", referenceID: 2, thisDN: "1002" });
    client.say({ request: "RequestRegisterAddress", referenceID: 3, thisDN: "7777" });
    expect(await client.answer(2)).toMatchObject({ errorCode: "dn-not-permitted" });
    expect(await client.answer(3)).toMatchObject({ errorCode: "dn-unknown" });
    client.socket.close();
  });

  test("a frame over 256 KB closes the connection", async () => {
    const client = await connect();
    const closed = once(client.socket, "close");
    client.say("x".repeat(262_145));
    expect((await closed)[0]).toBe(1009);
  });
});

describe("the connection", () => {
  test("a snapshot comes with the registered DN, and a resume brings each event once", async () => {
    const client = await connect();
    const linked = await client.register();
    client.say({ request: "RequestRegisterAddress", referenceID: 2, thisDN: "1001" });
    expect(await client.answer(2)).toMatchObject({
      event: "EventRegistered",
      address: { dn: "1001", inService: false, calls: [] },
    });
    client.socket.close();
    await once(client.socket, "close");
    const again = await connect();
    const { serverStartTime, sessionID } = linked;
    const position = { serverStartTime, sessionID, eventSequenceNumber: linked["lastSequence"] };
    const resumed = await again.register({ resume: position });
    expect(resumed).toMatchObject({ event: "EventLinkConnected", sessionID, lastReferenceID: 2 });
    again.say({ request: "RequestRegisterAddress", referenceID: 2, thisDN: "1001" });
    expect(await again.answer(2)).toMatchObject({ event: "EventRegistered" });
    const other = await connect();
    expect(await other.register({ resume: position }, { dn: "1002" })).toMatchObject({
      errorCode: "resume-too-old",
    });
    for (const { socket } of [again, other]) socket.close();
  });

  test("ADDP: polls are answered, and a client that falls silent is dropped", async () => {
    const client = await connect();
    await client.register({ addpTimeout: 0.4, addpRemoteTimeout: 0.4 });
    client.say({ addp: "poll", id: 3 });
    await client.until(({ addp, id }) => addp === "answer" && id === 3);
    await client.until(({ addp }) => addp === "poll");
    await once(client.socket, "close");
    expect(client.socket.readyState).toBe(WebSocket.CLOSED);
  });
});
