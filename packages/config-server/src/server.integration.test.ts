/**
 * A Configuration Server on a real socket, seen through the client that servers and desktops use.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigEvent, type EventLogin } from "@tandem/cti";
import { type ConfigClient, type ConfigListenerReport, openConfig } from "@tandem/link";
import { createLogger } from "@tandem/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type TokenKey, createTokenVerifier, generateTokenKey } from "./login/token-keys.ts";
import { type ConfigServer, startConfigServer } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-config-"));
const file = join(folder, "config.yaml");
const host = "127.0.0.1";
const log = createLogger({ name: "config-1a", level: "fatal" });
let key: TokenKey;
let text: string;
let server: ConfigServer;
const clients: ConfigClient[] = [];

beforeAll(async () => {
  key = await generateTokenKey();
  const example = readFileSync(new URL("../example.yaml", import.meta.url), "utf8");
  text = example.replace(/\{ kid: site-1-key, x: \S+ \}/, `{ kid: "${key.kid}", x: "${key.x}" }`);
  writeFileSync(file, text);
  server = await startConfigServer(options());
});

afterAll(async () => {
  for (const client of clients) client.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

function options() {
  const any = { host, port: 0 };
  return { name: "config-1a", file, key, listen: any, http: any, log };
}

/** A client, and the first report of each kind as it comes. */
function open(applicationName: string) {
  const seen: ConfigListenerReport[] = [];
  const waiting: (() => void)[] = [];
  const client = openConfig(
    {
      urls: [`ws://${host}:${server.port}/config`],
      applicationName,
      connectTimeoutMs: 5_000,
    },
    (report) => {
      seen.push(report);
      for (const wake of waiting.splice(0)) wake();
    },
  );
  clients.push(client);
  const next = async <Kind extends ConfigListenerReport["kind"]>(
    kind: Kind,
  ): Promise<Extract<ConfigListenerReport, { kind: Kind }>> => {
    for (;;) {
      const index = seen.findIndex((report) => report.kind === kind);
      const [report] = index < 0 ? [] : seen.splice(index, 1);
      if (report !== undefined) return report as Extract<ConfigListenerReport, { kind: Kind }>;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { client, next };
}

async function logIn(user: string, password: string): Promise<EventLogin> {
  const { client, next } = open("desktop-1");
  client.start({ kind: "password", user, password });
  return (await next("loggedIn")).login;
}

test("a person logs in: a token signed with the published key, and no secrets", async () => {
  const login = await logIn("bob", "change-me");
  expect(login.sites).toEqual(["site-1", "site-2"]);
  expect(login.objects.places.map(({ name }) => name)).toEqual(["place-1002", "place-2002"]);
  expect(login.objects.agentGroups.map(({ name }) => name)).toEqual(["sales"]);
  expect(JSON.stringify(login.objects)).not.toMatch(/argon2|ha1|secretHash/);
  const verifier = await createTokenVerifier([key]);
  const verdict = await verifier.verify(login.token);
  expect(verdict).toMatchObject({
    kind: "good",
    claims: {
      iss: "config-1a",
      sub: "bob",
      role: "agent",
      agentLogins: ["1002"],
      dns: ["1002", "2002"],
    },
  });
  const stranger = await createTokenVerifier([await generateTokenKey()]);
  expect(await stranger.verify(login.token)).toEqual({ kind: "invalid" });
});

test("wrong password, unknown user and unknown application are refused alike or by name", async () => {
  const refusal = async (user: string, password: string, application: string) => {
    const { client, next } = open(application);
    client.start({ kind: "password", user, password });
    return (await next("refused")).errorCode;
  };
  expect(await refusal("bob", "wrong", "desktop-1")).toBe("wrong-credentials");
  expect(await refusal("nobody", "change-me", "desktop-1")).toBe("wrong-credentials");
  expect(await refusal("bob", "change-me", "desktop-9")).toBe("application-unknown");
});

test("a token that is still good gives a fresh one", async () => {
  const { token } = await logIn("alice", "change-me");
  const { client, next } = open("desktop-1");
  client.start({ kind: "token", token });
  const { login } = await next("loggedIn");
  expect(login.objects.person?.userName).toBe("alice");
  const other = open("desktop-1");
  other.client.start({ kind: "token", token: `${token.slice(0, -4)}AAAA` });
  expect((await other.next("refused")).errorCode).toBe("token-invalid");
});

test("a server logs in with its secret and reads what only servers may", async () => {
  const { client, next } = open("sip-1a");
  client.start({ kind: "applicationSecret", applicationSecret: "change-me-1" });
  await next("loggedIn");
  const dns = await client.read("Dn");
  if (dns.kind !== "done") throw new Error(dns.kind);
  expect(dns.objects.find(({ number }) => number === "1001")?.ha1?.md5).toMatch(/^[0-9a-f]{32}$/);
  expect(await client.read("Person", { userName: "bob" })).toMatchObject({
    objects: [{ userName: "bob", passwordHash: expect.stringMatching(/^\$argon2id\$/) }],
  });
});

test("a change of the file is told to who subscribed; a faulty file changes nothing", async () => {
  const { client, next } = open("sip-1a");
  client.start({ kind: "applicationSecret", applicationSecret: "change-me-1" });
  const { login } = await next("loggedIn");
  const subscribed = await client.subscribe(login.revision, ["Host"]);
  expect(subscribed).toMatchObject({ kind: "answered", event: { event: "EventSubscribed" } });

  writeFileSync(file, text.replace("address: 127.0.2.10", "adress: 127.0.2.11"));
  const refused = await server.reload();
  expect(refused.ok ? "" : refused.failure).toContain(`did you mean address?`);

  writeFileSync(file, text.replace("address: 127.0.2.10", "address: 127.0.2.11"));
  expect(await server.reload()).toEqual({ ok: true, value: 1 });
  const { event } = (await next("delivered")) as { event: ConfigEvent };
  expect(event).toEqual({
    event: "EventObjectChanged",
    revision: login.revision + 1,
    change: "updated",
    type: "Host",
    object: { name: "host-2", address: "127.0.2.11" },
  });
  expect(await server.reload()).toEqual({ ok: true, value: 0 });
  const missed = open("sip-1a");
  missed.client.start({ kind: "applicationSecret", applicationSecret: "change-me-1" });
  await missed.next("loggedIn");
  await missed.client.subscribe(login.revision);
  expect((await missed.next("delivered")).event).toEqual(event);
});

test("what is no ConfigLib is answered with EventError or not let in", async () => {
  const url = `ws://${host}:${server.port}/config`;
  const socket = new WebSocket(url, "tandem.config.1");
  const heard = (): Promise<unknown> =>
    new Promise((resolve) => {
      socket.once("message", (bytes: Buffer) => resolve(JSON.parse(bytes.toString("utf8"))));
    });
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send('{"request":"RequestReadObjects","referenceID":1,"type":"Host"}');
  expect(await heard()).toMatchObject({ errorCode: "not-logged-in-configuration", referenceID: 1 });
  socket.send('{"request":"RequestReadObjects","referenceID":2,"type":"Hosts"}');
  expect(await heard()).toMatchObject({ errorCode: "invalid-field", field: "type" });
  socket.send('{"request":"RequestFly","referenceID":3}');
  expect(await heard()).toMatchObject({ errorCode: "unknown-request", referenceID: 3 });
  socket.send(Buffer.from([1, 2]));
  expect(await heard()).toMatchObject({ errorCode: "not-json" });
  socket.send('{"addp":"poll","id":9}');
  expect(await heard()).toEqual({ addp: "answer", id: 9 });
  socket.terminate();

  const failureOf = (protocol: string, origin?: string): Promise<string> =>
    new Promise((resolve) => {
      const other = new WebSocket(url, protocol, origin === undefined ? {} : { origin });
      other.once("error", (error) => resolve(error.message));
      other.once("open", () => resolve("open"));
    });
  expect(await failureOf("tandem.config.2")).toContain("401");
  expect(await failureOf("tandem.config.1", "https://elsewhere.example")).toContain("401");
});

test("keys and readiness over HTTP", async () => {
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`http://${host}:${server.httpPort}${path}`)).json();
  expect(await get("/jwks.json")).toMatchObject({
    keys: expect.arrayContaining([
      expect.objectContaining({ kid: key.kid, x: key.x, crv: "Ed25519" }),
    ]) as unknown,
  });
  expect(await get("/readyz")).toMatchObject({ status: "ready", type: "ConfigurationServer" });
});

test("a faulty file, a key that is not published and a taken port start nothing", async () => {
  const faulty = join(folder, "faulty.yaml");
  writeFileSync(faulty, text.replace("role: supervisor", "role: boss"));
  await expect(startConfigServer({ ...options(), file: faulty })).rejects.toThrow(
    /faulty\.yaml:\d+:\d+: Person\.role must be one of/,
  );
  const other = await generateTokenKey();
  await expect(startConfigServer({ ...options(), key: other })).rejects.toThrow(
    "the publicKeys of config-1a lack the key it signs with",
  );
  const taken = { host, port: server.port };
  await expect(startConfigServer({ ...options(), listen: taken })).rejects.toThrow(
    `ConfigLib on ${host}:${server.port}: the port is taken`,
  );
});
