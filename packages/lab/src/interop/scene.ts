/**
 * The phone matrix's stage: one SIP Server in this process, with UDP, TCP, TLS, WS and WSS on an
 * address of its own, a desktop that watches every DN, and DNs for the phones.
 */
import { createAuthority, issueCertificate } from "@tandem/service";
import { ha1Of } from "@tandem/sip";
import { createPhone } from "@tandem/softphone";
import { startSipServer, type Compiled, type SipServer } from "@tandem/sip-server";
import {
  connectTlib,
  createTokenMaker,
  digestHash,
  type TlibClient,
  type TlibMessage,
} from "@tandem/sip-server/testing";
import { testConfig, testDn, testOptions } from "@tandem/switch/testing";
import { until } from "../until.ts";
import type { PhoneChoice } from "./phones/tested-phone.ts";

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface InteropScene {
  readonly server: SipServer;
  readonly host: string;
  readonly choose: (dn: string) => PhoneChoice;
  readonly secret: string;
  /** The address of a caller that is a trunk. */
  readonly sippHost: string;
  /** Addresses of scenarios that are called, or that register. */
  readonly calledHost: (index: number) => string;
  /** Binds a DN to an address, as a phone there would. */
  readonly registerAt: (dn: string, address: Place) => Promise<void>;
  readonly isRegistered: (dn: string) => boolean;
  readonly hasCall: (dn: string) => boolean;
  /** What the desktop heard about a DN since `begin` was called for it. */
  readonly eventsOf: (dn: string) => readonly TlibMessage[];
  readonly begin: (dn: string) => void;
  /** A request of the desktop; resolves with its answer. */
  readonly ask: (request: TlibMessage) => Promise<TlibMessage>;
  readonly stop: () => Promise<void>;
}

const realm = "tandem.test";
const secret = "interop";
export const withinMs = 10_000;
export const noAnswerMs = 3_000;
const wssPort = 5067;

export interface SceneOptions {
  readonly lab: number;
  readonly dns: readonly string[];
}

export async function openInterop({ lab, dns }: SceneOptions): Promise<InteropScene> {
  const host = `127.${lab}.1.10`;
  const sippHost = `127.${lab}.4.1`;
  const tokens = await createTokenMaker();
  const server = await startSipServer({
    name: "interop",
    first: compiledFor({ host, sippHost, dns, publicKeys: [tokens.publicKey] }),
    sourcePerSecond: 0,
    origins: ["*"],
    tls: tlsFor(host),
  });
  const desktop = await connectTlib(`ws://${host}:7000/tlib`);
  await desktop.register(await tokens.sign({ agentID: dns[0] ?? "", dns }));
  let reference = 2;
  // Several columns ask at once, and the client wakes one that waits.
  const ask = async (request: TlibMessage): Promise<TlibMessage> => {
    reference += 1;
    const own = reference;
    desktop.say({ ...request, referenceID: own });
    const answer = (): TlibMessage | undefined =>
      desktop.heard.findLast(({ referenceID }) => referenceID === own);
    await until(() => answer() !== undefined, 2 * withinMs, "the desktop's request is answered");
    return answer() ?? {};
  };
  for (const thisDN of dns) await ask({ request: "RequestRegisterAddress", thisDN });
  const from = new Map<string, number>();
  return {
    server,
    host,
    secret,
    sippHost,
    calledHost: (index) => `127.${lab}.5.${index + 1}`,
    registerAt: (dn, address) => registerAt(host, dn, address),
    choose: (dn) => ({
      dn,
      host: `127.${lab}.3.${101 + dns.indexOf(dn)}`,
      server: { host, wss: wssPort, sip: 5060, sips: 5061 },
      transport: "UDP",
      secret,
      rtpPortFirst: 38_000 + 100 * dns.indexOf(dn),
    }),
    isRegistered: (dn) => (server.state.dns.get(dn)?.bindings.length ?? 0) > 0,
    hasCall: (dn) => server.state.callsByDn.has(dn),
    eventsOf: (dn) => eventsOf(desktop, dn, from.get(dn) ?? 0),
    begin: (dn) => void from.set(dn, desktop.heard.length),
    ask,
    async stop() {
      await desktop.drop();
      await server.close();
    },
  };
}

function eventsOf(desktop: TlibClient, dn: string, from: number): readonly TlibMessage[] {
  return desktop.heard.slice(from).filter((message) => message["thisDN"] === dn);
}

function compiledFor(choice: {
  readonly host: string;
  readonly sippHost: string;
  readonly dns: readonly string[];
  readonly publicKeys: Compiled["publicKeys"];
}): Compiled {
  const { host, sippHost, dns, publicKeys } = choice;
  const hash = (algorithm: "MD5" | "SHA-256", dn: string): string =>
    ha1Of(digestHash, algorithm, dn, realm, secret);
  return {
    config: testConfig({
      host,
      port: 5060,
      ports: { TLS: 5061, WS: 5066, WSS: wssPort },
      realm,
      options: { ...testOptions, noAnswerTimeoutMs: noAnswerMs },
      dns: dns.map((dn) => testDn(dn)),
      trunks: [{ name: "sipp", host: sippHost, port: 5070, transport: "UDP", sources: [sippHost] }],
      agentLogins: dns.map((code) => ({ code, userName: `agent-${code}` })),
    }),
    secrets: new Map(dns.map((dn) => [dn, { md5: hash("MD5", dn), sha256: hash("SHA-256", dn) }])),
    publicKeys,
    tlib: { host, port: 7000 },
    httpPort: 0,
  };
}

function tlsFor(host: string): NonNullable<Parameters<typeof startSipServer>[0]["tls"]> {
  const notBeforeMs = Date.now() - 3_600_000;
  const authority = createAuthority({ name: "interop", notBeforeMs, days: 2 });
  const own = { name: host, names: [], addresses: [host], notBeforeMs, days: 2 };
  const { certificate, key } = issueCertificate(authority, own);
  const authorities = [authority.certificate];
  return { certificate, key, authorities, clientCertificates: "none" };
}

/** REGISTER from the phone's own address and port, before the scenario takes them. */
async function registerAt(host: string, dn: string, address: Place): Promise<void> {
  const registrar = { transport: "UDP", host, port: 5060 } as const;
  const phone = await createPhone({
    ...address,
    accounts: [{ user: dn, domain: host, password: secret, registrar, expiresSeconds: 600 }],
  });
  try {
    await until(() => phone.isRegistered(), withinMs, `${dn} is registered`);
  } finally {
    await phone.close(); // without a word: the binding stays
  }
}
