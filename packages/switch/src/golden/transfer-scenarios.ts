import type { Scenario } from "./scenarios.ts";
import type { Stage } from "./stage.ts";

/** Consultation and transfers by 1002, who talks with 1001, or with somebody outside. */
const ways = ["internal", "inbound", "outbound"] as const;
type Way = (typeof ways)[number];

function talk(stage: Stage, way: Way): void {
  stage.phone("1002").manner = "answer";
  if (way === "internal") stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
  if (way === "inbound") {
    stage.act("the outside caller dials 1002", () => stage.gateway.invite("1002"));
  }
  if (way === "outbound") {
    stage.gateway.manner = "answer";
    stage.act("1002 dials out", () => stage.phone("1002").invite("9555"));
  }
}

function consult(stage: Stage, request: "RequestInitiateTransfer" | "RequestMuteTransfer"): void {
  const userData = { topic: "invoice" };
  const asked = { request, thisDN: "1002", otherDN: "1003", userData } as const;
  const name = request === "RequestInitiateTransfer" ? "InitiateTransfer" : "MuteTransfer";
  stage.act(`${name} to 1003`, () => stage.ask("1002", { ...asked, connID: stage.connID("A") }));
}

function complete(stage: Stage): void {
  stage.act("CompleteTransfer", () =>
    stage.ask("1002", {
      request: "RequestCompleteTransfer",
      thisDN: "1002",
      connID: stage.connID("A"),
      transferConnID: stage.connID("B"),
    }),
  );
}

const thisDN = "1002";

function perWay(way: Way): Scenario[] {
  const end = (stage: Stage): void => stage.act("1003 hangs up", () => stage.phone("1003").leave());
  return [
    {
      title: `${way}: two-step transfer`,
      run: (stage) => {
        talk(stage, way);
        consult(stage, "RequestInitiateTransfer");
        stage.act("1003 picks up", () => stage.phone("1003").take());
        complete(stage);
        end(stage);
      },
    },
    {
      title: `${way}: single-step transfer`,
      run: (stage) => {
        talk(stage, way);
        stage.act("SingleStepTransfer to 1003", () =>
          stage.ask("1002", {
            request: "RequestSingleStepTransfer",
            thisDN,
            connID: stage.connID("A"),
            otherDN: "1003",
          }),
        );
        stage.act("1003 picks up", () => stage.phone("1003").take());
        end(stage);
      },
    },
    {
      title: `${way}: mute transfer`,
      run: (stage) => {
        talk(stage, way);
        consult(stage, "RequestMuteTransfer");
        stage.act("1003 picks up", () => stage.phone("1003").take());
        end(stage);
      },
    },
  ];
}

const consultations: readonly Scenario[] = [
  {
    title: "two-step transfer completed while the consulted phone rings",
    run: (stage) => {
      talk(stage, "inbound");
      consult(stage, "RequestInitiateTransfer");
      complete(stage);
      stage.act("1003 picks up", () => stage.phone("1003").take());
    },
  },
  {
    title: "consultation: AlternateCall, and again",
    run: (stage) => {
      talk(stage, "inbound");
      consult(stage, "RequestInitiateTransfer");
      stage.act("1003 picks up", () => stage.phone("1003").take());
      for (const [active, held] of [
        ["B", "A"],
        ["A", "B"],
      ] as const) {
        stage.act(`AlternateCall, ${active} is active`, () =>
          stage.ask("1002", {
            request: "RequestAlternateCall",
            thisDN,
            connID: stage.connID(active),
            heldConnID: stage.connID(held),
          }),
        );
      }
    },
  },
  {
    title: "consultation: ReconnectCall",
    run: (stage) => {
      talk(stage, "inbound");
      consult(stage, "RequestInitiateTransfer");
      stage.act("1003 picks up", () => stage.phone("1003").take());
      stage.act("ReconnectCall", () =>
        stage.ask("1002", {
          request: "RequestReconnectCall",
          thisDN,
          connID: stage.connID("B"),
          heldConnID: stage.connID("A"),
        }),
      );
    },
  },
  {
    title: "consultation: the consulted party is busy",
    run: (stage) => {
      talk(stage, "inbound");
      stage.phone("1003").manner = "busy";
      consult(stage, "RequestInitiateTransfer");
      stage.act("RetrieveCall", () =>
        stage.ask("1002", {
          request: "RequestRetrieveCall",
          thisDN,
          connID: stage.connID("A"),
        }),
      );
    },
  },
  {
    title: "consultation: the consulted party hangs up",
    run: (stage) => {
      talk(stage, "inbound");
      consult(stage, "RequestInitiateTransfer");
      stage.act("1003 picks up", () => stage.phone("1003").take());
      stage.act("1003 hangs up", () => stage.phone("1003").leave());
    },
  },
  {
    title: "the main call's caller hangs up during the consultation",
    run: (stage) => {
      talk(stage, "inbound");
      consult(stage, "RequestInitiateTransfer");
      stage.act("1003 picks up", () => stage.phone("1003").take());
      stage.act("the caller hangs up", () => stage.gateway.leave());
    },
  },
];

export const transferScenarios: readonly Scenario[] = [...ways.flatMap(perWay), ...consultations];
