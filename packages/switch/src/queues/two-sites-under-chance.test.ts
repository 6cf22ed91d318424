import { createRandom, nextInt, pick, type Random } from "@tandem/kernel";
import { expect, test } from "vitest";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import { queueDn, queueSite } from "../testing/queue-site.ts";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import type { Script } from "../testing/script.ts";
import { createTwoSites, peerConfig, type TwoSites } from "../testing/two-sites.ts";

/**
 * P7 under chance: callers at both sites, agents at either, a trunk that goes down and comes back.
 * No agent has two calls from queues, an offer is never more than the Ready agents reported, and
 * when all have hung up and the trunk is whole nothing is left at either site.
 */
const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

interface Cast {
  readonly sites: TwoSites;
  readonly scripts: readonly Script[];
  readonly agents: readonly { dn: string; phone: AutoPhone; desktop: TestDesktop }[];
  readonly callers: readonly AutoPhone[];
  readonly phones: readonly AutoPhone[];
}

test.each(seeds)("P7 seed %i", (seed) => {
  const random = createRandom(seed);
  const cast = createCast();
  for (let step = 0; step < stepsOfSeed; step += 1) {
    act(random, cast);
    quiet(cast);
    check(cast);
  }
  cast.sites.trunk = "up";
  pass(cast, 10_000);
  for (const { phone, desktop, dn } of cast.agents) {
    phone.manner = "busy";
    desktop.send({ request: "RequestAgentSetNotReady", thisDN: dn });
  }
  for (let round = 0; round < roundsMax; round += 1) {
    for (const phone of cast.phones) while (phone.open().length > 0) phone.leave();
    quiet(cast);
    pass(cast, 5_000);
  }
  pass(cast, 70_000);
  for (const { state, alarms } of cast.scripts) {
    const { calls, queues, dialogs } = state;
    expect([calls.size, queues.queueByCall.size, dialogs.size]).toEqual([0, 0, 0]);
    expect(alarms().filter((text) => text.startsWith("step-failed"))).toEqual([]);
  }
});

const stepsOfSeed = 50;
const roundsMax = 3;

function createCast(): Cast {
  const { dns } = queueSite({ overflowMs: 30_000, noAnswerTimeoutMs: 8_000 });
  const sites = createTwoSites(peerConfig(1, { dns }), peerConfig(2, { dns }));
  sites.pass(1_000);
  const scripts = [sites.site1, sites.site2];
  const agents = ["1001", "1002", "1003"].map((dn, index) => {
    const script = scripts[index % 2] ?? sites.site1;
    const phone = createAutoPhone(
      script,
      dn,
      { host: `127.0.3.${dn.slice(2)}`, port: 5060 },
      "ring",
    );
    phone.register();
    const desktop = createDesktop(script, dn);
    desktop.login();
    return { dn, phone, desktop };
  });
  const callers = [0, 1, 2, 3].map((index) =>
    createAutoPhone(
      scripts[index % 2] ?? sites.site1,
      `gateway${index}`,
      {
        host: "127.0.3.1",
        port: 5070 + index,
      },
      "ring",
    ),
  );
  const phones = [...agents.map(({ phone }) => phone), ...callers];
  return { sites, scripts, agents, callers, phones };
}

function quiet({ sites, phones }: Cast): void {
  for (let round = 0; round < roundsMax; round += 1) {
    settle(...phones);
    sites.carry();
  }
  settle(...phones);
}

function pass(cast: Cast, ms: number): void {
  for (let passed = 0; passed < ms; passed += 500) {
    cast.sites.pass(500);
    quiet(cast);
  }
}

function act(random: Random, cast: Cast): void {
  const { dn: thisDN, desktop, phone } = pick(random, cast.agents);
  const caller = pick(random, cast.callers);
  switch (nextInt(random, 0, 9)) {
    case 0:
    case 1:
    case 2:
      return void caller.invite(queueDn);
    case 3:
      return caller.open().length > 0 ? caller.leave() : undefined;
    case 4:
      return phone.open().length > 0 ? phone.leave() : undefined;
    case 5:
    case 6:
      return void desktop.send({ request: "RequestAgentSetReady", thisDN });
    case 7:
      phone.manner = pick(random, ["ring", "answer", "busy", "silent"] as const);
      return;
    case 8:
      cast.sites.trunk = cast.sites.trunk === "up" ? "cut" : "up";
      return pass(cast, pick(random, [500, 5_000]));
    default:
      return pass(cast, pick(random, [500, 3_000, 9_000]));
  }
}

function check({ scripts }: Cast): void {
  for (const { state } of scripts) {
    for (const [queue, rows] of state.queues.waiting) {
      const there = rows.filter(({ stage }) => stage.kind === "offeredToPeer").length;
      expect(there).toBeLessThanOrEqual(agentsThere);
      expect(state.configured.dns.has(queue)).toBe(true);
    }
    const talking = [...state.callsByDn.values()].map((keys) => keys.length);
    expect(Math.max(0, ...talking)).toBeLessThanOrEqual(1);
  }
}

/** At most two of the three agents are at one site. */
const agentsThere = 2;
