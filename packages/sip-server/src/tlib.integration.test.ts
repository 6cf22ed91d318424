/**
 * What a session is worth over real sockets (cti.md, Envelope and Session): agents on a registered
 * phone, answers given once, events exactly once and in order however often the connection breaks,
 * and a client that does not read. Who may connect at all: `sessions/cti-edge.integration.test.ts`.
 */
import { ha1Of } from "@tandem/sip";
import { testConfig } from "@tandem/switch/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SipServer, startSipServer } from "./server.ts";
import { digestHash } from "./signalling/screen.ts";
import {
  connectTlib,
  createTokenMaker,
  registerPhone,
  type TlibClient,
  type TlibMessage,
  type TokenMaker,
} from "./testing/index.ts";

const host = "127.0.212.10";
const url = `ws://${host}:7000/tlib`;
const realm = "tandem.test";
const password = "secret";
const dns = ["1001", "1002", "1003", "1004"];
let server: SipServer;
let tokens: TokenMaker;

beforeAll(async () => {
  tokens = await createTokenMaker();
  const config = testConfig({ host, port: 5060, realm });
  const secretOf = (dn: string): { md5: string; sha256: string } => ({
    md5: ha1Of(digestHash, "MD5", dn, realm, password),
    sha256: ha1Of(digestHash, "SHA-256", dn, realm, password),
  });
  server = await startSipServer({
    name: "sip-test",
    first: {
      config,
      secrets: new Map(dns.map((dn) => [dn, secretOf(dn)])),
      publicKeys: [tokens.publicKey],
      tlib: { host, port: 7000 },
      httpPort: 0,
    },
  });
  for (const user of dns) {
    const from = `127.0.212.${100 + dns.indexOf(user)}`;
    await registerPhone({ user, password, from, server: { host, port: 5060 } });
  }
});

afterAll(() => server.close());

/** A session of a person that has registered one DN. */
async function sessionOn(dn: string, agentID: string = dn): Promise<TlibClient> {
  const client = await connectTlib(url);
  await client.register(await tokens.sign({ agentID, dns: [dn] }));
  client.say({ request: "RequestRegisterAddress", referenceID: 2, thisDN: dn });
  await client.answer(2);
  return client;
}

function logIn(client: TlibClient, dn: string, agentID: string = dn): Promise<TlibMessage> {
  client.say({ request: "RequestAgentLogin", referenceID: 3, thisDN: dn, agentID });
  return client.answer(3);
}

function notReady(referenceID: number, dn: string, text: string): TlibMessage {
  return {
    request: "RequestAgentSetNotReady",
    referenceID,
    thisDN: dn,
    reasons: { text },
  };
}

const textsOf = (client: TlibClient): readonly unknown[] =>
  client.heard.flatMap(({ event, reasons }) =>
    event === "EventAgentNotReady" && reasons !== undefined
      ? [(reasons as TlibMessage)["text"]] // reasons are an object
      : [],
  );

describe("one login a DN", () => {
  test("the snapshot says that the phone is there and who is logged in", async () => {
    const client = await sessionOn("1001");
    expect(client.heard.at(-1)).toMatchObject({
      address: { dn: "1001", inService: true, calls: [] },
    });
    expect(await logIn(client, "1001")).toMatchObject({ event: "EventAgentLogin" });
    client.say({ request: "RequestQueryAddress", referenceID: 4, thisDN: "1001" });
    expect(await client.answer(4)).toMatchObject({
      event: "EventAddressInfo",
      address: { agent: { agentID: "1001", userName: "agent-1001", state: "NotReady" } },
    });
    await client.drop();
  });

  test("another person on the DN is refused, and another's Agent Login too", async () => {
    const own = await sessionOn("1001");
    await logIn(own, "1001");
    const other = await sessionOn("1001", "1002");
    expect(await logIn(other, "1001", "1002")).toMatchObject({ errorCode: "dn-taken" });
    other.say({ request: "RequestAgentLogout", referenceID: 4, thisDN: "1001" });
    expect(await other.answer(4)).toMatchObject({ errorCode: "agent-not-permitted" });
    other.say({ request: "RequestAgentLogin", referenceID: 5, thisDN: "1001", agentID: "1001" });
    expect(await other.answer(5)).toMatchObject({ errorCode: "agent-not-permitted" });
    own.say({ request: "RequestQueryAddress", referenceID: 9, thisDN: "1001" });
    expect(await own.answer(9)).toMatchObject({ address: { agent: { agentID: "1001" } } });
    await Promise.all([own.drop(), other.drop()]);
  });
});

