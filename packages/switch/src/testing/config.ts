import type { DnConfig, SwitchConfig, SwitchOptions } from "../config.ts";

/** A configuration for tests: DNs 1001–1004, a trunk `gateway`, no peer. */
export const testOptions: SwitchOptions = {
  t1Ms: 500,
  t2Ms: 4_000,
  t4Ms: 5_000,
  registerExpiresMinSeconds: 10,
  registerExpiresMaxSeconds: 3_600,
  registerExpiresDefaultSeconds: 60,
  flowExpiresSeconds: 30,
  bindingsPerDnMax: 5,
  noAnswerTimeoutMs: 20_000,
  outOfServiceCheckMs: 0,
  outOfServiceAfterFailures: 3,
  eventKeepMs: 30_000,
  eventsMax: 100_000,
  resumeWindowMs: 60_000,
  sessionGraceMs: 10_000,
  afterCallWorkMs: 0,
  doNotDisturbStatus: 480,
  sessionExpiresSeconds: 1_800,
  sessionExpiresMinSeconds: 90,
  callsMax: 10_000,
  sessionsMax: 10_000,
};

export function testDn(number: string, own: Partial<DnConfig> = {}): DnConfig {
  return { number, peerDn: null, noAnswerTimeoutMs: null, forward: null, ...own };
}

export function testConfig(own: Partial<SwitchConfig> = {}): SwitchConfig {
  return {
    site: "site-1",
    host: "127.0.1.10",
    port: 5060,
    realm: "tandem.test",
    host6: null,
    ports: {},
    domains: [],
    options: testOptions,
    peer: null,
    dns: ["1001", "1002", "1003", "1004"].map((number) => testDn(number)),
    trunks: [{ name: "gateway", host: "127.0.3.1", port: 5070, transport: "UDP", sources: [] }],
    dialPlan: [{ prefix: "9", strip: 1, prepend: "", trunks: ["gateway"] }],
    agentLogins: ["1001", "1002", "1003", "1004"].map((code) => ({
      code,
      userName: `agent-${code}`,
    })),
    ...own,
  };
}
