import type { Scenario } from "./scenarios.ts";
import type { Stage } from "./stage.ts";

/** A call between two parties, by who calls whom and how it ends. */
interface Ends {
  readonly title: string;
  readonly begin: (stage: Stage) => void;
  readonly caller: (stage: Stage) => Stage["gateway"];
  readonly callee: (stage: Stage) => Stage["gateway"];
}

const ways: readonly Ends[] = [
  {
    title: "internal",
    begin: (stage) => stage.phone("1001").invite("1002"),
    caller: (stage) => stage.phone("1001"),
    callee: (stage) => stage.phone("1002"),
  },
  {
    title: "inbound",
    begin: (stage) => stage.gateway.invite("1002"),
    caller: (stage) => stage.gateway,
    callee: (stage) => stage.phone("1002"),
  },
  {
    title: "outbound",
    begin: (stage) => stage.phone("1001").invite("9555"),
    caller: (stage) => stage.phone("1001"),
    callee: (stage) => stage.gateway,
  },
];

function plain(way: Ends): Scenario[] {
  const dials = way.title === "inbound" ? "the outside caller dials 1002" : "1001 dials";
  const begin = (stage: Stage): void => stage.act(dials, () => way.begin(stage));
  const answered = (stage: Stage): void => {
    begin(stage);
    stage.act("the called phone is picked up", () => way.callee(stage).take());
  };
  return [
    {
      title: `${way.title}: answered, released by the caller`,
      run: (stage) => {
        answered(stage);
        stage.act("the caller hangs up", () => way.caller(stage).leave());
      },
    },
    {
      title: `${way.title}: answered, released by the called`,
      run: (stage) => {
        answered(stage);
        stage.act("the called hangs up", () => way.callee(stage).leave());
      },
    },
    {
      title: `${way.title}: busy`,
      run: (stage) => {
        way.callee(stage).manner = "busy";
        begin(stage);
      },
    },
    {
      title: `${way.title}: nobody answers`,
      run: (stage) => {
        begin(stage);
        const waits = way.title === "outbound" ? 186_000 : 21_000;
        stage.act("time passes", () => stage.pass(waits));
      },
    },
    {
      title: `${way.title}: abandoned by the caller`,
      run: (stage) => {
        begin(stage);
        stage.act("the caller gives up", () => way.caller(stage).cancel());
      },
    },
  ];
}

const fromDesktop: readonly Scenario[] = [
  {
    title: "MakeCall, AnswerCall, ReleaseCall",
    note: "EventDialing follows once the agent's own phone has taken the call, and answers the request. The called desktop's AnswerCall is answered by EventEstablished.",
    run: (stage) => {
      const userData = { account: "77" };
      stage.phone("1001").manner = "answer";
      stage.act("MakeCall", () =>
        stage.ask("1001", {
          request: "RequestMakeCall",
          thisDN: "1001",
          otherDN: "1002",
          userData,
        }),
      );
      stage.act("AnswerCall", () =>
        stage.ask("1002", { request: "RequestAnswerCall", thisDN: "1002", connID: stage.connID() }),
      );
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
    title: "ReleaseCall declines a call that rings",
    run: (stage) => {
      stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
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
    title: "ClearCall ends the call for all",
    run: (stage) => {
      stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
      stage.act("1002 picks up", () => stage.phone("1002").take());
      stage.act("ClearCall", () =>
        stage.ask("1001", { request: "RequestClearCall", thisDN: "1001", connID: stage.connID() }),
      );
    },
  },
  {
    title: "RedirectCall: a call that rings shall ring elsewhere",
    note: "The DN that redirects sees EventReleased, state Redirected: its part is over. Some switches send EventDiverted there; here that event is a queue's alone.",
    run: (stage) => {
      stage.act("the outside caller dials 1002", () => stage.gateway.invite("1002"));
      stage.act("RedirectCall to 1003", () =>
        stage.ask("1002", {
          request: "RequestRedirectCall",
          thisDN: "1002",
          connID: stage.connID(),
          otherDN: "1003",
        }),
      );
      stage.act("1003 picks up", () => stage.phone("1003").take());
      stage.act("1003 hangs up", () => stage.phone("1003").leave());
    },
  },
];

export const plainScenarios: readonly Scenario[] = [...ways.flatMap(plain), ...fromDesktop];
