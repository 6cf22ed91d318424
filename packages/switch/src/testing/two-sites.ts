import type { SwitchConfig } from "../config.ts";
import type { Effect } from "../effect.ts";
import type { Input } from "../input.ts";
import { testConfig } from "./config.ts";
import { createScript, type Script } from "./script.ts";

/**
 * Two switches that are each other's peer, with the trunk between them: what one sends to the other
 * arrives in order and at once, unless the trunk is cut. A cut trunk swallows in silence; a dead
 * site refuses.
 */
export interface TwoSites {
  readonly site1: Script;
  readonly site2: Script;
  /** Passes time at both, carrying messages across. */
  readonly pass: (ms: number) => void;
  /** Carries what waits, without time passing. */
  readonly carry: () => void;
  trunk: "up" | "cut" | "site-2-refuses";
}

export const host1 = "127.0.1.10";
export const host2 = "127.0.2.10";

export function peerConfig(site: 1 | 2, own: Partial<SwitchConfig> = {}): SwitchConfig {
  const other = site === 1 ? host2 : host1;
  return testConfig({
    site: `site-${site}`,
    host: site === 1 ? host1 : host2,
    peer: {
      site: `site-${3 - site}`,
      addresses: [{ host: other, port: 5060 }],
      monitorMs: 500,
      timeoutMs: 3_000,
      forward: "off",
    },
    ...own,
  });
}

export function createTwoSites(
  config1: SwitchConfig = peerConfig(1),
  config2: SwitchConfig = peerConfig(2),
): TwoSites {
  const site1 = createScript(config1);
  const site2 = createScript(config2);
  const sites: TwoSites = {
    site1,
    site2,
    trunk: "up",
    carry() {
      for (let round = 0; round < roundsMax; round += 1) {
        const moved =
          carryOne(sites, site1, config1, site2, config2) +
          carryOne(sites, site2, config2, site1, config1);
        if (moved === 0) return;
      }
      throw new Error("the sites talk without end");
    },
    pass(ms) {
      sites.carry();
      for (let passed = 0; passed < ms; passed += 250) {
        site1.pass(Math.min(250, ms - passed));
        site2.pass(Math.min(250, ms - passed));
        sites.carry();
      }
    },
  };
  return sites;
}

const roundsMax = 1_000;

function carryOne(
  sites: TwoSites,
  from: Script,
  fromConfig: SwitchConfig,
  to: Script,
  toConfig: SwitchConfig,
): number {
  const messages = from.sentOver(toConfig.host);
  for (const effect of messages) {
    if (sites.trunk === "up") to.step(arrival(effect, fromConfig, toConfig));
    else if (sites.trunk === "site-2-refuses" && toConfig.host === host2) {
      from.step({ kind: "sipFailed", target: effect.target, reason: "refused", text: effect.text });
    }
  }
  return messages.length;
}

function arrival(
  effect: Extract<Effect, { kind: "sip" }>,
  from: SwitchConfig,
  to: SwitchConfig,
): Input {
  return {
    kind: "sip",
    text: effect.text,
    authenticated: null,
    flow: {
      transport: "TCP",
      name: "1.1",
      localHost: to.host,
      localPort: to.port,
      remoteHost: from.host,
      remotePort: 5060,
    },
  };
}
