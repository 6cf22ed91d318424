import { createRandom, nextInt, pick, type Random } from "@tandem/kernel";
import { expect, test } from "vitest";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import { queueDn, queueSite } from "../testing/queue-site.ts";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { createScript, type Script } from "../testing/script.ts";

/**
 * Whatever phones, callers and agents do, in whatever order: calls stand by their age, an agent has
 * one call at a time from queues, the counts are what a recount says, and when all have hung up
 * nothing is left.
 */
const dns = ["1001", "1002", "1003", "1004"];
const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);

test.each(seeds)("seed %i", (seed) => {
  const random = createRandom(seed);
  const script = createScript(queueSite({ overflowDn: "1004", overflowMs: 15_000 }));
  const agents = dns.map((dn) => createAgent(script, dn));
  const callers = dns.map((_, index) =>
    createAutoPhone(script, `gateway${index}`, { host: "127.0.3.1", port: 5070 + index }, "ring"),
  );
  const phones = [...agents.map(({ phone }) => phone), ...callers];
  settle(...phones);
  for (let step = 0; step < stepsOfSeed; step += 1) {
    act(random, script, agents, callers);
    settle(...phones);
    check(script);
  }
  for (const { phone, desktop, dn } of agents) {
    phone.manner = "busy";
    desktop.send({ request: "RequestAgentSetNotReady", thisDN: dn });
  }
  settle(...phones);
  for (let round = 0; round < roundsMax && script.state.calls.size > 0; round += 1) {
    for (const phone of phones) hangUpAll(phone);
    settle(...phones);
    script.pass(5_000);
    settle(...phones);
  }
  script.pass(40_000);
  expect(script.alarms()).toEqual([]);
  const { calls, queues, callsByDn, dialogs, timers } = script.state;
  const kept = [...timers.armed.keys()].filter((key) => /^(call|queue)\//.test(key));
  expect([calls.size, queues.waiting.size, queues.queueByCall.size, kept]).toEqual([0, 0, 0, []]);
  expect([callsByDn.size, dialogs.size, queues.turnedAway.size]).toEqual([0, 0, 0]);
});

const stepsOfSeed = 60;
const roundsMax = 20;

interface TestAgent {
  readonly dn: string;
  readonly phone: AutoPhone;
  readonly desktop: TestDesktop;
}

function createAgent(script: Script, dn: string): TestAgent {
  const phone = createAutoPhone(script, dn, { host: `127.0.3.${dn.slice(2)}`, port: 5060 }, "ring");
  phone.register();
  const desktop = createDesktop(script, dn);
  desktop.login();
  return { dn, phone, desktop };
}

function act(
  random: Random,
  script: Script,
  agents: readonly TestAgent[],
  callers: readonly AutoPhone[],
): void {
  const agent = pick(random, agents);
  const caller = pick(random, callers);
  const { dn: thisDN, desktop, phone } = agent;
  const [connID = ""] = script.state.callsByDn.get(thisDN) ?? [];
  switch (nextInt(random, 0, 12)) {
    case 0:
    case 1:
      return void caller.invite(queueDn);
    case 2:
      return hangUpAll(caller);
    case 3:
      return hangUpAll(phone);
    case 4:
      return void desktop.send({ request: "RequestAgentSetReady", thisDN });
    case 5:
      return void desktop.send({ request: "RequestAgentSetNotReady", thisDN });
    case 6:
      phone.manner = pick(random, ["ring", "answer", "busy", "silent"] as const);
      return;
    case 7:
      return tryTo(() => phone.take());
    case 8:
      return void desktop.send({ request: "RequestReleaseCall", thisDN, connID });
    case 9: {
      const otherDN = pick(random, [queueDn, ...dns]);
      const how = pick(random, [
        "RequestSingleStepTransfer",
        "RequestInitiateTransfer",
        "RequestMuteTransfer",
        "RequestRedirectCall",
      ] as const);
      return void desktop.send({ request: how, thisDN, connID, otherDN });
    }
    case 10: {
      const [main = "", consult = ""] = script.state.callsByDn.get(thisDN) ?? [];
      const complete = { request: "RequestCompleteTransfer", thisDN } as const;
      return void desktop.send({ ...complete, connID: main, transferConnID: consult });
    }
    case 11:
      return void desktop.send({
        request: "RequestMakeCall",
        thisDN,
        otherDN: pick(random, [queueDn, ...dns]),
      });
    default:
      script.pass(pick(random, [500, 3_000, 11_000, 16_000]));
  }
}

function hangUpAll(phone: AutoPhone): void {
  for (let count = 0; count < roundsMax; count += 1) {
    const before = phone.open().length;
    if (before === 0) return;
    phone.leave();
    if (phone.open().length === before) return;
  }
}

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    return; // no such call: the phone was not the one that rang
  }
}

function check(script: Script): void {
  const { queues, calls, agents, callsByDn } = script.state;
  for (const [queue, rows] of queues.waiting) {
    const ages = rows.map(({ since }) => since);
    expect(ages).toEqual(ages.toSorted((a, b) => a - b));
    for (const row of rows) {
      expect(calls.has(row.call)).toBe(true);
      expect(queues.queueByCall.get(row.call)).toBe(queue);
    }
    const offered = rows.flatMap(({ stage }) => (stage.kind === "offered" ? [stage.dn] : []));
    expect(new Set(offered).size).toBe(offered.length);
  }
  const available = [...agents.keys()].filter(
    (dn) => agents.get(dn)?.state.kind === "Ready" && !callsByDn.has(dn),
  );
  expect([...queues.idle].toSorted()).toEqual(available.toSorted());
  const members = available.filter((dn) => dn !== "1004");
  expect(queues.readyHere.get(queueDn) ?? 0).toBe(members.length);
}
