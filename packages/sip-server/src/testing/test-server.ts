import { createAuthority, issueCertificate, type KeyAndCertificate } from "@tandem/service";
import { ha1Of } from "@tandem/sip";
import type { SwitchConfig, Transport } from "@tandem/switch";
import { testConfig } from "@tandem/switch/testing";
import { startSipServer, type SipServer, type SipServerOptions } from "../server.ts";
import { digestHash } from "../signalling/screen.ts";
import { connectSip, type SipClient, type SipClientChoice } from "./sip-client.ts";
import { createTestPhone, type TestPhone } from "./test-phone.ts";

/** A SIP Server on loopback with DNs 1001–1004, all its transports, and phones that come to it. */
export interface TestServer {
  readonly server: SipServer;
  readonly host: string;
  readonly authority: KeyAndCertificate;
  readonly place: (transport: Transport) => { readonly host: string; readonly port: number };
  readonly connect: (
    transport: Transport,
    from: string,
    more?: Partial<SipClientChoice>,
  ) => Promise<SipClient>;
  readonly phone: (user: string, transport: Transport, from: string) => Promise<TestPhone>;
  readonly close: () => Promise<void>;
}

export const testRealm = "tandem.test";
export const testPassword = "secret";
const ports = { TLS: 5_061, WS: 5_066, WSS: 5_067 } as const;

export async function startTestServer(
  host: string,
  config: Partial<SwitchConfig> = {},
  options: Partial<SipServerOptions> = {},
): Promise<TestServer> {
  const notBeforeMs = Date.now() - 60_000;
  const authority = createAuthority({ name: "Test CA", notBeforeMs, days: 2 });
  const made = issueCertificate(authority, {
    ...{ name: "server", names: [], addresses: [host], notBeforeMs, days: 1 },
  });
  const compiled = testConfig({ host, port: 5_060, ports, realm: testRealm, ...config });
  const server = await startSipServer({
    name: "sip-test",
    first: {
      config: compiled,
      secrets: new Map(compiled.dns.map(({ number }) => [number, secretOf(number)])),
      publicKeys: [],
      tlib: { host, port: 7_000 },
      httpPort: 0,
    },
    tls: {
      certificate: made.certificate,
      key: made.key,
      authorities: [authority.certificate],
      clientCertificates: "none",
    },
    ...options,
  });
  const place = (transport: Transport) => ({
    host,
    port: transport === "UDP" || transport === "TCP" ? 5_060 : ports[transport],
  });
  const connect: TestServer["connect"] = (transport, from, more = {}) =>
    connectSip({
      transport,
      from,
      server: place(transport),
      authority: authority.certificate,
      ...more,
    });
  return {
    server,
    host,
    authority,
    place,
    connect,
    async phone(user, transport, from) {
      const phone = createTestPhone(await connect(transport, from), user, testPassword, host);
      const { status } = await phone.register();
      if (status !== 200) throw new Error(`REGISTER of ${user} got ${status}`);
      return phone;
    },
    close: server.close,
  };
}

function secretOf(user: string): { readonly md5: string; readonly sha256: string } {
  return {
    md5: ha1Of(digestHash, "MD5", user, testRealm, testPassword),
    sha256: ha1Of(digestHash, "SHA-256", user, testRealm, testPassword),
  };
}
