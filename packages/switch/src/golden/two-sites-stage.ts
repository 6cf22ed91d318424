import type { Unreferenced } from "@tandem/cti";
import { testDn } from "../testing/config.ts";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import { queueConfig } from "../testing/queue-site.ts";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import type { Script } from "../testing/script.ts";
import { createTwoSites, peerConfig } from "../testing/two-sites.ts";
import { field, letter, queue, type Play, type Row } from "./stage.ts";

/**
 * Two sites as the stage: the phones of 1001 and 1002 are registered at both, each agent is logged
 * in at the site that the scenario says. Queue 5000 exists at both. Rows say which site's desktops
 * are told; the ConnID is the same at both.
 */
export interface TwoSitesStage {
  /** The phone's registration at a site. */
  readonly phone: (dn: string, site: 1 | 2) => AutoPhone;
  /** An outside caller, by the gateway of a site. */
  readonly gateway: (site: 1 | 2) => AutoPhone;
  readonly login: (dn: string, site: 1 | 2) => void;
  readonly ask: (dn: string, site: 1 | 2, request: Unreferenced) => void;
  readonly pass: (ms: number) => void;
  readonly act: (what: string, does: () => void) => void;
}

const dns = ["1001", "1002"];

export function playTwoSites(scenario: (stage: TwoSitesStage) => void): Play {
  const options = { agents: dns.map((dn) => `agent-${dn}`), overflowMs: 600_000 };
  const config = {
    dns: [...dns.map((number) => testDn(number)), testDn(queue, { queue: queueConfig(options) })],
  };
  const sites = createTwoSites(peerConfig(1, config), peerConfig(2, config));
  const scripts = [sites.site1, sites.site2] as const;
  const rows: Row[] = [];
  const names = new Map<string, string>();
  const positions = [0, 0];
  const phones = new Map<string, AutoPhone>();
  const desktops = new Map<string, TestDesktop>();
  for (const site of [1, 2] as const) {
    const script = scripts[site - 1] ?? sites.site1;
    for (const dn of dns) phones.set(`${dn}@${site}`, phoneAt(script, dn, site));
    const gateway = { host: "127.0.3.1", port: 5070 };
    phones.set(`gateway@${site}`, createAutoPhone(script, "gateway", gateway, "ring"));
    watchAll(script);
  }
  const quiet = (): void => {
    for (let round = 0; round < quietRounds; round += 1) {
      settle(...phones.values());
      sites.carry();
    }
    settle(...phones.values());
  };
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += passMs) {
      sites.pass(passMs);
      quiet();
    }
  };
  pass(1_000);

  function writeDown(what: string): void {
    let first = what;
    for (const [index, { state }] of scripts.entries()) {
      for (const [sequence, { event }] of state.ring.entries) {
        if (sequence <= (positions[index] ?? 0)) continue;
        const connID = field(event, "connID");
        if (connID !== "" && !names.has(connID)) names.set(connID, letter(names.size));
        rows.push({ what: first, event, answers: "", site: index + 1 });
        first = "";
      }
      positions[index] = state.ring.lastSequence;
    }
    if (first !== "") rows.push({ what: first, event: null, answers: "" });
  }

  function desktopOf(dn: string, site: 1 | 2): TestDesktop {
    const key = `${dn}@${site}`;
    const known = desktops.get(key);
    if (known !== undefined) return known;
    const desktop = createDesktop(scripts[site - 1] ?? sites.site1, dn, { connection: key });
    desktop.send({ request: "RequestRegisterAddress", thisDN: dn });
    desktops.set(key, desktop);
    return desktop;
  }

  scenario({
    phone: (dn, site) => found(phones, `${dn}@${site}`),
    gateway: (site) => found(phones, `gateway@${site}`),
    login: (dn, site) =>
      void desktopOf(dn, site).send({ request: "RequestAgentLogin", thisDN: dn, agentID: dn }),
    ask: (dn, site, request) => void desktopOf(dn, site).send(request),
    pass,
    act(what, does) {
      does();
      quiet();
      writeDown(what);
    },
  });
  return { rows, names, frames: [] };
}

const quietRounds = 4;
const passMs = 250;

function phoneAt(script: Script, dn: string, site: number): AutoPhone {
  const phone = createAutoPhone(
    script,
    dn,
    { host: `127.0.3.${dn.slice(2)}`, port: 5060 + site },
    "ring",
  );
  phone.register();
  return phone;
}

function watchAll(script: Script): void {
  const watcher = createDesktop(script, "1001", {
    userName: "boss",
    role: "supervisor",
    connection: "watcher",
  });
  for (const thisDN of [...dns, queue]) watcher.send({ request: "RequestRegisterAddress", thisDN });
}

function found(phones: ReadonlyMap<string, AutoPhone>, name: string): AutoPhone {
  const phone = phones.get(name);
  if (phone === undefined) throw new Error(`there is no ${name} on the stage`);
  return phone;
}
