import type { Scenario } from "./scenarios.ts";

/** Agents, and what DNs do with calls by themselves. */
const thisDN = "1002";

export const agentScenarios: readonly Scenario[] = [
  {
    title: "Ready, Not Ready, after-call work, logout",
    run: (stage) => {
      stage.act("AgentSetReady, AutoIn", () =>
        stage.ask(thisDN, { request: "RequestAgentSetReady", thisDN, workMode: "AutoIn" }),
      );
      const reasons = { ReasonCode: "lunch" };
      stage.act("AgentSetNotReady", () =>
        stage.ask(thisDN, { request: "RequestAgentSetNotReady", thisDN, reasons }),
      );
      stage.act("AgentSetNotReady, AfterCallWork for 2 s", () =>
        stage.ask(thisDN, {
          request: "RequestAgentSetNotReady",
          thisDN,
          workMode: "AfterCallWork",
          afterCallWorkMs: 2_000,
        }),
      );
      stage.act("2 s pass", () => stage.pass(2_250));
      stage.act("AgentLogout", () => stage.ask(thisDN, { request: "RequestAgentLogout", thisDN }));
    },
  },
  {
    title: "ManualIn: after-call work after the call, until the agent is Ready",
    run: (stage) => {
      stage.act("AgentSetReady, ManualIn", () =>
        stage.ask(thisDN, { request: "RequestAgentSetReady", thisDN, workMode: "ManualIn" }),
      );
      stage.phone("1002").manner = "answer";
      stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
      stage.act("1001 hangs up", () => stage.phone("1001").leave());
      stage.act("AgentSetReady", () =>
        stage.ask(thisDN, { request: "RequestAgentSetReady", thisDN, workMode: "ManualIn" }),
      );
    },
  },
  {
    title: "a supervisor logs an agent out",
    note: "`extensions` say that it was forced and by whom, `reasons` why. A call that goes on is not touched.",
    run: (stage) => {
      stage.act("AgentForceLogout", () =>
        stage.supervisor({
          request: "RequestAgentForceLogout",
          thisDN: "1001",
          targetDN: "1002",
          reasons: { ReasonCode: "end-of-shift" },
        }),
      );
    },
  },
  {
    title: "do not disturb: a call is refused, and nobody at the DN hears of it",
    run: (stage) => {
      stage.act("SetDNDOn", () => stage.ask(thisDN, { request: "RequestSetDNDOn", thisDN }));
      stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
      stage.act("SetDNDOff", () => stage.ask(thisDN, { request: "RequestSetDNDOff", thisDN }));
    },
  },
  ...(["Unconditional", "OnBusy", "OnNoAnswer"] as const).map(
    (forwardMode): Scenario => ({
      title: `call forward ${forwardMode}`,
      note: "The DN that the call reaches is told who forwarded it: callState Forwarded, thirdPartyDN. A DN that forwards every call hears nothing of it; one that rang first sees its part end as Forwarded.",
      run: (stage) => {
        stage.act("CallForwardSet to 1003", () =>
          stage.ask(thisDN, {
            request: "RequestCallForwardSet",
            thisDN,
            otherDN: "1003",
            forwardMode,
          }),
        );
        if (forwardMode === "OnBusy") stage.phone("1002").manner = "busy";
        stage.act("the outside caller dials 1002", () => stage.gateway.invite("1002"));
        if (forwardMode === "OnNoAnswer") stage.act("time passes", () => stage.pass(20_500));
        stage.act("1003 picks up", () => stage.phone("1003").take());
        stage.act("the caller hangs up", () => stage.gateway.leave());
        stage.act("CallForwardCancel", () =>
          stage.ask(thisDN, { request: "RequestCallForwardCancel", thisDN }),
        );
      },
    }),
  ),
  {
    title: "MonitorNextCall: a supervisor sees the agent's next call",
    note: "Without media: the supervisor's own events name the observed DN in otherDN. The real product invites the supervisor into the call; that comes with a media server.",
    run: (stage) => {
      stage.phone("1002").manner = "answer";
      stage.act("MonitorNextCall", () =>
        stage.supervisor({
          request: "RequestMonitorNextCall",
          thisDN: "1001",
          otherDN: "1002",
          monitorNextCallType: "MonitorOneCall",
        }),
      );
      stage.act("the outside caller dials 1002", () => stage.gateway.invite("1002"));
      stage.act("the caller hangs up", () => stage.gateway.leave());
    },
  },
];
