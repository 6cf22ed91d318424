import { queue } from "./stage.ts";
import type { TwoSitesStage } from "./two-sites-stage.ts";

/** What desktops at either of two sites are told: a call is seen where its agent is (PEERS.md). */
export interface TwoSitesScenario {
  readonly title: string;
  readonly note?: string;
  readonly run: (stage: TwoSitesStage) => void;
}

function ready(stage: TwoSitesStage, dn: string, site: 1 | 2): void {
  stage.act(`the agent on ${dn} is Ready at site ${site}`, () => {
    stage.login(dn, site);
    stage.ask(dn, site, { request: "RequestAgentSetReady", thisDN: dn });
  });
}

function login(stage: TwoSitesStage, dn: string, site: 1 | 2): void {
  stage.act(`the agent on ${dn} logs in at site ${site}`, () => stage.login(dn, site));
}

export const twoSitesScenarios: readonly TwoSitesScenario[] = [
  {
    title: "a call arrives at site 1 for an agent at site 2",
    run: (stage) => {
      login(stage, "1001", 2);
      stage.act("the outside caller dials 1001 at site 1", () => stage.gateway(1).invite("1001"));
      stage.act("1001 picks up", () => stage.phone("1001", 2).take());
      stage.act("the caller hangs up", () => stage.gateway(1).leave());
    },
  },
  {
    title: "an agent at site 2 dials through site 1",
    note: "The call goes to the agent's site first, so that EventDialing is told where the agent's desktop is.",
    run: (stage) => {
      login(stage, "1001", 2);
      login(stage, "1002", 2);
      stage.act("1001 dials 1002 through site 1", () => stage.phone("1001", 1).invite("1002"));
      stage.act("1002 picks up", () => stage.phone("1002", 2).take());
      stage.act("1001 hangs up", () => stage.phone("1001", 1).leave());
    },
  },
  {
    title: "a call waits in the queue of site 1, an agent is Ready at site 2",
    note: "The queue's events are told where the call waits; EventDiverted there has no thirdPartyDN.",
    run: (stage) => {
      stage.act("the outside caller dials 5000 at site 1", () => stage.gateway(1).invite(queue));
      ready(stage, "1001", 2);
      stage.act("1001 picks up", () => stage.phone("1001", 2).take());
      stage.act("the caller hangs up", () => stage.gateway(1).leave());
    },
  },
  {
    title: "the agent at site 2 lets the queue's call ring",
    run: (stage) => {
      ready(stage, "1001", 2);
      stage.act("the outside caller dials 5000 at site 1", () => stage.gateway(1).invite(queue));
      stage.act("10 s pass", () => stage.pass(10_500));
      ready(stage, "1002", 1);
      stage.act("1002 picks up", () => stage.phone("1002", 1).take());
    },
  },
  {
    title: "an agent who is logged in at site 1 logs in at site 2",
    note: "The later lease wins; the other login ends with the reason `dr-peer-login` and names the one that won.",
    run: (stage) => {
      login(stage, "1001", 1);
      login(stage, "1001", 2);
    },
  },
];