describe("a connection that breaks", () => {
  test("what happened meanwhile comes once and in order; other sessions go on", async () => {
    const lost = await sessionOn("1002");
    const linked = await lost.answer(1);
    await logIn(lost, "1002");
    const watcher = await sessionOn("1002");
    // Same person, another session: its login moves the agent, and its states are seen by both.
    expect(await logIn(watcher, "1002")).toMatchObject({ event: "EventAgentLogin" });
    let reference = 10;
    const change = async (text: string): Promise<void> => {
      watcher.say(notReady(++reference, "1002", text));
      await watcher.answer(reference);
    };
    await change("a");
    await lost.until(({ reasons }) => JSON.stringify(reasons) === '{"text":"a"}');
    let client = lost;
    const heard: unknown[] = [];
    for (const text of ["b", "c", "d"]) {
      const { serverStartTime, sessionID } = linked;
      const eventSequenceNumber = client.position();
      heard.push(...textsOf(client));
      await client.drop();
      await change(`${text}1`);
      await change(`${text}2`);
      client = await connectTlib(url);
      const token = await tokens.sign({ agentID: "1002", dns: ["1002"] });
      const resume = { serverStartTime, sessionID, eventSequenceNumber };
      expect(await client.register(token, { resume })).toMatchObject({
        event: "EventLinkConnected",
        sessionID,
        lastReferenceID: 3,
      });
      await client.until(({ reasons }) => JSON.stringify(reasons) === `{"text":"${text}2"}`);
      const sequences = client.heard.flatMap(({ eventSequenceNumber: at }) => at ?? []);
      expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => Number(a) - Number(b)));
    }
    heard.push(...textsOf(client));
    expect(heard).toEqual(["a", "b1", "b2", "c1", "c2", "d1", "d2"]);
    expect(textsOf(watcher)).toEqual(heard);
    await Promise.all([client.drop(), watcher.drop()]);
  });

  test("an expired token resumes its own session, and opens no new one", async () => {
    const lost = await sessionOn("1003");
    const { serverStartTime, sessionID } = await lost.answer(1);
    const eventSequenceNumber = Number((await lost.answer(1))["lastSequence"]);
    await lost.drop();
    const token = await tokens.sign({ agentID: "1003", dns: ["1003"], isExpired: true });
    const resume = { serverStartTime, sessionID, eventSequenceNumber };
    const client = await connectTlib(url);
    expect(await client.register(token, { resume })).toMatchObject({ sessionID });
    await client.drop();
    const another = await connectTlib(url);
    expect(await another.register(token)).toMatchObject({ errorCode: "token-expired" });
    await another.drop();
  });
});

