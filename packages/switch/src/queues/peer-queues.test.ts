import { headerOf } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import { createPhone, offerOf } from "../testing/phone.ts";
import {
  queueDn,
  queueSite,
  readyAgent,
  outsideCaller,
  watchQueue,
} from "../testing/queue-site.ts";
import { requestIn, responseIn } from "../testing/script.ts";
import { createTwoSites, peerConfig, type TwoSites } from "../testing/two-sites.ts";

function twoQueues(): TwoSites {
  const { dns } = queueSite({ overflowMs: 3_600_000 });
  const sites = createTwoSites(peerConfig(1, { dns }), peerConfig(2, { dns }));
  sites.pass(1_000);
  return sites;
}

/** An agent Ready at site 2, of whom site 1 has heard. */
function agentAtPeer(sites: TwoSites, dn = "1001"): ReturnType<typeof readyAgent> {
  const agent = readyAgent(sites.site2, dn);
  sites.carry();
  return agent;
}

describe("P7 queues at two sites", () => {
  test("P7 without a Ready agent here the oldest call is offered there, with its data", () => {
    const sites = twoQueues();
    const agent = agentAtPeer(sites);
    const queue = watchQueue(sites.site1);
    expect(sites.site1.state.queues.readyAtPeer).toEqual(new Map([[queueDn, 1]]));
    const caller = outsideCaller(sites.site1);
    caller.invite(queueDn);
    sites.carry();
    const [call] = sites.site1.state.calls.values();
    const invite = requestIn(agent.phone.heard(), "INVITE");
    expect(headerOf(invite, "x-tandem-hop")).toBe(undefined);
    agent.phone.respond(180);
    agent.phone.respond(200, offerOf("127.0.3.1", 5000));
    sites.carry();
    caller.answered(responseIn(caller.heard(), 200));
    caller.ack();
    sites.carry();
    expect(agent.desktop.heard()).toMatchObject([
      { event: "EventRinging", connID: call?.connID, thisQueue: queueDn, callType: "Inbound" },
      { event: "EventEstablished", callUUID: call?.callUUID },
    ]);
    expect(queue.names()).toEqual(["EventQueued", "EventDiverted"]);
    expect(call?.hopsUsed).toEqual([]);
    caller.request("BYE");
    sites.carry();
    agent.phone.reply(requestIn(agent.phone.heard(), "BYE"), 200);
    sites.pass(40_000);
    for (const { state } of [sites.site1, sites.site2]) {
      expect([state.calls.size, state.queues.queueByCall.size]).toEqual([0, 0]);
    }
  });

  test("P7 one offer for each Ready agent reported; none left there: 480 at once, place kept", () => {
    const sites = twoQueues();
    const agent = agentAtPeer(sites);
    // Site 1 has not heard yet that the only agent is on a call.
    const direct = createPhone(sites.site2, "gateway", { host: "127.0.3.1", port: 5071 });
    sites.trunk = "cut";
    direct.invite("1001");
    sites.carry();
    sites.trunk = "up";
    agent.phone.heard();
    const [one, two] = [outsideCaller(sites.site1), outsideCaller(sites.site1)];
    one.invite(queueDn);
    two.invite(queueDn);
    const stages = (): unknown[] =>
      (sites.site1.state.queues.waiting.get(queueDn) ?? []).map(({ stage }) => stage.kind);
    expect(stages()).toEqual(["offeredToPeer", "waiting"]);
    sites.carry();
    expect(stages()).toEqual(["waiting", "waiting"]);
    expect(sites.site2.state.queues.queueByCall.size).toBe(0);
    expect(sites.site1.state.queues.readyAtPeer.has(queueDn)).toBe(false);
    const [oldest] = sites.site1.state.calls.values();
    expect(oldest?.hopsUsed).toEqual([]);
  });

  test("P7 an agent there who does not answer is Not Ready there; the call waits on here", () => {
    const sites = twoQueues();
    const agent = agentAtPeer(sites);
    const queue = watchQueue(sites.site1);
    outsideCaller(sites.site1).invite(queueDn);
    sites.carry();
    agent.phone.heard();
    agent.phone.respond(180);
    sites.pass(10_250);
    expect(agent.desktop.heard().at(1)).toMatchObject({
      event: "EventAgentNotReady",
      reasons: { ReasonCode: "no-answer" },
    });
    expect(queue.names()).toEqual(["EventQueued", "EventDiverted", "EventQueued"]);
    const other = agentAtPeer(sites, "1002");
    sites.carry();
    expect(requestIn(other.phone.heard(), "INVITE").method).toBe("INVITE");
  });

  test("P7 an agent here comes first; a dead peer is offered nothing", () => {
    const sites = twoQueues();
    const there = agentAtPeer(sites);
    const here = readyAgent(sites.site1, "1002");
    outsideCaller(sites.site1).invite(queueDn);
    sites.carry();
    expect(requestIn(here.phone.heard(), "INVITE").method).toBe("INVITE");
    expect(there.phone.heard()).toEqual([]);
    sites.trunk = "cut";
    sites.pass(5_000);
    outsideCaller(sites.site1).invite(queueDn);
    sites.pass(250);
    const [, second] = sites.site1.state.queues.waiting.get(queueDn) ?? [];
    expect(second?.stage.kind).toBe("waiting");
  });

  test("P7 a peer that dies with an offer: the call waits on with its age", () => {
    const sites = twoQueues();
    agentAtPeer(sites);
    sites.trunk = "cut";
    outsideCaller(sites.site1).invite(queueDn);
    expect(sites.site1.state.queues.waiting.get(queueDn)).toMatchObject([
      { stage: { kind: "offeredToPeer" } },
    ]);
    sites.pass(5_000);
    expect(sites.site1.state.queues.waiting.get(queueDn)).toMatchObject([
      { stage: { kind: "waiting" }, since: 1_000 },
    ]);
  });
});
