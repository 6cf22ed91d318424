import { expect, test } from "vitest";
import { compileConfig, type ServerObjects } from "./compile-config.ts";

const objects = (
  ports: Record<string, number>,
  more: { readonly address6?: string } = {},
): ServerObjects => ({
  applications: [
    { name: "sip-1a", type: "TServer", site: "site-1", host: "host-1", ports, connections: [] },
  ],
  hosts: [{ name: "host-1", address: "192.0.2.1", ...more }],
  groups: [{ name: "group", sites: ["site-1", "site-2"], realm: "realm", domain: "d.test" }],
  switches: [{ name: "switch-1", site: "site-1", group: "group", tserver: "sip-1a" }],
  dns: [],
  persons: [],
  agentGroups: [],
  agentLogins: [],
});

const compiled = (given: ServerObjects) => {
  const outcome = compileConfig(given, "sip-1a");
  if (!outcome.ok) throw new Error(outcome.failure.join("; "));
  const { host, host6, port, ports } = outcome.value.config;
  return { host, host6, port, ports };
};

test("UDP and TCP alone, where nothing is said", () => {
  expect(compiled(objects({}))).toEqual({ host: "192.0.2.1", host6: null, port: 5060, ports: {} });
});

test("a listener for each port that the Application names, and IPv6 where its Host has it", () => {
  const ports = { sip: 5080, sips: 5081, ws: 5086, wss: 5087, http: 7080 };
  expect(compiled(objects(ports, { address6: "2001:db8::1" }))).toEqual({
    host: "192.0.2.1",
    host6: "2001:db8::1",
    port: 5080,
    ports: { TLS: 5081, WS: 5086, WSS: 5087 },
  });
});
