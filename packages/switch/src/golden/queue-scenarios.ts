import type { Scenario } from "./scenarios.ts";
import { queue, type Stage } from "./stage.ts";

/** Calls for queue 5000. Its DN's watchers see the first part, the agent's desktop the second. */
function ready(stage: Stage, dn: string): void {
  stage.act(`agent 1 on ${dn} becomes Ready`.replace("agent 1", "the agent"), () =>
    stage.ask(dn, { request: "RequestAgentSetReady", thisDN: dn }),
  );
}

function dials(stage: Stage): void {
  stage.act("the outside caller dials 5000", () => stage.gateway.invite(queue));
}

export const queueScenarios: readonly Scenario[] = [
  {
    title: "inbound: diverted to the longest available agent, answered",
    note: "EventDiverted is told when the agent's phone rings, directly before EventRinging: a phone that could not be reached has had no call.",
    run: (stage) => {
      ready(stage, "1002");
      ready(stage, "1003");
      dials(stage);
      stage.act("1002 picks up", () => stage.phone("1002").take());
      stage.act("the caller hangs up", () => stage.gateway.leave());
    },
  },
  {
    title: "internal: a DN dials the queue, and waits until an agent is Ready",
    run: (stage) => {
      stage.act("1001 dials 5000", () => stage.phone("1001").invite(queue));
      ready(stage, "1002");
      stage.act("1002 picks up", () => stage.phone("1002").take());
      stage.act("1002 hangs up", () => stage.phone("1002").leave());
    },
  },
  {
    title: "MakeCall to the queue, with user data",
    run: (stage) => {
      const userData = { account: "77" };
      stage.phone("1001").manner = "answer";
      stage.act("MakeCall to 5000", () =>
        stage.ask("1001", {
          request: "RequestMakeCall",
          thisDN: "1001",
          otherDN: queue,
          userData,
        }),
      );
      ready(stage, "1002");
      stage.act("1002 picks up", () => stage.phone("1002").take());
    },
  },
  {
    title: "abandoned while it waits",
    run: (stage) => {
      dials(stage);
      stage.act("the caller gives up", () => stage.gateway.cancel());
    },
  },
  {
    title: "abandoned while it rings at the agent",
    run: (stage) => {
      ready(stage, "1002");
      dials(stage);
      stage.act("the caller gives up", () => stage.gateway.cancel());
    },
  },
  {
    title: "the agent does not answer: back in the queue, then to the next agent",
    note: "The call has the place and the age that it had. The agent who let it ring is Not Ready with reason `no-answer`.",
    run: (stage) => {
      ready(stage, "1002");
      dials(stage);
      stage.act("time passes", () => stage.pass(10_500));
      ready(stage, "1003");
      stage.act("1003 picks up", () => stage.phone("1003").take());
    },
  },
  {
    title: "the agent's desktop declines",
    run: (stage) => {
      ready(stage, "1002");
      dials(stage);
      stage.act("ReleaseCall", () =>
        stage.ask("1002", {
          request: "RequestReleaseCall",
          thisDN: "1002",
          connID: stage.connID(),
        }),
      );
    },
  },
  {
    title: "overflow after 30 s",
    run: (stage) => {
      dials(stage);
      stage.act("30 s pass", () => stage.pass(30_250));
      stage.act("1004 picks up", () => stage.phone("1004").take());
      stage.act("1004 hangs up", () => stage.phone("1004").leave());
    },
  },
  {
    title: "single-step transfer into the queue",
    note: "The transfer is done when the queue has the call; EventPartyChanged tells the caller's side.",
    run: (stage) => {
      stage.phone("1004").manner = "answer";
      stage.act("1001 dials 1004", () => stage.phone("1001").invite("1004"));
      stage.act("SingleStepTransfer to 5000", () =>
        stage.ask("1004", {
          request: "RequestSingleStepTransfer",
          thisDN: "1004",
          connID: stage.connID(),
          otherDN: queue,
        }),
      );
      ready(stage, "1002");
      stage.act("1002 picks up", () => stage.phone("1002").take());
    },
  },
];