describe("a request is executed once", () => {
  test("sent again on the same or the next connection it gets its stored answer", async () => {
    const client = await sessionOn("1004");
    const { serverStartTime, sessionID } = await client.answer(1);
    const answer = await logIn(client, "1004");
    client.say(notReady(4, "1004", "once"));
    const changed = await client.answer(4);
    client.say(notReady(4, "1004", "twice"));
    client.say({ request: "RequestRegisterAddress", referenceID: 5, thisDN: "1001" });
    const refused = await client.answer(5);
    expect(client.heard.filter(({ referenceID }) => referenceID === 4)).toEqual([changed, changed]);
    const eventSequenceNumber = client.position();
    await client.drop();

    const again = await connectTlib(url);
    const token = await tokens.sign({ agentID: "1004", dns: ["1004"] });
    const resume = { serverStartTime, sessionID, eventSequenceNumber };
    expect(await again.register(token, { resume })).toMatchObject({ lastReferenceID: 5 });
    again.say({ request: "RequestAgentLogin", referenceID: 3, thisDN: "1004", agentID: "1004" });
    again.say({ request: "RequestRegisterAddress", referenceID: 5, thisDN: "1001" });
    expect(await again.answer(3)).toEqual(answer);
    expect(await again.answer(5)).toEqual(refused);
    again.say({ request: "RequestQueryAddress", referenceID: 6, thisDN: "1004" });
    expect(await again.answer(6)).toMatchObject({
      address: { agent: { lease: answer["lease"], reasons: { text: "once" } } },
    });
    await again.drop();
  });
});

describe("a client that does not read", () => {
  test("is closed, costs nobody an event, and catches up when it reads again", async () => {
    const slow = await sessionOn("1003");
    const { serverStartTime, sessionID } = await slow.answer(1);
    const busy = await sessionOn("1003");
    await logIn(busy, "1003");
    await slow.until(({ event }) => event === "EventAgentNotReady");
    slow.setReading(false);
    const before = server.cti.count();
    const isClosed = (): boolean => server.cti.count() < before;
    const sent: string[] = [];
    for (let number = 1; !isClosed() && number <= changesMax; number += 1) {
      const text = `${number} ${"x".repeat(60_000)}`;
      sent.push(text);
      busy.say(notReady(10 + number, "1003", text));
      await busy.answer(10 + number);
    }
    expect(isClosed()).toBe(true);
    expect(textsOf(busy)).toEqual(sent);
    slow.setReading(true);
    await slow.closed;

    const heard: unknown[] = [...textsOf(slow)];
    let eventSequenceNumber = slow.position();
    const token = await tokens.sign({ agentID: "1003", dns: ["1003"] });
    while (heard.length < sent.length) {
      const client = await connectTlib(url);
      await client.register(token, { resume: { serverStartTime, sessionID, eventSequenceNumber } });
      const missing = sent.length - heard.length;
      await Promise.race([client.closed, client.until(() => textsOf(client).length >= missing)]);
      heard.push(...textsOf(client));
      eventSequenceNumber = Math.max(eventSequenceNumber, client.position());
      await client.drop();
    }
    expect(heard).toEqual(sent);
    await busy.drop();
  });
});

test("a session that missed megabytes gets them all in one resume", async () => {
  const lost = await sessionOn("1004");
  const { serverStartTime, sessionID } = await lost.answer(1);
  const busy = await sessionOn("1004");
  await logIn(busy, "1004");
  await lost.until(({ event }) => event === "EventAgentNotReady");
  const eventSequenceNumber = lost.position();
  await lost.drop();
  const sent: string[] = [];
  for (let number = 1; number <= missedEvents; number += 1) {
    const text = `${number} ${"x".repeat(60_000)}`;
    sent.push(text);
    busy.say(notReady(10 + number, "1004", text));
    await busy.answer(10 + number);
  }
  const client = await connectTlib(url);
  const token = await tokens.sign({ agentID: "1004", dns: ["1004"] });
  await client.register(token, { resume: { serverStartTime, sessionID, eventSequenceNumber } });
  await Promise.race([client.closed, client.until(() => textsOf(client).length >= missedEvents)]);
  expect(textsOf(client)).toEqual(sent);
  await Promise.all([client.drop(), busy.drop()]);
});

/** 18 MB, several times what a connection on loopback takes at once. */
const missedEvents = 300;

/** 60 MB: more than any system keeps for a reader on loopback. */
const changesMax = 1_000;
