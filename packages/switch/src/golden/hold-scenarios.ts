import type { Scenario } from "./scenarios.ts";
import type { Stage } from "./stage.ts";

/** Within an established call: hold, mute, digits, user data. */
function talk(stage: Stage, way: "internal" | "inbound" | "outbound"): string {
  if (way === "internal") stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
  if (way === "inbound")
    stage.act("the outside caller dials 1002", () => stage.gateway.invite("1002"));
  if (way === "outbound") stage.act("1002 dials out", () => stage.phone("1002").invite("9555"));
  const called = way === "outbound" ? stage.gateway : stage.phone("1002");
  stage.act("the called phone is picked up", () => called.take());
  return stage.connID();
}

const holds: readonly Scenario[] = (["internal", "inbound", "outbound"] as const).map((way) => ({
  title: `${way}: HoldCall, RetrieveCall`,
  run: (stage) => {
    const connID = talk(stage, way);
    const thisDN = "1002";
    stage.act("HoldCall", () => stage.ask("1002", { request: "RequestHoldCall", thisDN, connID }));
    stage.act("RetrieveCall", () =>
      stage.ask("1002", { request: "RequestRetrieveCall", thisDN, connID }),
    );
    stage.act("1002 hangs up", () => stage.phone("1002").leave());
  },
}));

export const holdScenarios: readonly Scenario[] = [
  ...holds,
  {
    title: "hold and retrieve by the phone itself",
    run: (stage) => {
      talk(stage, "internal");
      stage.act("1001's phone holds", () => stage.phone("1001").offerAgain("inactive"));
      stage.act("1001's phone retrieves", () => stage.phone("1001").offerAgain("sendrecv"));
    },
  },
  {
    title: "released by the other party while held",
    run: (stage) => {
      const connID = talk(stage, "inbound");
      stage.act("HoldCall", () =>
        stage.ask("1002", { request: "RequestHoldCall", thisDN: "1002", connID }),
      );
      stage.act("the caller hangs up", () => stage.gateway.leave());
    },
  },
  {
    title: "SetMuteOn, SetMuteOff",
    run: (stage) => {
      const connID = talk(stage, "inbound");
      const thisDN = "1002";
      stage.act("SetMuteOn", () =>
        stage.ask("1002", { request: "RequestSetMuteOn", thisDN, connID }),
      );
      stage.act("SetMuteOff", () =>
        stage.ask("1002", { request: "RequestSetMuteOff", thisDN, connID }),
      );
    },
  },
  {
    title: "SendDTMF",
    run: (stage) => {
      const connID = talk(stage, "outbound");
      stage.act("SendDTMF", () =>
        stage.ask("1002", {
          request: "RequestSendDTMF",
          thisDN: "1002",
          connID,
          dtmfDigits: "12#",
        }),
      );
    },
  },
  {
    title: "AttachUserData, UpdateUserData, DeletePair",
    run: (stage) => {
      const connID = talk(stage, "internal");
      const thisDN = "1002";
      stage.act("AttachUserData", () =>
        stage.ask("1002", {
          request: "RequestAttachUserData",
          thisDN,
          connID,
          userData: { account: "77", tier: "gold" },
        }),
      );
      stage.act("UpdateUserData", () =>
        stage.ask("1002", {
          request: "RequestUpdateUserData",
          thisDN,
          connID,
          userData: { account: "78", note: "call back" },
        }),
      );
      stage.act("DeletePair", () =>
        stage.ask("1002", { request: "RequestDeletePair", thisDN, connID, key: "note" }),
      );
    },
  },
];
